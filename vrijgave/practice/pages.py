"""What the public sees of the practice platform: the embedding card, the watch page and the files behind it."""

from __future__ import annotations

from html import escape
from urllib.parse import parse_qs, urlsplit

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, JSONResponse

from vrijgave.practice.base import HEADERS, STYLE, page
from vrijgave.practice.channel import Channel, Place, Video
from vrijgave.practice.faults import Faults

_NAME = "YouTube"


def make_pages(channel: Channel, faults: Faults) -> APIRouter:
    """The routes that ask for no credentials."""
    router = APIRouter()

    @router.get("/oembed")
    async def oembed(request: Request, url: str) -> Response:
        """The card for a public or unlisted video; 403 for a private one, 404 for none."""
        async with faults.around(Place.OEMBED, request):
            video_id = _video_id(url)
            video = channel.public_video(video_id)
        if video is None:
            return Response(status_code=403 if video_id in channel.state.videos else 404)
        return JSONResponse({"type": "video", "version": "1.0", "title": video.snippet["title"]})

    @router.get("/watch")
    async def watch(v: str = "") -> Response:
        """The page of one video."""
        video = channel.public_video(v)
        if video is None:
            body = "<h1>Deze video is niet beschikbaar</h1>"
            return page(_NAME, "Niet beschikbaar", body, status=404)
        return page(
            _NAME, video.snippet["title"], _video_body(video), language=video.snippet.get("defaultLanguage", "nl")
        )

    @router.get("/practice/videos/{video_id}.mp4")
    async def video_file(video_id: str) -> Response:
        """The file of a public video."""
        if channel.public_video(video_id) is None:
            return Response(status_code=404)
        return FileResponse(channel.video_path(video_id), media_type="video/mp4", headers=HEADERS)

    @router.get("/practice/thumbnails/{video_id}")
    async def thumbnail(video_id: str) -> Response:
        """The thumbnail of a public video."""
        video = channel.public_video(video_id)
        if video is None or video.thumbnail is None:
            return Response(status_code=404)
        return FileResponse(channel.thumbnail_path(video_id), media_type=video.thumbnail, headers=HEADERS)

    @router.get("/practice/style.css")
    async def style() -> Response:
        """The look of the pages."""
        return Response(STYLE, media_type="text/css", headers=HEADERS)

    return router


def _video_id(url: str) -> str:
    return parse_qs(urlsplit(url).query).get("v", [""])[0]


def _video_body(video: Video) -> str:
    poster = f' poster="/practice/thumbnails/{video.id}"' if video.thumbnail else ""
    title, description = escape(video.snippet["title"]), escape(video.snippet["description"])
    return (
        f'<video controls preload="metadata" src="/practice/videos/{video.id}.mp4"{poster}></video>\n'
        f'<h1>{title}</h1>\n<p class="tekst">{description}</p>'
    )
