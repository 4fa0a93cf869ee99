"""Writing the texts of a release: each part kept as an edit on the version that its writer saw, until the review ends.

What goes out is what the rendering makes of draft and edits; that file is approved by its hash. So nothing can be
written any more once the covered video is being made: from there a change is asked for by sending the release back.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from vrijgave.description import ContactData, Violation, check_limits, public_context, render_texts
from vrijgave.domain.assets import AssetKind
from vrijgave.domain.audit import AuditAction
from vrijgave.domain.posts import post_text
from vrijgave.domain.publications import Platform
from vrijgave.domain.releases import Release, State
from vrijgave.domain.texts import PublicContext, TextEdit, TextField, Texts, as_written, fingerprint, in_shape, latest
from vrijgave.errors import Conflict, NotFound, Rejected
from vrijgave.i18n import Language, _
from vrijgave.services.files import read_text
from vrijgave.services.in_review import open_review_if_possible
from vrijgave.store.blobs import BlobStore
from vrijgave.store.unit_of_work import UnitOfWork

WRITTEN_IN = frozenset({State.RECEIVED, State.ANALYSING, State.IN_REVIEW, State.CHANGES_REQUESTED})
"""States in which texts can be written: also while the service looks for faces, for that is time to use."""
MOST = 100_000
"""Characters of one part that are looked at at all; each platform's own limit is far below."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSet:
    """The texts of one platform in one language: as they would go out, and how they came about."""

    platform: Platform
    language: Language
    draft: Texts
    texts: Texts
    facts: PublicContext
    edits: tuple[TextEdit, ...]
    """Of these texts, oldest first."""

    @property
    def latest(self) -> Mapping[TextField, TextEdit]:
        """The last edit of each part that was ever edited."""
        return latest(self.edits, self.draft)

    def version(self, field: TextField) -> int:
        """How often the part was edited."""
        edit = self.latest.get(field)
        return 0 if edit is None else edit.version

    def edit(self, field: TextField) -> TextEdit | None:
        """Who wrote the part; None where the draft stands."""
        edit = self.latest.get(field)
        return None if edit is None or edit.text is None else edit

    def is_stale(self, field: TextField) -> bool:
        """Whether the facts have changed under what a person wrote: the draft is no longer the one that they saw."""
        edit = self.edit(field)
        return edit is not None and edit.draft_sha256 != fingerprint(self.draft.text(field))


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What became of a text that somebody sent. ``problems``: why it is not kept; empty where it is."""

    texts: TextSet
    """With the new text in it, kept or not."""
    problems: tuple[Violation, ...]


def sets(uow: UnitOfWork, blobs: BlobStore, contact: ContactData, release: Release) -> tuple[TextSet, ...]:
    """The texts of every target in each language.

    They follow the facts and the edits until the covered video is made; from then on they are those of its files, to
    the letter.
    """
    made = () if release.state in WRITTEN_IN else _made(uow, blobs, release)
    duration, silent = _footage(uow, blobs, release)
    edits = uow.text_edits.list(release.id, release.revision)
    found = [
        _set(contact, release, platform, language, edits, duration=duration, silent=silent, made=made)
        for platform in release.targets
        for language in Language
    ]
    return tuple(found)


def _set(
    contact: ContactData,
    release: Release,
    platform: Platform,
    language: Language,
    edits: Sequence[TextEdit],
    *,
    duration: Fraction,
    silent: bool,
    made: Sequence[Texts],
) -> TextSet:
    facts = public_context(
        release.case, language=language, silent=silent, seconds=round(duration), contact=contact
    )  # fmt: skip
    draft = render_texts(platform, language, facts)
    fixed = [texts for texts in made if (texts.platform, texts.language) == (platform, language)]
    return TextSet(
        platform=platform,
        language=language,
        draft=draft,
        texts=fixed[0] if fixed else as_written(draft, edits),
        facts=facts,
        edits=tuple(e for e in edits if (e.platform, e.language) == (platform, language)),
    )


def _made(uow: UnitOfWork, blobs: BlobStore, release: Release) -> tuple[Texts, ...]:
    """The texts among the files of this revision."""
    files = uow.assets.list(release.id, revision=release.revision, kind=AssetKind.TEXTS)
    return tuple(Texts.from_json(read_text(blobs, file.sha256)) for file in files)


def find(found: Sequence[TextSet], platform: Platform, language: Language) -> TextSet:
    """Raises ``NotFound`` for a platform to which the release does not go."""
    for each in found:
        if (each.platform, each.language) == (platform, language):
            return each
    raise NotFound(_("This release does not go out there; load the page again."))


def write(
    uow: UnitOfWork,
    blobs: BlobStore,
    contact: ContactData,
    release_id: str,
    *,
    platform: Platform,
    language: Language,
    field: TextField,
    text: str | None,
    version: int,
    actor: str,
    at: datetime,
) -> Written:
    """Keep one part of the texts as somebody wrote it; ``text`` None goes back to the draft.

    ``version`` is that of the part which the writer saw. A text that the platform would not take is not kept: the
    answer says why. One that changes nothing leaves no edit. Raises ``Conflict`` when somebody else wrote the same part
    since, and ``Rejected`` once the covered video is being made.
    """
    release = _open(uow, release_id, actor, at)
    uow.text_edits.hold(release)
    before = find(sets(uow, blobs, contact, release), platform, language)
    after = _changed(before, field, text)
    problems = _problems(platform, before.texts, after, field)
    shaped = after.text(field)
    same = shaped == before.texts.text(field) and (text is not None or before.edit(field) is None)
    if not same:
        _check_version(before, field, version)
    if same or problems:
        return Written(texts=_with(before, after, None), problems=problems)
    edit = TextEdit(
        release_id=release.id,
        revision=release.revision,
        platform=platform,
        language=language,
        field=field,
        version=before.version(field) + 1,
        text=None if shaped == before.draft.text(field) else shaped,
        draft_sha256=fingerprint(before.draft.text(field)),
        actor=actor,
        at=at,
    )
    uow.text_edits.add(edit)
    subject = f"release:{release.id}/text:{platform.value}/{language.value}/{field.value}"
    uow.audit.append(
        actor=actor, action=AuditAction.ALTERED, subject=subject, reason=_("Texts written."), at=at
    )  # fmt: skip
    return Written(texts=_with(before, after, edit), problems=())


def _problems(platform: Platform, before: Texts, after: Texts, field: TextField) -> tuple[Violation, ...]:
    """What the platform would not take of the part; and of the whole post, when hashtags made that too long."""
    found = tuple(v for v in check_limits(platform, after) if v.field == field)
    if field is not TextField.TAGS or len(post_text(platform, after)) <= len(post_text(platform, before)):
        return found
    return (*found, *(v for v in check_limits(platform, after) if v.field == TextField.DESCRIPTION))


def _open(uow: UnitOfWork, release_id: str, actor: str, at: datetime) -> Release:
    """The release while its texts can be written; the first word after a request for changes takes the review up."""
    release = uow.releases.get(release_id)
    if release.state not in WRITTEN_IN:
        raise Rejected(
            "state",
            _("The texts are fixed since the covered video is made of them; send the release back to change them."),
        )
    open_review_if_possible(uow, release, actor, at)
    return uow.releases.get(release_id)


def _changed(before: TextSet, field: TextField, text: str | None) -> Texts:
    if text is None:
        return before.texts.with_text(field, before.draft.text(field))
    if len(text) > MOST:
        raise Rejected("texts", _("That text is far too long for any platform; shorten it."))
    return before.texts.with_text(field, in_shape(field, text))


def _check_version(before: TextSet, field: TextField, version: int) -> None:
    last = before.latest.get(field)
    if before.version(field) != version:
        raise Conflict(
            _("{who} changed this text meanwhile; choose which of the two stays.").format(who=last.actor)
            if last
            else _("This text was written on another release; load the page again.")
        )


def _with(before: TextSet, texts: Texts, edit: TextEdit | None) -> TextSet:
    return replace(before, texts=texts, edits=before.edits if edit is None else (*before.edits, edit))


def _footage(uow: UnitOfWork, blobs: BlobStore, release: Release) -> tuple[Fraction, bool]:
    """How long the release will play, in seconds, and whether it will be silent, by what is decided now."""
    said = json.loads(read_text(blobs, uow.assets.latest(release.id, AssetKind.PROBE).sha256))
    plan = uow.edits.plan(release.id, release.revision)
    duration = Fraction(said["video"]["duration"])
    if plan.trim is not None:
        duration *= Fraction(plan.trim.last - plan.trim.first + 1, said["video"]["frame_count"])
    return duration, plan.is_silent or not said["audio"]
