"""The page on which the texts of a release are written, and the same parts as JSON for its script."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import ClassVar

from vrijgave.description import LIMITS, Advice, Measure, Standing, Unit, Violation, advise, check_limits, measures
from vrijgave.domain.posts import TAGGED, TITLED, post_text
from vrijgave.domain.publications import Platform
from vrijgave.domain.releases import Release, State
from vrijgave.domain.texts import TextEdit, TextField
from vrijgave.i18n import Language, _
from vrijgave.services.text_edits import WRITTEN_IN, TextSet
from vrijgave.settings import Settings
from vrijgave.web import words
from vrijgave.web.pages import Page

SENT_BACK_FROM = frozenset({State.AWAITING_APPROVAL, State.APPROVED})
"""States in which the texts are fixed and can be asked for anew."""
SHORT = 500
"""Up to so many characters there is room for the question only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceRow:
    """One piece of advice; ``sign`` says in a word how it stands."""

    standing: str
    sign: str
    what: str
    why: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of the texts: what stands there, how long it may be, what is wrong with it and what could be better."""

    field: str
    label: str
    help: str
    rows: int
    text: str
    draft: str
    version: int
    edited: bool
    stale: bool
    by: str
    """Who wrote it and when; empty where the draft stands."""
    unit: str
    length: int
    limit: int
    counted: str
    """Sentence with ``{length}`` and ``{limit}`` in it."""
    problems: tuple[str, ...]
    advice: tuple[AdviceRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetChoice:
    """The texts of one platform in one language, as a link."""

    address: str
    platform: str
    language: str
    note: str
    """Where something is too long, else whether anything was written anew."""
    bad: bool
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One edit, for the history."""

    at: str
    actor: str
    what: str
    text: str
    """Empty where somebody went back to the draft."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextsPage(Page):
    """The texts of one platform in one language, with the way to the others."""

    template: ClassVar[str] = "texts.html.j2"
    id: str
    number: str
    title: str
    subject: str
    """What the release is about."""
    state: str
    phase: str
    choices: tuple[SetChoice, ...]
    platform: str
    platform_name: str
    language: str
    hashtags: bool
    """Whether tags go out as hashtags below the description."""
    titled: bool
    """Whether the public reads the title."""
    sent: str
    """The post as it would go out now."""
    parts: tuple[Part, ...]
    video: tuple[AdviceRow, ...]
    history: tuple[Change, ...]
    duration: str
    may_write: bool
    fixed: str
    """Why nothing can be written; empty where it can."""
    may_send_back: bool
    error: str = ""


def texts_page(
    release: Release,
    found: tuple[TextSet, ...],
    chosen: TextSet,
    settings: Settings,
    *,
    may_write: bool,
    may_send_back: bool,
    error: str = "",
) -> TextsPage:
    """The page as it is for somebody who may write, or only look."""
    open_now = release.state in WRITTEN_IN
    return TextsPage(
        id=release.id,
        number=release.case.public_case_number,
        title=_("Texts"),
        subject=f"{release.case.offence}, {release.case.public_place}",
        state=words.spoken(release.state),
        phase=words.phase(release.state).value,
        choices=tuple(_choice(each, each is chosen) for each in found),
        platform=chosen.platform.value,
        platform_name=words.platform_name(chosen.platform),
        language=chosen.language.value,
        hashtags=chosen.platform not in TAGGED,
        titled=chosen.platform in TITLED,
        sent=post_text(chosen.platform, chosen.texts),
        parts=tuple(part(chosen, field, settings) for field in TextField),
        video=tuple(_advice(a) for a in _advised(chosen) if a.field is None),
        history=tuple(_change(edit, settings) for edit in reversed(chosen.edits)),
        duration=f"{chosen.facts.seconds // 60}:{chosen.facts.seconds % 60:02d}",
        may_write=may_write and open_now,
        fixed="" if may_write and open_now else _fixed(release.state, may_write),
        may_send_back=may_send_back and release.state in SENT_BACK_FROM,
        error=error,
    )


def part(texts: TextSet, field: TextField, settings: Settings, problems: Collection[Violation] | None = None) -> Part:
    """One part as it stands. ``problems`` None: those of the text itself."""
    wrong = check_limits(texts.platform, texts.texts) if problems is None else problems
    edit = texts.edit(field)
    measure = next(m for m in measures(texts.platform, texts.texts) if m.field is field)
    label, help_, rows = _field(field, texts.platform)
    return Part(
        field=field.value,
        label=label,
        help=help_,
        rows=rows,
        text=texts.texts.text(field),
        draft=texts.draft.text(field),
        version=texts.version(field),
        edited=edit is not None,
        stale=texts.is_stale(field),
        by=_by(edit, settings) if edit else "",
        unit=measure.unit.value,
        length=measure.length,
        limit=measure.limit,
        counted=_counted(measure),
        problems=tuple(v.message for v in wrong if problems is not None or v.field == field),
        advice=tuple(_advice(a) for a in _advised(texts) if a.field is field),
    )


def _advised(texts: TextSet) -> tuple[Advice, ...]:
    return advise(texts.platform, texts.texts, texts.facts)


def _advice(advice: Advice) -> AdviceRow:
    signs = {
        Standing.FOLLOWED: _("In order"),
        Standing.OPEN: _("Not yet"),
        Standing.BY_HAND: _("To do on the platform"),
    }
    return AdviceRow(
        standing=advice.standing.value,
        sign=signs[advice.standing],
        what=advice.what,
        why=advice.why,
        how=advice.how,
    )


def _by(edit: TextEdit, settings: Settings) -> str:
    return _("Written by {who}, {at}").format(who=edit.actor, at=words.moment(edit.at, settings))


def _counted(measure: Measure) -> str:
    match measure.unit:
        case Unit.CHARACTERS:
            return _("{length} of {limit} characters")
        case Unit.BYTES:
            return _("{length} of {limit} bytes; a letter with an accent counts twice")
        case Unit.TAGS:
            return _("{length} of {limit} characters, all tags together")
        case Unit.COUNT:
            return _("{length} of at most {limit} tags")
        case Unit.LINKED:
            return _("{length} of {limit} characters with hashtags; a link counts 23")
        case Unit.WEIGHTED:
            return _("{length} of {limit} characters with hashtags; a link counts 23, an emoji 2")
        case Unit.GRAPHEMES:
            return _("{length} of {limit} characters with hashtags; a link counts in full")
        case Unit.UTF16:
            return _("{length} of {limit} characters with hashtags; an emoji counts 2 or more")


def _field(field: TextField, platform: Platform) -> tuple[str, str, int]:
    """Label, help and height of a part."""
    tagged, titled = platform in TAGGED, platform in TITLED
    match field:
        case TextField.TITLE if not titled:
            name = words.platform_name(platform)
            return (
                _("Title"),
                _("Not sent: {platform} has no titles. It is our own short name.").format(platform=name),
                1,
            )
        case TextField.DESCRIPTION if not tagged and LIMITS[platform].post <= SHORT:
            return _("Post"), _("The question, where and when, and how to give a tip: no more."), 8
        case TextField.DESCRIPTION if not tagged:
            return _("Post"), _("Ask the question first; then facts, and how to give a tip."), 14
        case TextField.TAGS if not tagged:
            return _("Hashtags"), _("Words with a comma between them; they go out below the post, as shown beside."), 1
        case TextField.TITLE:
            return _("Title"), _("What happened, and where: what people search for."), 2
        case TextField.DESCRIPTION:
            return _("Description"), _("Ask the question first; then facts, and how to give a tip."), 14
        case TextField.TAGS:
            return _("Tags"), _("Words to search by, with a comma between them."), 2
        case TextField.ALTERNATIVE_TEXT:
            return _("Alternative text"), _("What is to be seen, for whoever cannot see the video."), 5


def _choice(texts: TextSet, chosen: bool) -> SetChoice:
    bad = bool(check_limits(texts.platform, texts.texts))
    edited = any(texts.edit(field) for field in TextField)
    return SetChoice(
        address=f"?platform={texts.platform.value}&language={texts.language.value}",
        platform=words.platform_name(texts.platform),
        language=language_name(texts.language),
        note=_("does not fit") if bad else _("written") if edited else _("draft"),
        bad=bad,
        chosen=chosen,
    )


def language_name(language: Language) -> str:
    """What a language is called."""
    return _("Dutch") if language is Language.DUTCH else _("English")


def _change(edit: TextEdit, settings: Settings) -> Change:
    label, _help, _rows = _field(edit.field, edit.platform)
    return Change(at=words.moment(edit.at, settings), actor=edit.actor, what=label, text=edit.text or "")


def _fixed(state: State, may_write: bool) -> str:
    match state:
        case State.AWAITING_APPROVAL:
            return _("These texts lie before the second person, together with the video.")
        case State.APPROVED:
            return _("These texts are approved, to the letter.")
        case State.RENDERING:
            return _("The covered video is being made, with these texts.")
        case State.PUBLISHING | State.PUBLISHED | State.TAKING_DOWN | State.TAKEN_DOWN:
            return _("These texts went out as they are here.")
        case State.WITHDRAWN | State.FAILED:
            return _("Nothing can be written in this state.")
        case _:
            return "" if may_write else _("Communication writes the texts; you can read along.")
