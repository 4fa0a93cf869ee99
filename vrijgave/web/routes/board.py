"""The board, its rows for a live update, and the feed that says when to ask for them."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from vrijgave.web.access import App, SignedIn, visitor_of
from vrijgave.web.feed import changes
from vrijgave.web.pages import show
from vrijgave.web.views.board import BoardFilter, board_page, board_rows

router = APIRouter()


@router.get("/board")
def board(request: Request, context: App, account: SignedIn) -> Response:
    """All releases that the person may see, as the address asks for them."""
    with context.reading() as uow:
        page = board_page(uow, account, BoardFilter.read(request.query_params), context.now())
    return show(request, page)


@router.get("/board/rows")
def rows(request: Request, context: App, account: SignedIn) -> Response:
    """The same without the frame."""
    with context.reading() as uow:
        page = board_rows(uow, account, BoardFilter.read(request.query_params), context.now())
    return show(request, page)


@router.get("/board/live")
def live(request: Request, context: App) -> Response:
    """An event whenever the board has to be asked for anew. Carries no data, so that each asks for their own."""
    feed = changes(request.app.state.pulse, context, visitor_of(request).token)
    return StreamingResponse(feed, media_type="text/event-stream", headers={"x-accel-buffering": "no"})
