"""Footage of the kinds that no encoder makes by itself: edited, turned, damaged, in fields, with much beside it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path

import av
import imageio_ffmpeg
import numpy as np
from av.packet import Packet
from av.stream import Disposition
from clips import Clip, numbered, rotate
from h264_fields import access_units
from timing_case import MILLI, PLAIN, SIZE, TONE, TV, X264, Make, picture, pictures


def remuxed(clip: Clip, change: Callable[[int, Packet], Iterable[Packet]], first: str) -> Make:
    """``clip``, written to a file named ``first``; from there its video packets go as ``change`` gives them."""

    def make(path: Path) -> Path:
        source = clip.write(path.with_name(first), pictures(len(clip.pts), clip.size))
        with av.open(str(source)) as before, av.open(str(path), "w") as after:
            stream = after.add_stream_from_template(before.streams.video[0])
            packets = (packet for packet in before.demux(video=0) if packet.size)
            for number, packet in enumerate(packets):
                for changed in change(number, packet):
                    changed.stream = stream
                    after.mux(changed)
        return path

    return make


def without(*numbers: int) -> Callable[[int, Packet], Iterable[Packet]]:
    """Packets that are missing, counted in decoding order."""
    return lambda number, packet: () if number in numbers else (packet,)


def like(packet: Packet, data: bytes) -> Packet:
    """Another packet at the same moment."""
    other = Packet(data)
    other.pts, other.dts, other.time_base, other.duration = packet.pts, packet.dts, packet.time_base, packet.duration
    other.is_keyframe = packet.is_keyframe
    return other


def spoilt(*numbers: int) -> Callable[[int, Packet], Iterable[Packet]]:
    """Packets full of nonsense."""
    return lambda number, packet: (like(packet, b"\xff" * packet.size) if number in numbers else packet,)


def late_fragments(path: Path) -> Path:
    """An MP4 in fragments whose clock starts at 4 s, as a piece of a longer recording."""
    flags = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
    data = bytearray(
        Clip(pts=range(20), size=SIZE, options=X264, container_options=flags).write(path, pictures(20)).read_bytes()
    )
    at = data.find(b"tfdt")
    while at >= 0:
        time = int.from_bytes(data[at + 8 : at + 16], "big")
        data[at + 8 : at + 16] = (time + 4 * MEDIA_TICKS).to_bytes(8, "big")
        at = data.find(b"tfdt", at + 1)
    path.write_bytes(data)
    return path


MEDIA_TICKS = 12800
"""A second of a track of 25 pictures a second, as libav writes MP4."""

MOVIE_TICKS = 1000


def edited(*edits: tuple[F, F | None], clip: Clip | None = None) -> Make:
    """An MP4 whose edit list has these (seconds of length, seconds of media to begin with or None for nothing)."""

    def make(path: Path) -> Path:
        data = (clip or Clip(size=SIZE, pts=range(30), options=X264)).write(path, pictures(30)).read_bytes()
        delay = 2 * MEDIA_TICKS // 25  # two B-frames: media starts as much later
        path.write_bytes(
            with_edits(
                data, [(int(n * MOVIE_TICKS), -1 if at is None else int(at * MEDIA_TICKS) + delay) for n, at in edits]
            )
        )
        return path

    return make


def with_edits(data: bytes, edits: Sequence[tuple[int, int]]) -> bytes:
    """``data``, an MP4 that ends with its index, with another edit list in its first track."""
    entries = b"".join(n.to_bytes(4, "big") + at.to_bytes(4, "big", signed=True) + b"\0\1\0\0" for n, at in edits)
    new = box(b"edts", box(b"elst", bytes(4) + len(edits).to_bytes(4, "big") + entries))
    index = data.index(b"moov") - 4
    assert index + int.from_bytes(data[index : index + 4], "big") == len(data)
    old = data.index(b"edts", index) - 4
    size = int.from_bytes(data[old : old + 4], "big")
    changed = bytearray(data[:old] + new + data[old + size :])
    for name in (b"moov", b"trak"):
        at = changed.index(name, index) - 4
        length = int.from_bytes(changed[at : at + 4], "big") + len(new) - size
        changed[at : at + 4] = length.to_bytes(4, "big")
    return bytes(changed)


def box(name: bytes, content: bytes) -> bytes:
    return (8 + len(content)).to_bytes(4, "big") + name + content


def upright_as(*matrix: int) -> Make:
    """Stored turned or mirrored, with the matrix that players undo it by."""

    def make(path: Path) -> Path:
        turned = {
            (0, 1, -1, 0): lambda p: np.rot90(p),
            (-1, 0, 0, -1): lambda p: np.rot90(p, 2),
            (0, -1, 1, 0): lambda p: np.rot90(p, -1),
            (-1, 0, 0, 1): np.fliplr,
            (1, 0, 0, -1): np.flipud,
            (0, 1, 1, 0): lambda p: p.transpose(1, 0, 2),
            (0, -1, -1, 0): lambda p: np.rot90(p, 2).transpose(1, 0, 2),
        }[matrix]
        stored = [np.ascontiguousarray(turned(drawn)) for drawn in pictures(5)]
        height, width = stored[0].shape[:2]
        return rotate(Clip(pts=range(5), size=(width, height), options=X264).write(path, stored), *matrix)

    return make


def told(path: Path, codec: str, units: Iterable[tuple[int, bytes]]) -> Path:
    """Coded units with their times (ninety-thousandths of a second), as they are."""
    with av.open(str(path), "w") as container:
        stream = container.add_mux_stream(codec, rate=25)
        stream.width, stream.height = SIZE
        container.start_encoding()
        for time, data in units:
            packet = Packet(data)
            packet.stream, packet.time_base, packet.pts, packet.dts = stream, TV, time, time
            container.mux(packet)
    return path


def fields(*, apart: bool) -> Make:
    """H.264 with separate fields in a transport stream, each with its own time or both in one unit."""
    pairs = access_units(12, SIZE)
    both = [(3600 * number, top + bottom) for number, (top, bottom) in enumerate(pairs)]
    each = [(3600 * n + 1800 * second, data) for n, pair in enumerate(pairs) for second, data in enumerate(pair)]
    return lambda path: told(path, "h264", each if apart else both)


def not_coded(number: int, packet: Packet) -> Iterable[Packet]:
    """Packets 5 and 6 of MPEG-4 as pictures that are not coded: the one before stays."""
    data = bytes(packet)
    at = data.find(b"\0\0\1\xb6") + 4
    head = int.from_bytes(data[at : at + 4], "big") >> 22  # kind, whole seconds, 5 bits of the moment, marks
    empty = data[:at] + (head << 22).to_bytes(4, "big")
    return (like(packet, empty) if number in (5, 6) else packet,)


REMARK = b"\x06\x05\x11" + bytes(range(1, 17)) + b"A\x80"


def with_remarks(number: int, packet: Packet) -> Iterable[Packet]:
    """A packet with a recorder's own data before each picture."""
    return like(packet, len(REMARK).to_bytes(4, "big") + REMARK), packet


def hidden_pictures(path: Path) -> Path:
    """VP8 with pictures that are never shown, which libvpx only makes when it has seen the whole clip before."""
    drawn = [picture(number) for number in range(40)]
    data = b"".join(p.tobytes() for p in drawn)
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(),
        "-v",
        "error",
        "-f",
        "rawvideo",
        "-pix_fmt",
        "bgr24",
        "-s",
        "96x64",
        "-r",
        "25",
        "-i",
        "-",
        "-c:v",
        "libvpx",
        "-b:v",
        "200k",
        "-auto-alt-ref",
        "1",
        "-lag-in-frames",
        "25",
        "-passlogfile",
        str(path.with_name("log")),
    ]
    for end in (["-pass", "1", "-f", "null", "-"], ["-pass", "2", str(path)]):
        subprocess.run([*command, *end], input=data, check=True)
    with av.open(str(path)) as container:
        assert sum(packet.size > 0 for packet in container.demux(video=0)) > len(drawn)
    return path


def crowded(path: Path) -> Path:
    """A small picture and a large one, cover art, two sound tracks with tones at different moments, and a timecode."""
    tone, other = TONE, replace(TONE, burst_at=F(1, 10))
    with av.open(str(path), "w", container_options={"write_tmcd": "1"}) as container:
        container.metadata["timecode"] = "10:20:30:00"
        small, large = (container.add_stream("libx264", rate=25, options=X264) for _ in range(2))
        art = container.add_stream("mjpeg", rate=25)
        for video, (width, height) in ((small, (64, 48)), (large, SIZE), (art, (320, 240))):
            video.width, video.height = width, height
        art.pix_fmt, art.disposition = "yuvj420p", Disposition.attached_pic
        sounds = [container.add_stream("aac", rate=48000) for _ in range(2)]
        packets = [
            *Clip(size=(64, 48))._pictures(small, (numbered(600 + n, 64, 48) for n in range(25))),
            *Clip()._pictures(large, pictures(25)),
            *art.encode(av.VideoFrame.from_ndarray(picture(700, 320, 240), format="bgr24").reformat(format="yuvj420p")),
            *Clip(sound=tone)._sounds(sounds[0]),
            *Clip(sound=other)._sounds(sounds[1]),
        ]
        container.start_encoding()
        container.mux(sorted(packets, key=lambda packet: packet.dts * packet.time_base))
    return path


def repeated_times(path: Path) -> Path:
    """Three pictures on one moment."""
    moments = (0, 40, 40, 40, 80, 120)
    with av.open(str(path), "w") as container:
        video = container.add_stream("mjpeg", rate=25)
        video.width, video.height, video.pix_fmt = *SIZE, "yuvj420p"
        frames = (
            av.VideoFrame.from_ndarray(drawn, format="bgr24").reformat(format="yuvj420p") for drawn in pictures(6)
        )
        packets = [packet for frame in frames for packet in video.encode(frame)]
        for packet, moment in zip(packets, moments, strict=True):
            packet.pts = packet.dts = moment
            packet.time_base = MILLI
            container.mux(packet)
    return path


def set_back(path: Path) -> Path:
    """A recorder whose clock was set back by ten seconds."""
    for name, first, numbers in (("later.ts", 900_000, range(10)), ("sooner.ts", 0, range(10, 20))):
        clip = Clip(pts=range(first, first + 36_000, 3600), size=SIZE, time_base=TV, options=PLAIN)
        clip.write(path.with_name(name), [picture(number) for number in numbers])
    path.write_bytes(path.with_name("later.ts").read_bytes() + path.with_name("sooner.ts").read_bytes())
    return path


def two_fields_each(path: Path) -> Path:
    """MPEG-2 with separate fields, which no encoder here makes: whole pictures of half the height, marked as fields."""
    width, height = SIZE
    halves = [np.ascontiguousarray(half) for drawn in pictures(6) for half in (drawn[0::2], drawn[1::2])]
    clip = Clip(pts=range(12), size=(width, height // 2), codec="mpeg2video", options={"g": "1"})
    whole = clip.write(path.with_name("whole.m2v"), halves).read_bytes()
    written, number, headers = b"", -1, b""
    for unit in (b"\0\0\1" + part for part in whole.split(b"\0\0\1")[1:]):
        data = bytearray(unit)
        if data[3] == 0xB3:  # sequence: the height of the whole picture
            data[5:7] = bytes([data[5] & 0xF0 | height >> 8, height & 0xFF])
        elif data[3] == 0xB5 and data[4] >> 4 == 1:  # its extension: not progressive
            data[5] &= 0xF7
        elif data[3] == 0:  # picture; nothing may lie between it and its other field
            number += 1
            written += headers if number % 2 == 0 else b""
            headers = b""
        elif data[3] == 0xB5 and data[4] >> 4 == 8:  # its extension: top or bottom
            data[6] = data[6] & 0xFC | (1 + number % 2)
            data[7] &= 0x3E
            data[8] &= 0x7F
        if data[3] in (0xB3, 0xB8) or (data[3] == 0xB5 and data[4] >> 4 < 3):
            headers += data
        else:
            written += data
    raw = path.with_name("fields.m2v")
    raw.write_bytes(written)
    with av.open(str(raw)) as container:
        units = [bytes(packet) for packet in container.demux(video=0) if packet.size]
    return told(path, "mpeg2video", [(3600 * number, unit) for number, unit in enumerate(units)])
