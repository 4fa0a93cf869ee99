"""What the public sees of the practice platform: the embedding card, the watch page and the files behind it."""

from __future__ import annotations

from html import escape
from urllib.parse import parse_qs, urlsplit

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse

from vrijgave.practice.channel import Channel, Video
from vrijgave.practice.faults import Faults, Place

_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; media-src 'self'; img-src 'self'; style-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}
_STYLE = """\
body{margin:0;font:1.0625rem/1.5 system-ui,sans-serif;color:#111;background:#fff}
.oefen{margin:0;background:#ffd500;color:#111;padding:.75rem 1rem;font-weight:700}
.oefen span{display:block;font-weight:400}
main{max-width:60rem;margin:0 auto;padding:1rem}
video,img{display:block;width:100%;height:auto;background:#000}
h1{font-size:1.5rem;line-height:1.25}
.tekst{white-space:pre-line;overflow-wrap:anywhere}
"""
_PAGE = """\
<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} – oefenplatform</title>
<link rel="stylesheet" href="/practice/style.css">
</head>
<body>
<p class="oefen">Oefenplatform: dit is niet het echte YouTube; niets hiervan is openbaar.
<span lang="en">Practice platform: this is not the real YouTube; none of this is public.</span></p>
<main>
{body}
</main>
</body>
</html>
"""


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
            return _page("Niet beschikbaar", body, status=404)
        return _page(video.snippet["title"], _video_body(video), language=video.snippet.get("defaultLanguage", "nl"))

    @router.get("/practice/videos/{video_id}.mp4")
    async def video_file(video_id: str) -> Response:
        """The file of a public video."""
        if channel.public_video(video_id) is None:
            return Response(status_code=404)
        return FileResponse(channel.video_path(video_id), media_type="video/mp4", headers=_HEADERS)

    @router.get("/practice/thumbnails/{video_id}")
    async def thumbnail(video_id: str) -> Response:
        """The thumbnail of a public video."""
        video = channel.public_video(video_id)
        if video is None or video.thumbnail is None:
            return Response(status_code=404)
        return FileResponse(channel.thumbnail_path(video_id), media_type=video.thumbnail, headers=_HEADERS)

    @router.get("/practice/style.css")
    async def style() -> Response:
        """The look of the pages."""
        return Response(_STYLE, media_type="text/css", headers=_HEADERS)

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


def _page(title: str, body: str, *, language: str = "nl", status: int = 200) -> HTMLResponse:
    content = _PAGE.format(language=escape(language), title=escape(title), body=body)
    return HTMLResponse(content, status_code=status, headers=_HEADERS)
