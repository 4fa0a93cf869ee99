"""What PeerTube and Mastodon share: servers of others that keep copies, and what their people write, as HTML."""

from __future__ import annotations

from datetime import UTC, datetime
from html.parser import HTMLParser

from vrijgave.i18n import _


def copies_elsewhere(name: str, url: str) -> str:
    """What a deletion does not reach, as a sentence for a person."""
    return _(
        "Other servers may still show a copy of {url}. {platform} has asked them to delete it; look there after a day, "
        "and ask the owner of each server that still shows it to remove it."
    ).format(platform=name, url=url)


def plain(html: str) -> str:
    """The text of HTML: paragraphs apart, no tags."""
    reader = _Text()
    reader.feed(html)
    reader.close()
    return "".join(reader.parts).strip()


def utc(value: str) -> datetime:
    """A time as these interfaces write it."""
    return datetime.fromisoformat(value).astimezone(UTC)


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A line ends."""
        if tag == "br":
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """A paragraph ends."""
        if tag == "p":
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        """Words."""
        self.parts.append(data)
