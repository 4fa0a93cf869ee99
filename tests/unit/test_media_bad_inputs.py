"""What arrives instead of a recording, and the one sentence that a person reads about it."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from clips import Clip, Sound, number_of
from PIL import Image as Picture

from vrijgave.errors import UnreadableMedia
from vrijgave.media import open_reader, probe, sha256_file

FAST_START = {"movflags": "+faststart"}


def refused(path: Path) -> str:
    """The sentence; the same from a probe and from a reader, and no other exception behind it for a person to see."""
    with pytest.raises(UnreadableMedia) as probed:
        probe(path)
    with pytest.raises(UnreadableMedia) as opened, open_reader(path):
        pass
    assert str(probed.value) == str(opened.value)
    assert probed.value.__suppress_context__ or probed.value.__context__ is None
    assert str(probed.value).count("\n") == 0
    return str(probed.value)


def archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as zipped:
        zipped.writestr("verklaring.txt", "niets")
    return file.getvalue()


def photograph(kind: str) -> bytes:
    file = io.BytesIO()
    Picture.fromarray(np.zeros((20, 20, 3), np.uint8)).save(file, kind)
    return file.getvalue()


def speech() -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="wav") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 16000), np.int16), format="s16", layout="stereo")
        frame.sample_rate = 8000
        container.mux([*stream.encode(frame), *stream.encode(None)])
    return file.getvalue()


NOT_VIDEO = {
    "brief.txt": b"Geachte collega, hierbij de beelden. " * 100,
    "foto.jpg": photograph("JPEG"),
    "foto.png": photograph("PNG"),
    "foto.mp4": photograph("JPEG"),
    "alles.zip": archive(),
    "alles.mp4": archive(),
    "aangifte.pdf": b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n%%EOF\n" * 20,
    "ruis.avi": np.random.default_rng(3).integers(0, 255, 200_000, np.uint8).tobytes(),
    "nullen.mp4": bytes(100_000),
    "geluid.wav": speech(),
    "programma.mp4": b"\x7fELF" + bytes(5000),
}


@pytest.mark.parametrize("name", NOT_VIDEO)
def test_no_video(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(NOT_VIDEO[name])
    sentence = f"{name} is not a video file that can be read; send the recording itself, for instance as MP4."
    assert refused(tmp_path / name) == sentence


def test_empty(tmp_path: Path) -> None:
    (tmp_path / "leeg.mp4").touch()
    assert refused(tmp_path / "leeg.mp4") == "leeg.mp4 is empty; copy the recording again."


def test_missing(tmp_path: Path) -> None:
    assert refused(tmp_path / "weg.mp4") == "weg.mp4 does not exist; check the name and the folder."
    assert "does not exist" in refused(tmp_path / "weg" / "weg.mp4")


def test_folder_and_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pijp.mp4")
    assert refused(tmp_path / "pijp.mp4") == "pijp.mp4 is not a file; choose the recording itself."
    assert refused(tmp_path) == f"{tmp_path.name} is not a file; choose the recording itself."
    assert refused(Path("/dev/zero")) == "zero is not a file; choose the recording itself."


def test_no_permission(tmp_path: Path) -> None:
    path = Clip(pts=[0]).write(tmp_path / "clip.mp4")
    path.chmod(0)
    if not os.geteuid():
        for folder in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
            folder.chmod(0o755)
        os.seteuid(65534)
    try:
        assert refused(path) == "clip.mp4 may not be read; ask for permission to read it."
    finally:
        os.seteuid(os.getuid())


def test_sound_alone(tmp_path: Path) -> None:
    path = tmp_path / "gesprek.m4a"
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=48000)
        frame = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), format="fltp", layout="stereo")
        frame.sample_rate = 48000
        container.mux([*stream.encode(frame), *stream.encode(None)])
    assert refused(path) == "gesprek.m4a has no moving picture; send the recording with its picture."


def test_mp4_without_its_index(tmp_path: Path) -> None:
    path = Clip(pts=range(100)).write(tmp_path / "clip.mp4")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    sentence = "clip.mp4 lacks its index or is damaged, so the recording was not closed; export it again."
    assert refused(path) == sentence


@pytest.mark.parametrize("share", [0.4, 0.7, 0.95])
def test_mp4_cut_off_behind_its_index(tmp_path: Path, share: float) -> None:
    path = Clip(pts=range(100), container_options=FAST_START, sound=Sound()).write(tmp_path / "clip.mp4")
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    assert refused(path) == "clip.mp4 breaks off before its end; copy or export the recording again."


def test_matroska_cut_off_gives_what_is_there(tmp_path: Path) -> None:
    """A recorder that lost its power: the file never had an end, and every picture in it counts."""
    path = Clip(pts=range(100)).write(tmp_path / "clip.mkv")
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    with open_reader(path) as reader:
        frames = list(reader.frames())
    assert 20 < len(frames) < 90
    assert [number_of(frame.image) for frame in frames[:20]] == list(range(20))


def test_encrypted(tmp_path: Path) -> None:
    key = "00112233445566778899aabbccddeeff"
    options = {"encryption_scheme": "cenc-aes-ctr", "encryption_key": key, "encryption_kid": key}
    path = Clip(container_options=options).write(tmp_path / "clip.mp4")
    assert refused(path) == "clip.mp4 is encrypted; ask the owner of the camera for an export without encryption."


def test_unknown_coding(tmp_path: Path) -> None:
    path = Clip().write(tmp_path / "clip.mkv")
    path.write_bytes(path.read_bytes().replace(b"V_MPEG4/ISO/AVC", b"V_ZZZZZ/ISO/XYZ"))
    assert refused(path) == "The picture of clip.mkv has an unknown coding; ask for an export as H.264 in MP4."


def test_no_picture_can_be_decoded(tmp_path: Path) -> None:
    path = Clip().write(tmp_path / "clip.mp4")
    with av.open(str(path)) as container:
        places = [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.size]
    data = bytearray(path.read_bytes())
    for start, size in places:
        data[start : start + size] = b"\xff" * size
    path.write_bytes(data)
    assert refused(path) == "No picture of clip.mp4 can be decoded (h264); ask for a new export as H.264 in MP4."


def test_fifty_gigabytes_declared(tmp_path: Path) -> None:
    path = tmp_path / "groot.mp4"
    declared = (1).to_bytes(4, "big") + b"mdat" + (50 << 30).to_bytes(8, "big")
    path.write_bytes(b"\0\0\0\x14ftypisom\0\0\2\0isom" + declared + bytes(5000))
    assert "lacks its index or is damaged" in refused(path)


def test_fifty_gigabytes_of_holes_behind_a_clip(tmp_path: Path) -> None:
    path = Clip(container_options=FAST_START).write(tmp_path / "clip.mp4")
    os.truncate(path, 50 << 30)
    assert probe(path).video.frame_count == 25


def test_fifty_gigabytes_of_nothing(tmp_path: Path) -> None:
    path = tmp_path / "niets.mp4"
    path.touch()
    os.truncate(path, 50 << 30)
    assert "is not a video file" in refused(path)


def test_huge_picture_in_the_header(tmp_path: Path) -> None:
    path = Clip(codec="ffv1", options={}, size=(320, 256), pts=range(2)).write(tmp_path / "clip.mkv")
    data = path.read_bytes()
    place = data.index(b"\xb0\x82\x01\x40\xba\x82\x01\x00")  # PixelWidth 320, PixelHeight 256
    path.write_bytes(data[:place] + b"\xb0\x82\xff\xff\xba\x82\xff\xff" + data[place + 8 :])
    assert refused(path).startswith("No picture of clip.mkv can be decoded (ffv1)")


@pytest.mark.parametrize("frames", [1, 2])
def test_very_short(tmp_path: Path, frames: int) -> None:
    with open_reader(Clip(pts=range(frames)).write(tmp_path / "clip.mp4")) as reader:
        assert [number_of(frame.image) for frame in reader.frames()] == list(range(frames))


@pytest.mark.parametrize(
    "name", ["met spatie.mp4", "-i.mp4", "a:b.mp4", "file:c.mp4", "100%d.mp4", "ëü.mp4", "{x}.mp4"]
)
def test_names_are_only_names(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Clip(pts=range(3)).write(tmp_path / "clip.mp4").rename(tmp_path / name)
    assert probe(Path(name)).video.frame_count == 3
    (tmp_path / name).write_bytes(b"kapot")
    assert refused(Path(name)).startswith(name)


def test_the_command_line_of_python_stays_quiet(tmp_path: Path) -> None:
    """No traceback and no line of libav reaches the terminal."""
    (tmp_path / "x.mp4").write_bytes(NOT_VIDEO["ruis.avi"])
    script = (
        "import sys, pathlib, vrijgave.errors as e, vrijgave.media as m\n"
        "try: m.probe(pathlib.Path(sys.argv[1]))\n"
        "except e.UnreadableMedia: sys.exit(7)"
    )
    done = subprocess.run([sys.executable, "-c", script, tmp_path / "x.mp4"], capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (7, b"", b"")


def test_fingerprint(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert sha256_file(tmp_path / "a") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_sound_far_from_the_picture_is_no_endless_silence(tmp_path: Path) -> None:
    """A clock that jumps by a day must not become a day of silence."""
    path = tmp_path / "clip.mkv"
    with av.open(str(path), "w") as container:
        video = container.add_stream("mjpeg", rate=25)
        video.width, video.height, video.pix_fmt = 64, 48, "yuvj420p"
        audio = container.add_stream("pcm_s16le", rate=8000)
        audio.codec_context.layout = "mono"
        container.mux(video.encode(av.VideoFrame(64, 48, "yuvj420p")))
        for start in (0, 86400 * 8000):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = 8000, start, Fraction(1, 8000)
            container.mux(audio.encode(frame))
    with open_reader(path, sound=True) as reader:
        chunks = [item for item in reader if hasattr(item, "samples")]
    assert [chunk.start for chunk in chunks] == [0]
