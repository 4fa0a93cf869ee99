"""Pictures as planes: untouched from the file to the encoder, and their colours with them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from clips import Clip, number_of, numbered, rotate

from vrijgave.domain.media import Colours
from vrijgave.media import Frame, OutputFormat, Picture, open_reader, open_writer, probe
from vrijgave.media.colours import MATRICES, planes_of, sample
from vrijgave.media.protocol import media_info_from_dict

RED, GREY = (20, 30, 200), (72, 72, 72)
ODD = Clip(size=(161, 97), pts=range(3), codec="ffv1", options={})


def read(path: Path) -> list[Frame]:
    with open_reader(path) as reader:
        return list(reader.frames())


def tagged(path: Path, count: int, colours: tuple[int, int, int], size: tuple[int, int] = (160, 96)) -> Path:
    """A film of numbers that says (matrix, primaries, transfer) of itself, repeated before each keyframe."""
    with av.open(str(path), "w") as container:
        options = {"preset": "ultrafast", "x264-params": "repeat-headers=1"}
        video = container.add_stream("libx264", rate=25, options=options)
        video.width, video.height = size
        context = video.codec_context
        context.colorspace, context.color_primaries, context.color_trc = colours
        for number in range(count):
            container.mux(video.encode(av.VideoFrame.from_ndarray(numbered(number, *size), format="bgr24")))
        container.mux(video.encode(None))
    return path


@pytest.mark.parametrize("codec", ["libx264", "mpeg4", "ffv1"])
def test_the_planes_of_the_file_are_handed_out(tmp_path: Path, codec: str) -> None:
    clip = ODD if codec == "ffv1" else Clip(pts=range(9), codec=codec, options={})
    path = clip.write(tmp_path / "clip.mkv")
    with av.open(str(path)) as container:
        stored = [tuple(plane.copy() for plane in planes_of(frame)) for frame in container.decode(video=0)]
    for frame, planes in zip(read(path), stored, strict=True):
        assert all(np.array_equal(ours, theirs) for ours, theirs in zip(frame.picture.planes, planes, strict=True))


def test_the_planes_handed_in_are_encoded(tmp_path: Path) -> None:
    """Without loss (crf 0), so that one changed bit shows."""
    source = tagged(tmp_path / "clip.mp4", 5, (6, 6, 6))
    target = tmp_path / "target.mp4"
    with open_reader(source) as reader:
        settings = OutputFormat.like(reader.info)
        lossless = OutputFormat(
            width=160, height=96, time_base=settings.time_base, colours=settings.colours, crf=0, preset="ultrafast"
        )
        with open_writer(target, lossless) as writer:
            given = list(reader.frames())
            for frame in given:
                writer.picture(frame.picture, frame.pts)
    for before, after in zip(given, read(target), strict=True):
        assert before.picture.colours == after.picture.colours == Colours(matrix=6, primaries=6, transfer=6)
        assert all(map(np.array_equal, before.picture.planes, after.picture.planes))


NAMED = {
    (1, 1, 1): Colours(),
    (6, 6, 6): Colours(matrix=6, primaries=6, transfer=6),
    (5, 5, 6): Colours(matrix=5, primaries=5, transfer=6),
    (9, 9, 14): Colours(matrix=9, primaries=9, transfer=14),
    (1, 9, 2): Colours(matrix=1, primaries=9, transfer=1),
    (2, 2, 2): Colours(matrix=5, primaries=5, transfer=6),  # not named: by its height
    (8, 2, 2): Colours(matrix=5, primaries=5, transfer=6),  # YCgCo, which nobody films in
}


@pytest.mark.parametrize("tags", NAMED, ids=str)
def test_colours_go_along(tmp_path: Path, tags: tuple[int, int, int]) -> None:
    source, target = tagged(tmp_path / "clip.mp4", 2, tags), tmp_path / "target.mp4"
    with open_reader(source) as reader, open_writer(target, OutputFormat.like(reader.info)) as writer:
        for frame in reader.frames():
            assert frame.picture.colours == NAMED[tags]
            writer.picture(frame.picture, frame.pts)
    assert reader.info.video.colours == probe(target).video.colours == NAMED[tags]
    with av.open(str(target)) as container:
        frame = next(container.decode(video=0))
    colours = NAMED[tags]
    said = (frame.colorspace, frame.color_primaries, frame.color_trc, frame.color_range)
    assert said == (colours.matrix, colours.primaries, colours.transfer, 1)


def test_colours_without_a_name_are_bt709_from_720_lines(tmp_path: Path) -> None:
    assert probe(tagged(tmp_path / "clip.mp4", 1, (2, 2, 2), (1280, 720))).video.colours == Colours()


@pytest.mark.parametrize("pixels", ["yuv422p", "yuv444p", "yuvj420p", "yuv420p10le"])
def test_other_kinds_of_pixels_become_bt709(tmp_path: Path, pixels: str) -> None:
    path = Clip(pixel_format=pixels, pts=range(3), options={"crf": "5"}).write(tmp_path / "clip.mkv")
    assert probe(path).video.colours == Colours()
    for number, frame in enumerate(read(path)):
        exact = Picture.of_bgr(numbered(number), Colours())
        assert np.abs(frame.picture.y.astype(int) - exact.y).mean() <= 2


def test_colours_that_change_on_the_way_become_the_first(tmp_path: Path) -> None:
    one, other = tagged(tmp_path / "a.h264", 4, (6, 6, 6)), tagged(tmp_path / "b.h264", 4, (9, 9, 14))
    path = tmp_path / "clip.h264"
    path.write_bytes(one.read_bytes() + other.read_bytes())
    first = Colours(matrix=6, primaries=6, transfer=6)
    assert {frame.picture.colours for frame in read(path)} == {first}
    assert [number_of(frame.image) for frame in read(path)] == [0, 1, 2, 3] * 2


def test_odd_sides_turn_with_the_picture(tmp_path: Path) -> None:
    options = {"bf": "0"}
    clip = Clip(size=(161, 97), pts=range(3), codec="mpeg4", options=options)
    path = clip.write(tmp_path / "clip.mp4")
    stored = read(path)
    for before, after in zip(stored, read(rotate(path, 0, 1, -1, 0)), strict=True):
        assert (after.picture.width, after.picture.height) == (97, 161)
        for plane, turned in zip(before.picture.planes, after.picture.planes, strict=True):
            assert np.array_equal(np.rot90(plane, -1), turned)


@pytest.mark.parametrize("size", [(160, 96), (161, 97), (1, 1), (3, 2), (2, 3)], ids=str)
def test_odd_sides_are_padded_by_their_last_row_and_column(size: tuple[int, int]) -> None:
    width, height = size
    image = np.random.default_rng(0).integers(0, 255, (height, width, 3), np.uint8)
    picture = Picture.of_bgr(image, Colours())
    y, u, v = planes_of(picture.to_frame(width + width % 2, height + height % 2))
    padded = np.pad(picture.y, ((0, height % 2), (0, width % 2)), mode="edge")
    assert np.array_equal(y, padded)
    assert np.array_equal(u, picture.u)
    assert np.array_equal(v, picture.v)
    assert picture.bgr().shape == image.shape


@pytest.mark.parametrize("matrix", MATRICES)
def test_one_colour(matrix: int) -> None:
    colours = Colours(matrix=matrix)
    for bgr in (RED, GREY, (255, 255, 255), (0, 0, 0), (255, 0, 0)):
        filled = Picture.filled(64, 48, colours, bgr)
        assert np.abs(filled.bgr().astype(int) - bgr).max() <= 3
        converted = Picture.of_bgr(np.full((48, 64, 3), bgr, np.uint8), colours)
        for ours, theirs in zip(filled.planes, converted.planes, strict=True):
            assert np.abs(ours.astype(int) - theirs).max() <= 1
    assert sample((255, 255, 255), colours) == (235, 128, 128)


def test_planes_that_do_not_belong_together() -> None:
    plane = np.zeros((4, 4), np.uint8)
    with pytest.raises(ValueError, match="not 4:2:0"):
        Picture(plane, plane, plane, Colours())


def test_pictures_in_other_colours_are_refused(tmp_path: Path) -> None:
    opened = open_writer(tmp_path / "out.mp4", OutputFormat(width=64, height=48, time_base=Fraction(1, 25)))
    with pytest.raises(ValueError, match="matrix=5"), opened as writer:
        writer.picture(Picture.filled(64, 48, Colours(matrix=5), GREY), 0)


def test_pictures_whose_planes_are_views_are_encoded_alike(tmp_path: Path) -> None:
    whole = Picture.of_bgr(np.random.default_rng(0).integers(0, 255, (96, 160, 3), np.uint8), Colours())
    part = Picture(whole.y[24:72, 40:104], whole.u[12:36, 20:52], whole.v[12:36, 20:52], Colours())
    alone = Picture(part.y.copy(), part.u.copy(), part.v.copy(), Colours())
    files = tmp_path / "part.mp4", tmp_path / "alone.mp4"
    for path, picture in zip(files, (part, alone), strict=True):
        with open_writer(path, OutputFormat(width=64, height=48, time_base=Fraction(1, 25))) as writer:
            writer.picture(picture, 0)
    assert files[0].read_bytes() == files[1].read_bytes()


def test_colours_cross_the_channel(tmp_path: Path) -> None:
    info = probe(tagged(tmp_path / "clip.mp4", 1, (9, 9, 14)))
    assert media_info_from_dict(info.to_dict()) == info
