"""Handing in: the list of one's drafts, the form, and what happens next."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from vrijgave.domain.cases import FootageKind
from vrijgave.domain.hand_in import MOST_MARKS, HandIn
from vrijgave.domain.releases import Release
from vrijgave.i18n import _
from vrijgave.services.context import Context
from vrijgave.services.hand_in_facts import CHOICES, DATES, LONG, NEEDED, SHORT, TIMES
from vrijgave.services.uploads import received
from vrijgave.store.unit_of_work import UnitOfWork
from vrijgave.web import words
from vrijgave.web.pages import Page
from vrijgave.web.tus import PREFIX
from vrijgave.words import footage_kind


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRow:
    """A draft at a glance."""

    id: str
    title: str
    number: str
    file: str
    changed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandInsPage(Page):
    """One's drafts, and where a new one begins."""

    template: ClassVar[str] = "hand_ins.html.j2"
    drafts: tuple[DraftRow, ...]
    days: int
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What keeps a draft from being handed in; leads to its field."""

    target: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformChoice:
    """A platform to tick."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HandInPage(Page):
    """The form."""

    template: ClassVar[str] = "hand_in.html.j2"
    id: str
    facts: Mapping[str, str]
    errors: Mapping[str, str]
    """Fact -> what is wrong with it."""
    problems: tuple[Problem, ...]
    needed: tuple[str, ...]
    most: Mapping[str, int]
    platforms: tuple[PlatformChoice, ...]
    cameras: tuple[tuple[str, str], ...]
    """Kind of footage -> what it is called; not known first."""
    config: str
    """JSON for the scripts: addresses, words, and how far the file is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedInPage(Page):
    """What happens next."""

    template: ClassVar[str] = "handed_in.html.j2"
    release_id: str
    number: str
    title: str
    sha256: str
    marks: int
    asked: bool


ORDER = (
    "upload", "offence", "offence_article", "public_place", "place", "incident_from", "incident_to", "reported_at",
    "secured_at", "footage_source", "public_case_number", "registration_number", "unit", "team", "question", "scene",
    "question_en", "scene_en", "targets",
)  # fmt: skip
"""The fields as they follow on the page; the others come after them."""


def cameras() -> tuple[tuple[str, str], ...]:
    """The kinds of footage and what they are called; not known first."""
    kinds = sorted(FootageKind, key=lambda kind: kind is not FootageKind.UNKNOWN)
    return tuple((kind.value, footage_kind(kind)) for kind in kinds)


def hand_ins_page(uow: UnitOfWork, owner: str, context: Context, error: str = "") -> HandInsPage:
    """The drafts of ``owner``."""
    rows = tuple(_row(draft, context) for draft in uow.hand_ins.open(owner))
    return HandInsPage(drafts=rows, days=context.settings.hand_in_keep.days, error=error)


def _row(draft: HandIn, context: Context) -> DraftRow:
    facts, upload = draft.facts, draft.upload
    title = ", ".join(filter(None, (facts.get("offence", ""), facts.get("public_place", ""))))
    if upload is None:
        file = _("no footage yet")
    elif upload.refused:
        file = _("footage refused")
    elif upload.ready:
        file = f"{upload.name}, {words.size(upload.size)}"
    else:
        share = 100 * received(context.settings, upload) // upload.size
        file = _("{name}, {share}% sent").format(name=upload.name, share=share)
    return DraftRow(
        id=draft.id,
        title=title or _("Hand-in without an offence yet"),
        number=facts.get("public_case_number", ""),
        file=file,
        changed=words.moment(draft.changed_at, context.settings),
    )


def hand_in_page(draft: HandIn, context: Context, problems: Mapping[str, str] | None = None) -> HandInPage:
    """The form with what was typed; ``problems`` where it was tried to hand it in."""
    errors = dict(problems or {})
    facts = {name: draft.facts.get(name, "") for name in (*SHORT, *LONG, *TIMES, *DATES, *CHOICES)}
    chosen = facts["targets"].split()
    return HandInPage(
        id=draft.id,
        facts=facts,
        errors=errors,
        problems=tuple(
            Problem(target="file" if name == "upload" else name, message=errors[name])
            for name in sorted(errors, key=lambda n: ORDER.index(n) if n in ORDER else len(ORDER))
        ),
        needed=NEEDED,
        most=dict(SHORT) | dict(LONG),
        platforms=tuple(
            PlatformChoice(value=p.value, label=words.platform_name(p), chosen=p.value in chosen)
            for p in context.platforms()
        ),
        cameras=cameras(),
        config=json.dumps(_config(draft, context)),
    )


def _config(draft: HandIn, context: Context) -> dict[str, Any]:
    here = f"/api/hand-in/{draft.id}"
    return {
        "draft": draft.id,
        "state": state_of(draft, context),
        "limit": context.settings.hand_in_max_bytes,
        "piece": context.settings.hand_in_piece_bytes,
        "most_marks": MOST_MARKS,
        "urls": {"draft": here, "check": f"{here}/check", "still": f"{here}/still/", "uploads": PREFIX},
        "words": _words(context),
    }


def _words(context: Context) -> dict[str, str]:
    return {
        "empty": _("This file is empty; copy the recording again."),
        "large": _(
            "This file is larger than {limit} GB, the most that can be handed in here; ask for a shorter part."
        ).format(limit=f"{context.settings.hand_in_max_bytes / 1024**3:g}"),
        "paused": _("Paused."),
        "broken": _("The connection is gone. It goes on by itself, or choose «Go on»."),
        "again": _("«{name}» was sent for {share}%. Choose the same file again to go on."),
        "other": _("That is another file than «{name}»; it is sent from its beginning."),
        "wait": _("The footage is not complete yet; wait until it is checked."),
        "checking": _("All of it is here; we look whether it is a video and compute its checksum …"),
        "ready": _("The footage is complete."),
        "removed": _("The file is removed."),
        "amount": _("{done} of {total} · {share}%"),
        "left": _("about {minutes} min to go"),
        "saved": _("Saved at {time}"),
        "unsaved": _("Not saved yet: {reason}"),
        "offline": _("the service cannot be reached"),
        "frame": _("Frame {frame} of {last} · {time}"),
        "box": _("Box: {left}% from the left, {top}% from the top, {width}% wide, {height}% high."),
        "no_box": _("There is no box yet: draw one, or press Enter."),
        "person": _("Person {number}"),
        "at": _("frame {frame}, {time}"),
        "confirm": _("Remove the file? What you typed stays."),
    }


def state_of(draft: HandIn, context: Context) -> dict[str, Any]:
    """How far a draft is, for the scripts of its page."""
    return {
        "version": draft.version,
        "facts": dict(draft.facts),
        "marks": [asdict(mark) for mark in draft.marks],
        "upload": _upload(draft, context),
        "done": draft.release_id is not None,
    }


def _upload(draft: HandIn, context: Context) -> dict[str, Any] | None:
    upload = draft.upload
    if upload is None:
        return None
    return {
        "id": upload.id,
        "name": upload.name,
        "size": upload.size,
        "modified": upload.modified,
        "received": 0 if upload.refused else received(context.settings, upload),
        "sha256": upload.sha256,
        "refused": upload.refused,
        "video": _video(upload.media["video"]) if upload.media else None,
    }


def _video(video: Mapping[str, Any]) -> dict[str, Any]:
    top, _slash, bottom = str(video["duration"]).partition("/")
    return {
        "width": video["width"],
        "height": video["height"],
        "frames": video["frame_count"],
        "seconds": int(top) / int(bottom or 1),
    }


def handed_in_page(release: Release, sha256: str, marks: int, *, asked: bool) -> HandedInPage:
    """What happens to a release that was just handed in."""
    return HandedInPage(
        release_id=release.id,
        number=release.case.public_case_number,
        title=f"{release.case.offence}, {release.case.public_place}",
        sha256=sha256,
        marks=marks,
        asked=asked,
    )
