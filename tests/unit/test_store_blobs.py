"""Blobs: content-addressed, written once and whole, checked at every reading; in a folder and elsewhere."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import fsspec
import pytest

from vrijgave.errors import ActionRequired, NotFound, Rejected, RetryLater
from vrijgave.store import BlobStore, blobs

CONTENT = bytes(range(256)) * 5000
SHA256 = sha256(CONTENT).hexdigest()
KEY = f"{SHA256[:2]}/{SHA256[2:]}"


@pytest.fixture(params=["folder", "file-url", "memory"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Places of both kinds: a local folder, and one that files must be fetched from."""
    if request.param == "memory":
        place = f"memory://{uuid4().hex}"
        yield place
        fsspec.filesystem("memory").store.clear()
        return
    folder = tmp_path / "blobs"
    yield str(folder) if request.param == "folder" else folder.as_uri()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A file to put in."""
    path = tmp_path / "source.bin"
    path.write_bytes(CONTENT)
    return path


def stored(url: str) -> list[str]:
    fs, root = fsspec.core.url_to_fs(url)
    return sorted(path.removeprefix(root).lstrip("/") for path in fs.find(root))


def overwrite(url: str, content: bytes) -> None:
    fs, root = fsspec.core.url_to_fs(url)
    fs.rm_file(f"{root}/{KEY}")
    fs.pipe_file(f"{root}/{KEY}", content)


def test_what_was_put_in_comes_out(url: str, source: Path) -> None:
    store = BlobStore(url)
    assert store.put(source) == (SHA256, len(CONTENT))
    assert stored(url) == [KEY]
    assert store.exists(SHA256)
    with store.open_local(SHA256) as path:
        assert path.read_bytes() == CONTENT
    assert store.read_bytes(SHA256) == CONTENT


def test_an_empty_file_is_a_file(url: str) -> None:
    digest, size = BlobStore(url).put_bytes(b"")
    assert (digest, size) == (sha256(b"").hexdigest(), 0)
    assert BlobStore(url).read_bytes(digest) == b""


def test_putting_the_same_again_changes_nothing(url: str, source: Path) -> None:
    store = BlobStore(url)
    assert store.put(source) == store.put_bytes(CONTENT) == (SHA256, len(CONTENT))
    assert stored(url) == [KEY]


def test_the_source_may_change_afterwards(url: str, source: Path) -> None:
    store = BlobStore(url)
    store.put(source)
    source.write_bytes(b"another")
    assert store.read_bytes(SHA256) == CONTENT


@pytest.mark.parametrize("damage", [CONTENT[:-1], CONTENT[:-1] + b"x", b""])
def test_damaged_content_never_comes_out(url: str, source: Path, damage: bytes) -> None:
    store = BlobStore(url)
    store.put(source)
    overwrite(url, damage)
    with pytest.raises(Rejected) as refused, store.open_local(SHA256):
        pytest.fail("opened")
    assert refused.value.by == "integrity"
    with pytest.raises(Rejected):
        store.read_bytes(SHA256)


def test_what_is_not_there_is_not_found(url: str, tmp_path: Path) -> None:
    store = BlobStore(url)
    assert not store.exists(SHA256)
    with pytest.raises(NotFound), store.open_local(SHA256):
        pytest.fail("opened")
    with pytest.raises(NotFound):
        store.put(tmp_path / "missing")
    with pytest.raises(NotFound):
        store.put(tmp_path)


def test_deleted_is_gone_and_may_be_repeated(url: str, source: Path) -> None:
    store = BlobStore(url)
    store.put(source)
    store.delete(SHA256)
    store.delete(SHA256)
    assert not store.exists(SHA256)
    assert stored(url) == []
    assert store.put(source) == (SHA256, len(CONTENT))


@pytest.mark.parametrize("wrong", ["", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 64 + "\n"])
def test_only_hashes_are_keys(url: str, wrong: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        BlobStore(url).exists(wrong)


def test_a_write_that_fails_leaves_nothing(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing:
        def __init__(self) -> None:
            self.chunks = iter([b"half"])

        def read(self, _size: int) -> bytes:
            for chunk in self.chunks:
                return chunk
            raise OSError(5, "input/output error")

    store: Any = BlobStore(url)
    with pytest.raises(RetryLater):
        store._take(Failing())
    assert stored(url) == []


def test_a_local_file_is_used_in_place_and_cannot_be_written(tmp_path: Path, source: Path) -> None:
    store = BlobStore(str(tmp_path / "blobs"))
    store.put(source)
    with store.open_local(SHA256) as path:
        assert path == tmp_path / "blobs" / KEY
        assert stat.S_IMODE(path.stat().st_mode) == 0o444


def test_a_fetched_copy_is_removed_afterwards(source: Path) -> None:
    store = BlobStore(f"memory://{uuid4().hex}")
    store.put(source)
    with store.open_local(SHA256) as path:
        assert stat.S_IMODE(path.stat().st_mode) == 0o444
    assert not path.exists()
    assert not path.parent.exists()


def test_a_blob_that_stands_is_not_written_again(tmp_path: Path, source: Path) -> None:
    store = BlobStore(str(tmp_path / "blobs"))
    store.put(source)
    before = (tmp_path / "blobs" / KEY).stat()
    store.put(source)
    after = (tmp_path / "blobs" / KEY).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_a_full_disk_is_for_the_administrator() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with pytest.raises(ActionRequired), blobs._own_errors(), open("/dev/full", "wb", buffering=0) as full:
        full.write(b"x")


def test_a_place_that_is_a_file_is_explained(tmp_path: Path, source: Path) -> None:
    with pytest.raises((ActionRequired, RetryLater)):
        BlobStore(str(source / "inside")).put(source)


def test_a_bucket_that_cannot_be_reached_is_for_later() -> None:
    exceptions = pytest.importorskip("botocore.exceptions")
    with pytest.raises(RetryLater), blobs._own_errors():
        raise exceptions.EndpointConnectionError(endpoint_url="https://s3.example")


def test_mistakes_of_the_program_stay_visible() -> None:
    with pytest.raises(ZeroDivisionError), blobs._own_errors():
        raise ZeroDivisionError


def test_a_file_of_ours_is_taken_over(url: str, source: Path) -> None:
    store = BlobStore(url)
    for _again in range(2):
        assert store.adopt(source, SHA256) == len(CONTENT)
    assert stored(url) == [KEY]
    assert store.read_bytes(SHA256) == CONTENT
    source.unlink()
    assert store.read_bytes(SHA256) == CONTENT
    assert store.adopt(source, SHA256) == len(CONTENT), "who comes second finds it there"


def test_taking_over_on_the_same_disk_copies_nothing(tmp_path: Path, source: Path) -> None:
    store = BlobStore(str(tmp_path / "blobs"))
    store.adopt(source, SHA256)
    kept = store.local_path(SHA256)
    assert kept is not None
    assert kept.stat().st_ino == source.stat().st_ino
    assert stat.S_IMODE(kept.stat().st_mode) == 0o444


def test_taking_over_by_copy_proves_the_hash(tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def another_disk(*_arguments: object) -> None:
        raise OSError(18, "cross-device link")

    monkeypatch.setattr(blobs.os, "link", another_disk)
    store = BlobStore(str(tmp_path / "blobs"))
    with pytest.raises(Rejected, match="changed while"):
        store.adopt(source, "0" * 64)
    assert store.adopt(source, SHA256) == len(CONTENT)
