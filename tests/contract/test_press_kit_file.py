"""The press kit as the press gets it: complete, the same every time, and no longer trusted after any change."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from publishing_world import FAST, FileBook, HurriedClock, make_row, make_texts, no_progress

from vrijgave.domain.publications import LedgerState, Platform, Publication
from vrijgave.errors import ActionRequired, Rejected
from vrijgave.publishing.kit import verify_kit
from vrijgave.publishing.ledger import publish, take_down
from vrijgave.publishing.platforms.press_kit import PressKit
from vrijgave.publishing.protocol import Bundle


@pytest.fixture
def row(book: FileBook, bundle: Bundle) -> Publication:
    return book.add(make_row(bundle, Platform.PRESS_KIT))


@pytest.fixture
def kit(
    row: Publication, bundle: Bundle, press_kit: PressKit, press_folder: Path, book: FileBook, clock: HurriedClock
) -> Path:
    live = publish(row, bundle, press_kit, book, clock, no_progress, FAST)
    return press_folder / f"{live.remote_id}.zip"


def rewritten(kit: Path, **changes: bytes | None) -> Path:
    """A copy with members replaced, added or (None) left out; ``manifest_json`` stands for ``manifest.json``."""
    wanted = {name.replace("_json", ".json"): content for name, content in changes.items()}
    copy = kit.with_name("copy.zip")
    with zipfile.ZipFile(kit) as source, zipfile.ZipFile(copy, "w") as target:
        for name in source.namelist():
            content = wanted.pop(name, source.read(name))
            if content is not None:
                target.writestr(name, content)
        for name, content in wanted.items():
            target.writestr(name, content or b"")
    return copy


def test_a_kit_holds_everything_and_verifies(kit: Path, key: Ed25519PrivateKey, bundle: Bundle) -> None:
    manifest = verify_kit(kit, key.public_key())
    assert manifest.video.sha256 == bundle.sha256
    assert manifest.end_date == bundle.end_date
    with zipfile.ZipFile(kit) as archive:
        assert sorted(archive.namelist()) == [
            "manifest.json",
            "manifest.json.sig",
            "public_key.pem",
            "stills/01.jpg",
            "stills/02.jpg",
            "texts/en.json",
            "texts/en.txt",
            "texts/nl.json",
            "texts/nl.txt",
            "thumbnail.jpg",
            "video.mp4",
            "voorwaarden.txt",
        ]
        assert "2026-12-31" in archive.read("voorwaarden.txt").decode()
        assert json.loads(archive.read("texts/nl.json")) == json.loads(make_texts("nl").to_json())


def test_a_kit_says_nothing_of_the_release(kit: Path, row: Publication) -> None:
    content = kit.read_bytes()
    assert row.release_id.encode() not in kit.name.encode()
    assert b'"r1"' not in content


def test_the_same_parts_give_the_same_bytes(
    kit: Path, bundle: Bundle, tmp_path: Path, key: Ed25519PrivateKey, row: Publication
) -> None:
    other = PressKit(tmp_path / "elders", key)
    with bundle.rendition.open("rb") as file:
        name = other.send(row, bundle, file, lambda _: None, no_progress)
    made = tmp_path / "elders" / ".staged" / f"{name}.zip"
    assert sha256(made.read_bytes()).digest() == sha256(kit.read_bytes()).digest()


@pytest.mark.parametrize(
    "changes",
    [
        {"video.mp4": b"other"},
        {"voorwaarden.txt": b"free for all"},
        {"extra.txt": b"added"},
        {"thumbnail.jpg": None},
        {"manifest_json": b"{}"},
        {"manifest.json.sig": b"AAAA"},
        {"manifest.json.sig": b"not base64!"},
        {"manifest.json.sig": None},
        {"manifest_json": None},
    ],
)
def test_a_tampered_kit_is_refused(changes: dict[str, bytes | None], kit: Path, key: Ed25519PrivateKey) -> None:
    assert verify_kit(rewritten(kit), key.public_key())
    with pytest.raises(Rejected):
        verify_kit(rewritten(kit, **changes), key.public_key())


def test_a_kit_signed_by_another_is_refused(kit: Path) -> None:
    with pytest.raises(Rejected):
        verify_kit(kit, Ed25519PrivateKey.generate().public_key())


@pytest.mark.parametrize("length", [0, 100, -1])
def test_a_cut_off_kit_is_refused(length: int, kit: Path, key: Ed25519PrivateKey) -> None:
    cut = kit.with_name("cut.zip")
    cut.write_bytes(kit.read_bytes()[:length])
    with pytest.raises(Rejected):
        verify_kit(cut, key.public_key())


def test_withdrawal_leaves_a_notice_and_nothing_else(
    kit: Path, row: Publication, press_folder: Path, key: Ed25519PrivateKey, book: FileBook, clock: HurriedClock
) -> None:
    kits = PressKit(press_folder, key, lambda: datetime(2026, 5, 4, 12, tzinfo=UTC))
    take_down(book.get(row.id), kits, book, clock, FAST)
    left = [path for path in press_folder.rglob("*") if path.is_file()]
    assert [path.name for path in left] == [f"{kit.stem}-INGETROKKEN.txt"]
    assert "2026-05-04" in left[0].read_text(encoding="utf-8")


def test_a_kit_that_was_never_open_leaves_no_notice(
    row: Publication, bundle: Bundle, press_kit: PressKit, press_folder: Path, book: FileBook, clock: HurriedClock
) -> None:
    with bundle.rendition.open("rb") as file:
        press_kit.send(row, bundle, file, lambda _: None, no_progress)
    book.save(row, replace(row, state=LedgerState.UNKNOWN, intent_at=clock.now(), version=2))
    assert take_down(book.get(row.id), press_kit, book, clock, FAST).state is LedgerState.GONE
    assert [path for path in press_folder.rglob("*") if path.is_file()] == []


def test_a_damaged_kit_never_goes_live(
    row: Publication, bundle: Bundle, press_kit: PressKit, press_folder: Path, book: FileBook, clock: HurriedClock
) -> None:
    original = press_kit.send

    def damaging(*arguments: object) -> str:
        name = original(*arguments)  # type: ignore[arg-type]
        staged = press_folder / ".staged" / f"{name}.zip"
        content = bytearray(staged.read_bytes())
        content[500_000] ^= 1
        staged.write_bytes(content)
        return name

    press_kit.send = damaging  # type: ignore[method-assign]
    with pytest.raises(ActionRequired):
        publish(row, bundle, press_kit, book, clock, no_progress, FAST)
    assert list(press_folder.glob("*.zip")) == []


def test_another_kit_under_the_same_name_is_not_overwritten(
    kit: Path, row: Publication, bundle: Bundle, press_kit: PressKit
) -> None:
    before = kit.read_bytes()
    with bundle.rendition.open("rb") as file, pytest.raises(Rejected):
        press_kit.send(row, replace(bundle, conditions="Anders."), file, lambda _: None, no_progress)
    assert kit.read_bytes() == before


def test_a_press_folder_that_cannot_be_used_is_told(
    row: Publication, bundle: Bundle, tmp_path: Path, key: Ed25519PrivateKey, book: FileBook, clock: HurriedClock
) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ActionRequired, match="VRIJGAVE_PRESS_KIT_FOLDER"):
        publish(row, bundle, PressKit(tmp_path / "file", key), book, clock, no_progress, FAST)


def test_a_missing_still_is_told(
    row: Publication, bundle: Bundle, press_kit: PressKit, book: FileBook, clock: HurriedClock
) -> None:
    with pytest.raises(Rejected):
        publish(row, replace(bundle, stills=(Path("absent.jpg"),)), press_kit, book, clock, no_progress, FAST)
