"""Writing the texts of a release, on both databases: nobody overwrites anybody, and exactly this is approved."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from clips import Clip, Sound
from sqlalchemy import URL
from texts_seed import add_probed, finish_review

from vrijgave.bootstrap import build
from vrijgave.domain.assets import AssetKind
from vrijgave.domain.clock import Milestone
from vrijgave.domain.edits import SetSound, SetTrim
from vrijgave.domain.publications import Platform
from vrijgave.domain.releases import Release, State
from vrijgave.domain.spans import Sound as Does
from vrijgave.domain.spans import SoundSpan, Trim
from vrijgave.domain.texts import TextField, Texts
from vrijgave.domain.tracks import Analysis
from vrijgave.errors import Conflict, NotFound, Rejected
from vrijgave.i18n import Language
from vrijgave.services import approval, edits, in_review, rendering, text_edits
from vrijgave.services.context import Context
from vrijgave.services.edits import Proposal
from vrijgave.services.files import add_assets, store_file, store_text
from vrijgave.services.text_edits import TextSet, Written
from vrijgave.settings import Settings

TITLE, DESCRIPTION = TextField.TITLE, TextField.DESCRIPTION
ALTERNATIVE = TextField.ALTERNATIVE_TEXT


@pytest.fixture
def context(tmp_path_factory: pytest.TempPathFactory, database_url: URL) -> Context:
    home = tmp_path_factory.mktemp("home")
    return build(Settings(home=home, database_url=database_url.render_as_string(hide_password=False)))


@pytest.fixture
def release(context: Context, new_release: Callable[..., Release]) -> Release:
    return add_probed(context, new_release(state=State.IN_REVIEW), sound=True)


def write(
    context: Context, release: Release, field: TextField, text: str | None, version: int = 0, *, actor: str = "bas"
) -> Written:
    with context.unit_of_work() as uow:
        written = text_edits.write(
            uow, context.blobs, context.settings, release.id,
            platform=Platform.YOUTUBE, language=Language.DUTCH, field=field, text=text, version=version,
            actor=actor, at=context.now(),
        )  # fmt: skip
        uow.commit()
    return written


def now(context: Context, release: Release, platform: Platform = Platform.YOUTUBE) -> TextSet:
    with context.reading() as uow:
        found = text_edits.sets(uow, context.blobs, context.settings, uow.releases.get(release.id))
    return text_edits.find(found, platform, Language.DUTCH)


def state(context: Context, release: Release) -> tuple[State, int]:
    with context.reading() as uow:
        found = uow.releases.get(release.id)
    return found.state, found.revision


def test_without_a_word_the_draft_stands(context: Context, release: Release) -> None:
    seen = now(context, release)
    assert seen.texts == seen.draft
    assert (seen.version(TITLE), seen.edit(TITLE)) == (0, None)


def test_a_part_is_kept_with_who_and_when_and_others_follow_the_draft(context: Context, release: Release) -> None:
    kept = write(context, release, TITLE, "  Wie herkent   deze man? ")
    assert kept.problems == ()
    seen = now(context, release)
    assert seen.texts == replace(seen.draft, title="Wie herkent deze man?")
    edit = seen.edit(TITLE)
    assert edit is not None
    assert (edit.actor, edit.version, edit.revision) == ("bas", 1, 1)
    assert now(context, release, Platform.PRESS_KIT).edits == ()
    with context.reading() as uow:
        last = list(uow.audit.entries())[-1]
    assert last.subject == f"release:{release.id}/text:youtube/nl/title"


def test_back_to_the_draft_is_an_edit_too(context: Context, release: Release) -> None:
    write(context, release, TITLE, "Wie?")
    write(context, release, TITLE, None, 1, actor="cor")
    seen = now(context, release)
    assert seen.texts == seen.draft
    assert [(e.text, e.actor) for e in seen.edits] == [("Wie?", "bas"), (None, "cor")]
    write(context, release, TITLE, "Wie dan?", 2)
    write(context, release, TITLE, seen.draft.title, 3)
    assert now(context, release).edit(TITLE) is None, "typing the draft is going back to it"


def test_the_same_text_again_leaves_no_edit(context: Context, release: Release) -> None:
    write(context, release, TITLE, now(context, release).draft.title)
    write(context, release, TITLE, None)
    write(context, release, TITLE, "Wie?")
    write(context, release, TITLE, "Wie? ", 0)
    assert len(now(context, release).edits) == 1


def test_whoever_saw_an_older_version_hears_who_was_first(context: Context, release: Release) -> None:
    write(context, release, TITLE, "Van Bas")
    with pytest.raises(Conflict, match="bas changed this text"):
        write(context, release, TITLE, "Van Cor", 0, actor="cor")
    with pytest.raises(Conflict, match="bas changed this text"):
        write(context, release, TITLE, None, 0, actor="cor")
    with pytest.raises(Conflict):
        write(context, release, TITLE, "Van Cor", 7, actor="cor")
    assert write(context, release, DESCRIPTION, "Een ander deel.", 0, actor="cor").problems == ()
    assert write(context, release, TITLE, "Van Cor", 1, actor="cor").texts.version(TITLE) == 2
    assert now(context, release).texts.title == "Van Cor"


def test_two_at_the_same_moment_one_is_kept(context: Context, release: Release) -> None:
    barrier = Barrier(2)

    def race(actor: str) -> str:
        barrier.wait()
        try:
            return write(context, release, TITLE, f"Van {actor}", actor=actor).texts.texts.title
        except Conflict:
            return "late"

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(race, ["bas", "cor"]))
    assert said[1] == "late"
    assert now(context, release).texts.title == said[0]
    assert len(now(context, release).edits) == 1


def test_two_who_begin_the_review_at_the_same_moment_do_not_wait_for_each_other(
    context: Context, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    barrier = Barrier(2)

    def begin(*of: Any) -> None:
        in_review.open_review_if_possible(*of)
        with suppress(BrokenBarrierError):  # only where nothing was locked are both here at once
            barrier.wait(1)

    monkeypatch.setattr(text_edits, "open_review_if_possible", begin)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda field: write(context, release, field, "Van beiden"), [TITLE, DESCRIPTION]))
    assert len(now(context, release).edits) == 2
    with context.reading() as uow:
        begun = [s for s in uow.stamps.for_release(release.id) if s.milestone is Milestone.REVIEW_STARTED]
    assert len(begun) == 1


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        (TITLE, "x" * 101, "1 characters too long"),
        (TITLE, "  ", "empty"),
        (TITLE, "a < b", "«<»"),
        (DESCRIPTION, "é" * 2501, "2 bytes too long"),
        (TextField.TAGS, ",".join(f"tag {n}" for n in range(60)), "too long"),
        (ALTERNATIVE, "", "empty"),
    ],
)
def test_what_a_platform_would_not_take_is_told_and_not_kept(
    context: Context, release: Release, field: TextField, text: str, said: str
) -> None:
    refused = write(context, release, field, text)
    assert said in refused.problems[0].message
    seen = now(context, release)
    assert (seen.texts, seen.edits) == (seen.draft, ())


def test_what_is_far_too_long_is_not_looked_at(context: Context, release: Release) -> None:
    with pytest.raises(Rejected, match="far too long"):
        write(context, release, DESCRIPTION, "x" * 100_001)


def test_a_platform_of_another_release_is_not_found(context: Context, new_release: Callable[..., Release]) -> None:
    kit_only = add_probed(context, new_release(state=State.IN_REVIEW, targets=(Platform.PRESS_KIT,)))
    with pytest.raises(NotFound):
        write(context, kit_only, TITLE, "Wie?")


@pytest.mark.parametrize("early", [State.RECEIVED, State.ANALYSING])
def test_texts_are_written_while_the_service_looks_for_faces(
    early: State, context: Context, new_release: Callable[..., Release]
) -> None:
    release = add_probed(context, new_release(state=early))
    write(context, release, TITLE, "Wie?")
    assert state(context, release) == (early, 1)


def test_the_first_word_after_a_request_for_changes_takes_the_review_up(context: Context, release: Release) -> None:
    write(context, release, TITLE, "Wie?")
    finish_review(context, release.id)
    with context.unit_of_work() as uow:
        approval.send_back(uow, release.id, "cor", "de titel", context.now())
        uow.commit()
    assert now(context, release).texts.title == "Wie?"
    write(context, release, TITLE, "Wie weet meer?", 1)
    assert state(context, release) == (State.IN_REVIEW, 2)
    assert [e.revision for e in now(context, release).edits] == [1, 2]


@pytest.mark.parametrize(
    "late", [s for s in State if s not in text_edits.WRITTEN_IN and s is not State.FAILED], ids=lambda s: s.value
)
def test_from_the_rendering_on_nothing_is_written(
    late: State, context: Context, new_release: Callable[..., Release]
) -> None:
    release = add_probed(context, new_release(state=late))
    with pytest.raises(Rejected, match="send the release back"):
        write(context, release, TITLE, "Wie?")


def test_what_is_approved_is_what_was_written_and_a_change_voids_it(context: Context, release: Release) -> None:
    write(context, release, TITLE, "Wie herkent deze man?")
    finish_review(context, release.id)
    with context.unit_of_work() as uow:
        approval.approve(uow, release.id, "cor", approval.coverage(uow, release.id), context.now())
        uow.commit()
    with context.reading() as uow:
        covered = dict(approval.check_approval(uow, release.id).covers)
    seen = now(context, release)
    assert seen.texts.title == "Wie herkent deze man?"
    assert covered["file:texts-youtube-nl.json"] == seen.texts.sha256
    moved = replace(context, settings=context.settings.model_copy(update={"police_phone": "0900-0000"}))
    assert "0900-0000" in now(moved, release).draft.description
    assert now(moved, release).texts == seen.texts, "what is approved is shown, not what would be drafted today"
    with context.unit_of_work() as uow:
        approval.send_back(uow, release.id, "bas", "tikfout", context.now())
        uow.commit()
    write(context, release, TITLE, "Wie herkent deze vrouw?", 1)
    finish_review(context, release.id)
    with context.reading() as uow:
        assert uow.approvals.live(release.id) is None
    assert now(context, release).texts.title == "Wie herkent deze vrouw?"


def test_length_and_sound_follow_the_review_and_a_text_written_before_is_marked(
    context: Context, release: Release
) -> None:
    write(context, release, ALTERNATIVE, "Een man loopt 72 seconden lang door een straat; er is geen geluid.")
    assert not now(context, release).is_stale(ALTERNATIVE)
    assert "geen geluid" in now(context, release).draft.description
    changes = [SetTrim(trim=Trim(first=0, last=24)), SetSound(span=SoundSpan(sound=Does.KEEP))]
    with context.unit_of_work() as uow:
        found = Analysis(
            source_sha256=uow.assets.latest(release.id, AssetKind.ORIGINAL).sha256,
            width=16, height=16, frame_count=1800, tracks=(),
        )  # fmt: skip
        kept = store_text(
            context.blobs, AssetKind.ANALYSIS, "analysis.json", json.dumps(found.to_dict()), parent=found.source_sha256
        )
        add_assets(uow, release, [kept], context.now())
        edits.apply(
            uow, context.blobs, release.id, [Proposal(change, "om te zien") for change in changes], 0,
            actor="bas", at=context.now(),
        )  # fmt: skip
        uow.commit()
    seen = now(context, release)
    assert "geen geluid" not in seen.draft.description
    assert "1 seconde" in seen.draft.alternative_text
    assert seen.is_stale(ALTERNATIVE)
    assert "72 seconden" in seen.texts.alternative_text, "what a person wrote stays until a person changes it"
    assert not seen.is_stale(TITLE)


def test_the_rendering_makes_files_of_what_was_written(
    sqlite_database: URL, new_release: Callable[..., Release], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendering, "_pictures", lambda *_arguments: [])  # they take long and have tests of their own
    context = build(
        Settings(home=tmp_path / "home", database_url=sqlite_database.render_as_string(hide_password=False))
    )
    loud = Sound(length=Fraction(1), burst_at=Fraction(0))
    footage = Clip(pts=range(25), size=(320, 240), sound=loud).write(tmp_path / "original.mp4")
    original = store_file(context.blobs, AssetKind.ORIGINAL, footage, parent=None)
    found = Analysis(source_sha256=original.sha256, width=320, height=240, frame_count=25, tracks=())
    said = json.dumps({"video": {"duration": "1/1", "frame_count": 25}, "audio": [{}]})
    files = [
        original,
        store_text(
            context.blobs, AssetKind.ANALYSIS, "analysis.json", json.dumps(found.to_dict()), parent=original.sha256
        ),
        store_text(context.blobs, AssetKind.PROBE, "probe.json", said, parent=original.sha256),
    ]
    with context.unit_of_work() as uow:
        release = uow.releases.add(new_release(state=State.IN_REVIEW, targets=(Platform.YOUTUBE,)))
        add_assets(uow, release, files, context.now())
        uow.commit()
    write(context, release, TITLE, "Wie herkent deze man?")
    before = now(context, release).texts
    without_detectors = replace(context, detectors=lambda: ())
    covered = rendering.cover_footage(without_detectors, release.id, lambda _done, _total: None)
    made = rendering.compose(context, release.id, covered, lambda _done, _total: None)
    kept = {f.name: f.sha256 for f in made if f.kind is AssetKind.TEXTS}
    assert Texts.from_json(context.blobs.read_bytes(kept["texts-youtube-nl.json"]).decode()) == before
    assert set(kept) == {"texts-youtube-nl.json", "texts-youtube-en.json"}
