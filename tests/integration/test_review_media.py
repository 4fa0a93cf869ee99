"""What the review plays: made with the analysis, looked at as the original, read in parts, and exact in its stills."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction as F
from pathlib import Path
from uuid import uuid4

import cv2
import fsspec
import numpy as np
import pytest
from clips import Clip, Sound, number_of
from sqlalchemy import URL

from vrijgave.bootstrap import build
from vrijgave.domain.assets import AssetKind
from vrijgave.domain.releases import FlowName, Release, State
from vrijgave.errors import ActionRequired, NotFound, Rejected
from vrijgave.media import open_reader
from vrijgave.services import review_media, stages
from vrijgave.services.context import Context
from vrijgave.services.files import MadeFile, add_assets, store_file
from vrijgave.services.review_media import ReviewMedia
from vrijgave.settings import Settings
from vrijgave.store.blobs import CHUNK, BlobStore
from vrijgave.store.proven import ProvenBlobs

CLIP = Clip(pts=range(30), sound=Sound(length=F(1), burst_at=F(1, 2)))
HOUR = timedelta(hours=1)


@pytest.fixture
def context(tmp_path: Path, database_url: URL) -> Context:
    return build(Settings(home=tmp_path, database_url=database_url.render_as_string(hide_password=False)))


@pytest.fixture
def hand_in(context: Context, new_release: Callable[..., Release], tmp_path: Path) -> Callable[..., Release]:
    """Hands a clip in, in a case of its own where asked."""

    def handed_in(clip: Clip = CLIP, **case: str) -> Release:
        footage = clip.write(tmp_path / f"{uuid4().hex}.mp4")
        original = store_file(context.blobs, AssetKind.ORIGINAL, footage, parent=None)
        release = new_release(created_at=context.now())
        with context.unit_of_work() as uow:
            release = uow.releases.add(replace(release, case=replace(release.case, **case)), start=FlowName.PREPARE)
            add_assets(uow, release, [original], context.now())
            uow.commit()
        return release

    return handed_in


def make(context: Context, release: Release) -> list[MadeFile]:
    return review_media.make_review_media(context, release.id, lambda _done, _all: None)


def prepared(context: Context, release: Release) -> Release:
    """``release`` with its media listed."""
    files = make(context, release)
    with context.unit_of_work() as uow:
        add_assets(uow, release, files, context.now())
        uow.commit()
    return release


def look(context: Context, release: Release, actor: str = "bas", reason: str | None = None) -> ReviewMedia:
    with context.unit_of_work() as uow:
        media = review_media.look(uow, release.id, actor, reason, context.now())
        uow.commit()
    return media


def logged(context: Context) -> list[tuple[str, str, str, str]]:
    with context.reading() as uow:
        return [(e.actor, e.action.value, e.subject, e.reason) for e in uow.audit.entries()]


def test_the_media_are_children_of_the_original_and_the_same_each_time(
    context: Context, hand_in: Callable[..., Release]
) -> None:
    release = hand_in()
    files = make(context, release)
    with context.reading() as uow:
        original = uow.assets.latest(release.id, AssetKind.ORIGINAL)
        assert uow.assets.list(release.id) == [original]
    assert [file.kind for file in files] == [AssetKind.PROXY, AssetKind.FRAME_MAP, AssetKind.WAVEFORM]
    assert {file.parent for file in files} == {original.sha256}
    assert make(context, release) == files


def test_silent_footage_has_no_waveform(context: Context, hand_in: Callable[..., Release]) -> None:
    media = look(context, prepared(context, hand_in(Clip())), reason="review")
    assert media.waveform is None


def test_the_map_belongs_to_both_files(context: Context, hand_in: Callable[..., Release]) -> None:
    media = look(context, prepared(context, hand_in()), reason="review")
    mapped = review_media.load_frame_map(context.blobs, media)
    assert (mapped.source_sha256, mapped.proxy_sha256) == (media.original.sha256, media.proxy.sha256)
    assert (mapped.frame_count, mapped.rate) == (30, 25)


def test_a_proxy_that_cannot_be_kept_leaves_nothing_behind(
    context: Context, hand_in: Callable[..., Release], monkeypatch: pytest.MonkeyPatch
) -> None:
    release = hand_in()

    def full(*_arguments: object) -> None:
        raise ActionRequired("administrator", "The disk is full.")

    monkeypatch.setattr(BlobStore, "put", full)
    with context.unit_of_work() as uow:
        stages.begin(uow, release.id, 1, FlowName.PREPARE, 1, context.now())
        uow.commit()
    with pytest.raises(ActionRequired):
        make(context, release)
    with context.reading() as uow:
        assert uow.releases.get(release.id).state is State.ANALYSING
        assert [asset.kind for asset in uow.assets.list(release.id)] == [AssetKind.ORIGINAL]


def test_a_reason_is_asked_once_for_each_person_and_case_and_each_look_is_logged(
    context: Context, hand_in: Callable[..., Release]
) -> None:
    first, second = prepared(context, hand_in()), prepared(context, hand_in(Clip(pts=range(5))))
    elsewhere = prepared(context, hand_in(Clip(pts=range(6)), public_case_number="2026000002"))
    for reason in (None, "", "  "):
        with pytest.raises(Rejected, match="Say why") as refused:
            look(context, first, reason=reason)
        assert refused.value.by == "reason"
    assert logged(context) == []
    one, two = look(context, first, reason=" review of case "), look(context, second)
    assert [entry[:3] for entry in logged(context)] == [
        ("bas", "consulted", f"blob:{media.original.sha256}") for media in (one, two)
    ]
    assert {entry[3] for entry in logged(context)} == {"review of case"}
    for release, actor in ((first, "cor"), (elsewhere, "bas")):
        with pytest.raises(Rejected, match="Say why"):
            look(context, release, actor)
    look(context, first, reason="a complaint")
    with context.reading() as uow:
        assert review_media.reason_given(uow, second.id, "bas") == "a complaint"
        assert review_media.reason_given(uow, second.id, "cor") is None
    assert len(logged(context)) == 3


def test_parts_are_for_who_opened_these_media_since(context: Context, hand_in: Callable[..., Release]) -> None:
    release, other = prepared(context, hand_in()), prepared(context, hand_in(Clip(pts=range(5))))
    began = context.now()
    media = look(context, release, reason="review")
    before = logged(context)
    with context.reading() as uow:
        assert review_media.opened(uow, release.id, "bas", began) == media
        for asked, actor, since in (
            (release, "cor", began),
            (other, "bas", began),
            (release, "bas", context.now() + HOUR),
        ):
            with pytest.raises(Rejected, match="Open the footage"):
                review_media.opened(uow, asked.id, actor, since)
    assert logged(context) == before


def test_there_is_nothing_to_look_at_before_it_is_made(context: Context, hand_in: Callable[..., Release]) -> None:
    with pytest.raises(NotFound, match="proxy"):
        look(context, hand_in(), reason="review")
    assert logged(context) == []


@pytest.fixture
def filmed(context: Context, hand_in: Callable[..., Release]) -> ReviewMedia:
    """Large enough that a still with fewer pixels would show; B-frames."""
    return look(context, prepared(context, hand_in(Clip(pts=range(30), size=(1600, 200)))), reason="review")


def test_a_still_is_exactly_that_frame(context: Context, filmed: ReviewMedia) -> None:
    blobs = ProvenBlobs(context.blobs)
    with context.blobs.open_local(filmed.original.sha256) as path, open_reader(path) as reader:
        images = [frame.image for frame in reader.frames()]
    for frame in (0, 17, 29):
        png = review_media.still(blobs, filmed, frame, context.limits)
        seen = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
        assert number_of(seen) == frame
        assert np.array_equal(seen, images[frame])
    for frame in (-1, 30):
        with pytest.raises(NotFound, match="frames 0 to 29"):
            review_media.still(blobs, filmed, frame, context.limits)


CONTENT = np.random.default_rng(0).integers(0, 256, 2 * CHUNK + 12_345).astype(np.uint8).tobytes()


@pytest.fixture(params=["folder", "memory"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A local folder, and a place that files must be fetched from."""
    yield str(tmp_path / "blobs") if request.param == "folder" else f"memory://{uuid4().hex}"
    fsspec.filesystem("memory").store.clear()


def overwrite(place: str, sha256: str, content: bytes) -> None:
    fs, root = fsspec.core.url_to_fs(place)
    fs.rm_file(f"{root}/{sha256[:2]}/{sha256[2:]}")
    fs.pipe_file(f"{root}/{sha256[:2]}/{sha256[2:]}", content)


@pytest.mark.parametrize(
    ("first", "stop"), [(0, 1), (0, len(CONTENT)), (5, CHUNK + 7), (CHUNK, 3 * CHUNK), (7, 7), (len(CONTENT), 10**9)]
)
def test_a_range_is_that_part_of_the_file_in_small_pieces(place: str, first: int, stop: int) -> None:
    store = BlobStore(place)
    sha256, size = store.put_bytes(CONTENT)
    blobs = ProvenBlobs(store)
    pieces = list(blobs.read(sha256, first, stop))
    assert b"".join(pieces) == CONTENT[first:stop]
    assert all(0 < len(piece) <= CHUNK for piece in pieces)
    assert blobs.size(sha256) == size
    with blobs.open_local(sha256) as path:
        assert path.read_bytes() == CONTENT


def test_a_file_is_hashed_once_and_again_when_it_changed(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = BlobStore(place)
    sha256, _ = store.put_bytes(CONTENT)
    hashed: list[str] = []
    prove = BlobStore.prove
    monkeypatch.setattr(BlobStore, "prove", lambda self, digest: (hashed.append(digest), prove(self, digest)))
    blobs = ProvenBlobs(store)
    for first in range(0, 5000, 1000):
        list(blobs.read(sha256, first, first + 1000))
    assert hashed == [sha256]
    overwrite(place, sha256, CONTENT[:-1] + b"x")
    for _ in range(2):
        with pytest.raises(Rejected, match="altered or damaged"):
            blobs.read(sha256, 0, 10)
        with pytest.raises(Rejected, match="altered or damaged"), blobs.open_local(sha256):
            pass
    overwrite(place, sha256, CONTENT)
    assert b"".join(blobs.read(sha256, 0, 10)) == CONTENT[:10]


def test_what_is_not_there_cannot_be_read(place: str) -> None:
    blobs = ProvenBlobs(BlobStore(place))
    with pytest.raises(NotFound, match="restore it from the backup"):
        blobs.read("0" * 64, 0, 10)
    with pytest.raises(ValueError, match="no range"):
        blobs.read("0" * 64, 10, 9)
