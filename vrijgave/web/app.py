"""The application: routes behind the gate, in the envelope of headers."""

from __future__ import annotations

from pathlib import Path

from fastapi import Depends, FastAPI, Response
from fastapi.staticfiles import StaticFiles
from starlette.types import Scope

from vrijgave.services.context import Context
from vrijgave.store.proven import ProvenBlobs
from vrijgave.web import vendor
from vrijgave.web.access import check_csrf, enter
from vrijgave.web.errors import add_handlers
from vrijgave.web.feed import Pulse
from vrijgave.web.headers import Envelope
from vrijgave.web.routes import ROUTERS

STATIC = Path(__file__).resolve().parent / "static"


class _Static(StaticFiles):
    """Files that a browser keeps, but asks each time whether they are still the same."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["cache-control"] = "no-cache"
        return response


def create_app(context: Context) -> FastAPI:
    """The application on ``context``. Raises ``ActionRequired`` when the front-end packages are missing."""
    vendor.check()
    app = FastAPI(
        title="Vrijgave",
        openapi_url=None,
        dependencies=[Depends(enter), Depends(check_csrf)],
        redirect_slashes=False,
    )
    app.state.context = context
    app.state.pulse = Pulse(context)
    app.state.proven = ProvenBlobs(context.blobs)
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/static", _Static(directory=STATIC), name="static")
    app.add_middleware(Envelope, settings=context.settings)
    add_handlers(app)
    return app
