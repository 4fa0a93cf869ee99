"""Edits and notes in the review of a release, on both databases: nobody overwrites anybody, nothing is forgotten."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from threading import Barrier
from typing import Any

import numpy as np
import pytest
from clips import Clip, Sound
from edit_cases import analysis, box, drawn, track
from sqlalchemy import URL

from vrijgave.bootstrap import build
from vrijgave.cli import main
from vrijgave.domain.assets import AssetKind
from vrijgave.domain.cases import PublicationStage
from vrijgave.domain.edits import (
    FIRST_MADE,
    Change,
    Delete,
    EditLog,
    Hide,
    Merge,
    SetSound,
    SetStyle,
    SetTrim,
    Show,
    Split,
    Undo,
)
from vrijgave.domain.notes import NoteAction
from vrijgave.domain.releases import Release, State
from vrijgave.domain.spans import Sound as Does
from vrijgave.domain.spans import SoundSpan, Trim
from vrijgave.domain.tracks import Action, CoverStyle
from vrijgave.errors import Conflict, NotFound, Rejected
from vrijgave.media import open_reader
from vrijgave.redaction.styles import FILL_LUMA
from vrijgave.services import approval, edits, notes, rendering, review
from vrijgave.services.context import Context
from vrijgave.services.edits import Proposal
from vrijgave.services.files import add_assets, store_file, store_text
from vrijgave.settings import Settings

FOUND = analysis(track(1, 20), track(2, 100), track(3, 200), track(4, 240, first=41, last=55))


@pytest.fixture
def context(tmp_path_factory: pytest.TempPathFactory, database_url: URL) -> Context:
    home = tmp_path_factory.mktemp("home")
    return build(Settings(home=home, database_url=database_url.render_as_string(hide_password=False)))


@pytest.fixture
def release(context: Context, new_release: Callable[..., Release]) -> Release:
    """In review, with four faces."""
    original = store_text(context.blobs, AssetKind.ORIGINAL, "original.mp4", "no video", parent=None)
    found = FOUND.to_dict() | {"source_sha256": original.sha256}
    kept = store_text(context.blobs, AssetKind.ANALYSIS, "analysis.json", json.dumps(found), parent=original.sha256)
    with context.unit_of_work() as uow:
        added = uow.releases.add(new_release(state=State.IN_REVIEW))
        add_assets(uow, added, [original, kept], context.now())
        uow.commit()
    return added


def apply(
    context: Context, release: Release, base: int, *changes: Change, actor: str = "bo", reason: str = "because"
) -> EditLog:
    proposals = [Proposal(change, reason) for change in changes]
    with context.unit_of_work() as uow:
        log = edits.apply(uow, context.blobs, release.id, proposals, base, actor=actor, at=context.now())
        uow.commit()
    return log


def log_of(context: Context, release: Release) -> EditLog:
    with context.reading() as uow:
        return edits.log(uow, release.id)


def numbers(context: Context, release: Release) -> list[int]:
    with context.reading() as uow:
        return [t.id for t in edits.effective(uow, context.blobs, release.id).analysis.tracks]


def finish(context: Context, release: Release, actor: str = "bo") -> None:
    with context.unit_of_work() as uow:
        review.finish_review(uow, release.id, actor, context.now())
        uow.commit()


def test_edits_are_kept_carried_out_and_logged(context: Context, release: Release) -> None:
    log = apply(
        context, release, 0, Split(track=1, frame=20), drawn(box(3, 0, 0, 20, 20)), SetTrim(trim=Trim(first=2, last=9))
    )
    assert log_of(context, release) == log
    assert numbers(context, release) == [1, 2, 3, 4, FIRST_MADE + 1, FIRST_MADE + 2]
    with context.reading() as uow:
        seen = review.view(uow, context.blobs, release.id)
        assert uow.audit.verify() is None
        subjects = [entry.subject for entry in uow.audit.entries()]
    assert seen.plan.trim == Trim(first=2, last=9)
    assert set(seen.data.keyframes) == {t.id for t in seen.analysis.tracks}
    assert [s for s in subjects if "/edit:" in s] == [f"release:{release.id}/edit:{n}" for n in (1, 2, 3)]


def test_all_edits_of_a_call_or_none(context: Context, release: Release) -> None:
    with pytest.raises(Rejected):
        apply(context, release, 0, Split(track=1, frame=20), Split(track=1, frame=500))
    assert log_of(context, release).version == 0


def test_edits_to_other_tracks_go_together(context: Context, release: Release) -> None:
    apply(context, release, 0, Split(track=1, frame=20), actor="an")
    assert apply(context, release, 0, Split(track=2, frame=20)).version == 2


def test_edits_to_the_same_track_do_not(context: Context, release: Release) -> None:
    apply(context, release, 0, Merge(track=3, other=4), actor="an")
    with pytest.raises(Conflict, match=r"an changed track 3, track 4 meanwhile \(edit 1\)"):
        apply(context, release, 0, Hide(track=2), Delete(track=4))
    apply(context, release, 1, Hide(track=3))
    apply(context, release, 0, SetStyle(style=CoverStyle.MOSAIC), actor="an")
    with pytest.raises(Conflict, match="how covers look"):
        apply(context, release, 2, SetStyle(style=CoverStyle.OPAQUE))
    with pytest.raises(Rejected, match="another release"):
        apply(context, release, 99, Hide(track=1))


@pytest.mark.parametrize(("second", "wins"), [(2, 2), (1, 1)])
def test_two_writers_at_once(context: Context, release: Release, second: int, wins: int) -> None:
    """On other tracks both are kept; on the same one the slower is told who was faster."""
    apply(context, release, 0, Hide(track=4), actor="cor")  # the review has begun
    start = Barrier(2)

    def write(actor: str, number: int) -> str:
        start.wait()
        try:
            apply(context, release, 1, Split(track=number, frame=20), actor=actor)
        except Conflict as conflict:
            return str(conflict)
        return ""

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(write, ("an", "bo"), (1, second)))
    log = log_of(context, release)
    assert log.version == 1 + wins
    assert [e.number for e in log.edits] == list(range(1, 2 + wins))
    assert sorted(bool(words) for words in told) == ([False, False] if wins == 2 else [False, True])
    if wins == 1:
        assert f"{log.edits[-1].actor} changed track 1" in "".join(told)


def test_many_writers_leave_a_log_without_a_hole(context: Context, release: Release) -> None:
    apply(context, release, 0, Hide(track=4), actor="cor")

    def write(number: int) -> None:
        for _ in range(3):
            apply(context, release, 1, Hide(track=number), actor=f"person {number}")

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(write, (1, 2, 3)))
    log = log_of(context, release)
    assert [e.number for e in log.edits] == list(range(1, 11))
    with context.reading() as uow:
        assert uow.audit.verify() is None


def undo(context: Context, release: Release, actor: str, *, again: bool = False) -> EditLog:
    with context.unit_of_work() as uow:
        base = edits.log(uow, release.id).version
        step = edits.redo if again else edits.undo
        log = step(uow, context.blobs, release.id, base, actor=actor, at=context.now())
        uow.commit()
    return log


def test_each_person_takes_back_their_own(context: Context, release: Release) -> None:
    apply(context, release, 0, Split(track=1, frame=20), actor="an")
    apply(context, release, 1, Split(track=2, frame=20))
    undo(context, release, "an")
    assert numbers(context, release) == [1, 2, 3, 4, FIRST_MADE + 2]
    with pytest.raises(Rejected, match="no edit of yours"):
        undo(context, release, "an")
    undo(context, release, "an", again=True)
    assert numbers(context, release) == [1, 2, 3, 4, FIRST_MADE + 1, FIRST_MADE + 2]
    with pytest.raises(Rejected, match="no edit of yours"):
        undo(context, release, "an", again=True)


def test_what_others_built_upon_stays(context: Context, release: Release) -> None:
    apply(context, release, 0, Split(track=1, frame=20), actor="an")
    apply(context, release, 1, Hide(track=FIRST_MADE + 1))
    with pytest.raises(Rejected, match=r"Edit 2 of bo to track 1000001 was built on it"):
        undo(context, release, "an")
    with pytest.raises(Rejected, match="Edit 2 is of bo"):
        apply(context, release, 2, Undo(edit=2), actor="an")
    undo(context, release, "bo")
    undo(context, release, "an")
    assert numbers(context, release) == [1, 2, 3, 4]
    with pytest.raises(Rejected, match="does not hold"):
        apply(context, release, 4, Undo(edit=1), actor="an")


def test_a_decision_is_an_edit(context: Context, release: Release) -> None:
    with context.unit_of_work() as uow:
        review.decide(
            uow, context.blobs, release.id, 3, Action.SHOW, reason="the suspect", actor="bo", at=context.now()
        )
        uow.commit()
        assert approval.publication_stage(uow, release) is PublicationStage.RECOGNISABLE
    (kept,) = log_of(context, release).edits
    assert isinstance(kept.change, Show)
    assert kept.change.anchor == FOUND.tracks[2].clearest
    undo(context, release, "bo")
    with context.reading() as uow:
        assert approval.publication_stage(uow, release) is PublicationStage.COVERED
    with pytest.raises(NotFound):
        apply(context, release, 2, Show(track=9, anchor=3))


def test_after_the_review_nothing_can_be_edited(context: Context, release: Release) -> None:
    apply(context, release, 0, Hide(track=1))
    finish(context, release)
    with pytest.raises(Rejected) as refusal:
        apply(context, release, 1, Hide(track=2))
    assert refusal.value.by == "state"


def test_edits_of_an_earlier_review_hold_but_cannot_be_taken_back(context: Context, release: Release) -> None:
    apply(context, release, 0, Split(track=1, frame=20))
    finish(context, release)
    with context.unit_of_work() as uow:
        rendering = uow.releases.get(release.id)
        waiting = uow.releases.move(rendering, State.AWAITING_APPROVAL, at=context.now(), actor="system", reason="x")
        note = notes.add(uow, context.blobs, release.id, 5, "the car too", author="cor", at=context.now())
        approval.send_back(uow, release.id, "cor", "see the note", context.now())
        uow.commit()
    assert waiting.state is State.AWAITING_APPROVAL
    assert numbers(context, release)[-1] == FIRST_MADE + 1
    with pytest.raises(Rejected, match="earlier review"):
        apply(context, release, 1, Undo(edit=1))
    apply(context, release, 1, Hide(track=1))
    assert log_of(context, release).edits[-1].revision == 2
    with pytest.raises(Rejected, match=rf"{note.number} \(frame 5\)"):
        finish(context, release)


def test_an_open_note_keeps_a_review_from_ending(context: Context, release: Release) -> None:
    with context.unit_of_work() as uow:
        note = notes.add(uow, context.blobs, release.id, 12, " who is this? ", author="an", at=context.now())
        notes.answer(uow, release.id, note.number, "the shopkeeper", author="bo", at=context.now())
        uow.commit()
    with pytest.raises(Rejected) as refusal:
        finish(context, release)
    assert refusal.value.by == "note"
    with context.unit_of_work() as uow:
        done = notes.resolve(uow, release.id, note.number, author="bo", at=context.now())
        with pytest.raises(Rejected, match="resolved"):
            notes.resolve(uow, release.id, note.number, author="an", at=context.now())
        uow.commit()
    assert done.settled is not None
    assert (done.text, done.settled.author, done.is_open) == ("who is this?", "bo", False)
    assert [(e.action, e.text, e.author) for e in done.answers] == [(NoteAction.ANSWERED, "the shopkeeper", "bo")]
    with context.unit_of_work() as uow:
        again = notes.reopen(uow, release.id, note.number, author="an", at=context.now())
        assert again.is_open
        notes.resolve(uow, release.id, note.number, author="an", at=context.now())
        uow.commit()
    finish(context, release)
    with context.unit_of_work() as uow, pytest.raises(Rejected) as refusal:
        notes.add(uow, context.blobs, release.id, 12, "too late", author="an", at=context.now())
    assert refusal.value.by == "state"


@pytest.mark.parametrize(("frame", "text"), [(60, "x"), (-1, "x"), (3, "  "), (3, "x" * 5000)])
def test_a_note_has_a_frame_and_a_text(context: Context, release: Release, frame: int, text: str) -> None:
    with context.unit_of_work() as uow, pytest.raises(Rejected):
        notes.add(uow, context.blobs, release.id, frame, text, author="an", at=context.now())


def test_a_note_may_be_about_a_box(context: Context, release: Release) -> None:
    drawn_box = (10.0, 20.0, 40.5, 60.0)
    with context.unit_of_work() as uow:
        notes.add(uow, context.blobs, release.id, 5, "this one", author="an", at=context.now(), box=drawn_box)
        notes.add(uow, context.blobs, release.id, 5, "all of it", author="an", at=context.now())
        with pytest.raises(Rejected):
            notes.add(uow, context.blobs, release.id, 5, "x", author="an", at=context.now(), box=(5, 5, 5, 5))
        uow.commit()
    with context.reading() as uow:
        assert [note.box for note in uow.notes.list(release.id)] == [drawn_box, None]


def test_an_open_note_keeps_a_release_from_being_approved(context: Context, release: Release) -> None:
    finish(context, release)
    with context.unit_of_work() as uow:
        rendering = uow.releases.get(release.id)
        uow.releases.move(rendering, State.AWAITING_APPROVAL, at=context.now(), actor="system", reason="x")
        notes.add(uow, context.blobs, release.id, 5, "the car too", author="cor", at=context.now())
        uow.commit()
    proven = approval.prove_files(context, release.id)
    with context.unit_of_work() as uow, pytest.raises(Rejected) as refusal:
        approval.approve(uow, release.id, "cor", proven, context.now())
    assert refusal.value.by == "note"


def test_a_note_while_somebody_approves_stops_the_approval(context: Context, release: Release) -> None:
    finish(context, release)
    with context.unit_of_work() as uow:
        rendering = uow.releases.get(release.id)
        seen = uow.releases.move(rendering, State.AWAITING_APPROVAL, at=context.now(), actor="system", reason="x")
        uow.commit()
    with context.unit_of_work() as uow:
        notes.add(uow, context.blobs, release.id, 5, "the car too", author="an", at=context.now())
        uow.commit()
    with context.unit_of_work() as uow, pytest.raises(Conflict):
        uow.releases.move(seen, State.APPROVED, at=context.now(), actor="cor", reason="Approved.")


def test_a_note_that_is_not_there_is_not_found(context: Context, release: Release) -> None:
    with context.unit_of_work() as uow, pytest.raises(NotFound):
        notes.resolve(uow, release.id, 77, author="an", at=context.now())


def test_the_commands_of_a_person_without_a_browser(
    context: Context, release: Release, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = context.settings.database_url
    assert secret is not None
    monkeypatch.setenv("VRIJGAVE_HOME", str(context.settings.home))
    monkeypatch.setenv("VRIJGAVE_DATABASE_URL", secret.get_secret_value())

    def run(*words: str) -> dict[str, Any]:
        code = main([*words, "--actor", "bo", "--json"])
        assert code == 0, capsys.readouterr().err
        answer: dict[str, Any] = json.loads(capsys.readouterr().out)
        return answer

    split = '{"kind": "split", "track": 1, "frame": 20}'
    assert run("edit", release.id, "--change", split)["version"] == 1
    assert run("edit", release.id, "--undo")["version"] == 2
    assert [e["change"]["kind"] for e in run("edit", release.id, "--redo")["edits"]] == ["split", "undo", "undo"]
    assert numbers(context, release)[-1] == FIRST_MADE + 1
    (written,) = run("note", release.id, "--frame", "7", "--text", "who?")["notes"]
    run("note", release.id, "--answer", str(written["number"]), "--text", "nobody")
    (settled,) = run("note", release.id, "--resolve", str(written["number"]))["notes"]
    assert [entry["action"] for entry in settled["entries"]] == ["answered", "resolved"]
    assert main(["edit", release.id, "--change", "[1]", "--actor", "bo"]) == Rejected.exit_code


def test_the_covered_video_is_made_as_the_edits_say(
    context: Context, new_release: Callable[..., Release], tmp_path: Path
) -> None:
    loud = Sound(length=Fraction(3), burst_at=Fraction(0))
    footage = Clip(pts=range(60), size=(320, 240), sound=loud).write(tmp_path / "original.mp4")
    original = store_file(context.blobs, AssetKind.ORIGINAL, footage, parent=None)
    found = FOUND.to_dict() | {"source_sha256": original.sha256}
    kept = store_text(context.blobs, AssetKind.ANALYSIS, "analysis.json", json.dumps(found), parent=original.sha256)
    with context.unit_of_work() as uow:
        release = uow.releases.add(new_release(state=State.IN_REVIEW))
        add_assets(uow, release, [original, kept], context.now())
        uow.commit()
    bleep = SoundSpan(sound=Does.BLEEP, start_ms=1000, stop_ms=1400)
    wanted = [SetTrim(trim=Trim(first=10, last=49)), SetSound(span=SoundSpan(sound=Does.KEEP)), SetSound(span=bleep)]
    apply(
        context, release, 0, *wanted, drawn(box(12, 200, 150, 260, 220), box(30, 200, 150, 260, 220)), Delete(track=1)
    )
    apply(context, release, 5, Hide(track=2), Undo(edit=1))
    undo(context, release, "bo", again=True)
    covered = rendering.cover_footage(replace(context, detectors=lambda: ()), release.id, lambda _done, _total: None)
    manifest = json.loads(context.blobs.read_bytes(covered.file(AssetKind.MANIFEST).sha256))
    assert [(e["change"]["kind"], e["uncovers"]) for e in manifest["edits"]] == [
        ("set_trim", False), ("set_sound", False), ("set_sound", False), ("add_box", False), ("delete", True),
        ("hide", False),
    ]  # fmt: skip
    assert manifest["trim"] == [10, 49]
    assert manifest["sound"] == [["keep", 0, 1000], ["bleep", 1000, 1400], ["keep", 1400, None]]
    assert [t["id"] for t in manifest["tracks"]] == [2, 3, 4, FIRST_MADE + 4]
    with context.blobs.open_local(covered.file(AssetKind.MASTER).sha256) as master, open_reader(master) as reader:
        pictures = [frame.picture for frame in reader.frames()]
    assert len(pictures) == 40
    for frame, picture in enumerate(pictures, start=10):
        assert picture is not None
        drawn_over = np.abs(picture.y[160:210, 210:250].astype(int) - FILL_LUMA).max() < 8
        assert drawn_over == (12 <= frame <= 30)
        first_face = picture.y[55:85, 25 + frame : 45 + frame].astype(int)
        assert np.abs(first_face - FILL_LUMA).max() > 8, "deleted"
