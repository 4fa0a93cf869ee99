"""The folder of real pictures for the plate detector, built from a tiny repository and a tiny package."""

from __future__ import annotations

import hashlib
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from training.plates.gather import (
    LONGEST,
    Form,
    Kind,
    Source,
    Split,
    main,
    read_labels,
    read_sources,
)
from vrijgave.errors import ActionRequired

QUAD = [[10, 10], [60, 12], [60, 24], [10, 22]]


def jpeg(width: int, height: int, level: int = 90) -> bytes:
    return bytes(cv2.imencode(".jpg", np.full((height, width, 3), level, np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 60])[1])


def png(width: int, height: int) -> bytes:
    return bytes(cv2.imencode(".png", np.full((height, width, 3), 40, np.uint8))[1])


def video(file: Path) -> bytes:
    """Three seconds at ten frames a second: dark, then grey from second 1, then bright from second 2."""
    with av.open(str(file), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height = 64, 48
        for number in range(30):
            level = (20, 120, 220)[number // 10]
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), level, np.uint8), format="bgr24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return file.read_bytes()


def row(name: str, source: str, path: str, content: bytes, **more: Any) -> dict[str, Any]:
    digest = hashlib.sha256(content).hexdigest()
    return {"file": name, "source": source, "path": path, "sha256": digest, "kind": "background", **more}


def git(folder: Path, *command: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", "-C", str(folder), *identity, *command], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@dataclass
class Place:
    """A clones folder with one repository and one package, and what the command is given."""

    root: Path
    rows: list[dict[str, Any]]

    def run(self) -> int:
        labels = self.root / "labels.json"
        labels.write_text(json.dumps(self.rows))
        sources, clones = str(self.root / "sources.toml"), str(self.root / "clones")
        return main([str(self.root / "out"), "--clones", clones, "--sources", sources, "--labels", str(labels)])

    def index(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = json.loads((self.root / "out" / "index.json").read_text())
        return rows

    def picture(self, name: str) -> bytes:
        return (self.root / "out" / "images" / name).read_bytes()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    repository = tmp_path / "clones" / "street"
    repository.mkdir(parents=True)
    git(repository, "init", "-q")
    small, large, clip = jpeg(200, 100), jpeg(LONGEST * 2, 400), video(repository / "ride.mp4")
    (repository / "small.jpg").write_bytes(small)
    (repository / "large.jpg").write_bytes(large)
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "pictures")
    commit = git(repository, "rev-parse", "HEAD")
    (repository / "small.jpg").write_bytes(b"changed since")
    package = tmp_path / "clones" / "parcel"
    package.mkdir()
    (package / "wall.png").write_bytes(png(80, 60))
    common = 'licence = "MIT"\nimages = 1\ntrust = "made for this test"'
    (tmp_path / "sources.toml").write_text(
        f'[[source]]\nname = "street"\nform = "git"\nwhere = "example.org/street"\nversion = "{commit}"\n'
        f'split = "train"\n{common}\n[[source]]\nname = "bricks"\nclone = "parcel"\nform = "package"\n'
        f'where = "example.org/bricks"\nversion = "1.0"\nsplit = "validation"\n{common}\n'
    )
    rows = [
        row("a.jpg", "street", "small.jpg", small, kind="car", plates=[QUAD], ignore=[[0, 50, 200, 100]]),
        row("b.jpg", "street", "large.jpg", large),
        row("c.jpg", "street", "ride.mp4", clip, seconds=1.45),
        row("d.jpg", "bricks", "wall.png", png(80, 60)),
    ]
    return Place(tmp_path, rows)


def test_the_folder_holds_every_picture_with_its_source_and_labels(place: Place) -> None:
    assert place.run() == 0
    rows = place.index()
    assert [entry["file"] for entry in rows] == ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]
    assert [entry["split"] for entry in rows] == ["train", "train", "train", "validation"]
    assert rows[0]["plates"] == [QUAD]
    assert rows[0]["ignore"] == [[0, 50, 200, 100]]
    assert rows[0]["source"].endswith(":small.jpg")
    assert rows[2]["seconds"] == 1.45
    assert rows[3]["source"] == "example.org/bricks@1.0:wall.png"
    for entry in rows:
        assert entry["sha256"] == hashlib.sha256(place.picture(entry["file"])).hexdigest()


def test_a_small_jpeg_is_copied_as_it_was_committed(place: Place) -> None:
    place.run()
    assert place.picture("a.jpg") == jpeg(200, 100)


def test_a_large_picture_is_scaled_to_the_longest_side(place: Place) -> None:
    place.run()
    picture = cv2.imdecode(np.frombuffer(place.picture("b.jpg"), np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert picture.shape == (200, LONGEST, 3)


def test_a_video_gives_the_frame_of_the_asked_second(place: Place) -> None:
    place.run()
    picture = cv2.imdecode(np.frombuffer(place.picture("c.jpg"), np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert abs(float(picture.mean()) - 120) < 12


def test_a_radiance_picture_becomes_a_photograph(place: Place) -> None:
    light = np.full((40, 60, 3), 4.0, np.float32)
    light[:, :30] = 1.0
    content = bytes(cv2.imencode(".hdr", light)[1])
    (place.root / "clones" / "parcel" / "sky.hdr").write_bytes(content)
    place.rows = [row("sky.jpg", "bricks", "sky.hdr", content)]
    assert place.run() == 0
    picture = cv2.imdecode(np.frombuffer(place.picture("sky.jpg"), np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert abs(float(picture[:, :20].mean()) - 255 * 0.25 ** (1 / 2.2)) < 6
    assert picture[:, 40:].mean() > 245


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"sha256": "0" * 64}, "is not the file that was labelled"),
        ({"path": "gone.jpg"}, "it lacks gone.jpg"),
        ({"source": "elsewhere"}, "Add elsewhere to sources.toml"),
        ({"source": "bricks", "path": "gone.png"}, "gone.png is missing"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(
    place: Place, capsys: pytest.CaptureFixture[str], change: dict[str, str], sentence: str
) -> None:
    place.rows[0] |= change
    assert place.run() == ActionRequired.exit_code
    said = capsys.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1
    assert not (place.root / "out" / "index.json").exists()


def test_a_source_without_a_copy_is_asked_for(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    (place.root / "clones" / "street").rename(place.root / "clones" / "road")
    assert place.run() == ActionRequired.exit_code
    assert "Put a copy of example.org/street" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "seconds", "says"), [("ride.mp4", 9.0, "ends before"), ("small.jpg", 1.0, "no video")]
)
def test_a_time_that_the_file_lacks_is_told(
    place: Place, capsys: pytest.CaptureFixture[str], name: str, seconds: float, says: str
) -> None:
    content = b"no video at all" if says == "no video" else (place.root / "clones" / "street" / name).read_bytes()
    (place.root / "clones" / "parcel" / name).write_bytes(content)
    place.rows = [row("x.jpg", "bricks", name, content, seconds=seconds)]
    assert place.run() == 7
    assert says in capsys.readouterr().err


def test_a_failed_run_leaves_the_former_index(place: Place) -> None:
    place.run()
    before = place.index()
    place.rows[3] |= {"sha256": "0" * 64}
    assert place.run() != 0
    assert place.index() == before


def test_our_list_names_every_source_once_with_its_licence_and_count() -> None:
    sources, labels = read_sources(), read_labels()
    counts = {name: sum(label.source == name for label in labels) for name in sources}
    assert counts == {name: source.images for name, source in sources.items()}
    assert len({label.file for label in labels}) == len(labels)
    assert all(source.licence and source.trust and source.version for source in sources.values())
    assert {source.split for source in sources.values()} == set(Split)
    assert {source.form for source in sources.values()} == set(Form)


def test_our_quads_run_clockwise_from_the_top_left() -> None:
    for label in read_labels():
        for quad in label.plates:
            assert len(quad) == 4
            (ax, ay), (bx, by), (cx, _), (dx, dy) = quad
            assert ax < bx, label.file
            assert dx < cx, label.file
            assert ay < dy, label.file
            assert (bx - ax) * (dy - ay) - (by - ay) * (dx - ax) > 0, label.file
        assert all(x0 < x1 and y0 < y1 for x0, y0, x1, y1 in label.ignore), label.file
        assert label.kind is Kind.CAR or not label.plates


def test_a_source_names_its_files() -> None:
    source = Source("s", Form.GIT, "example.org/r", "abc", "MIT", Split.TRAIN, 1, "ours")
    assert source.at("a/b.jpg") == "example.org/r@abc:a/b.jpg"
