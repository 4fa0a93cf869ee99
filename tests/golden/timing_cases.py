"""One clip for each way in which footage keeps time."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F

from clips import Clip, Sound
from timing_case import MILLI, PLAIN, SIZE, TONE, TV, X264, Case, made
from timing_sources import (
    crowded,
    edited,
    fields,
    hidden_pictures,
    late_fragments,
    not_coded,
    remuxed,
    repeated_times,
    set_back,
    spoilt,
    two_fields_each,
    upright_as,
    with_remarks,
    without,
)

JITTER = (0, 3003, 5800, 9100, 12010, 15100, 915100, 918000, 921033, 924000, 927100, 930001)
"""A telephone: about 30 a second, no two gaps alike, one of ten seconds."""


def even(count: int, step: F) -> tuple[F, ...]:
    """``count`` equal steps."""
    return (step,) * count


INTRA = {"preset": "ultrafast", "g": "1", "bf": "0"}

PYRAMID = {"preset": "medium", "x264-params": "bframes=8:b-pyramid=normal:b-adapt=0:open-gop=1:keyint=10:scenecut=0"}

RATES = {
    "29.97 a second, B-frames, MP4": made(
        "a.mp4", Clip(pts=range(30), time_base=F(1001, 30000), rate=F(30000, 1001), options=X264, sound=TONE)
    ),
    "59.94 a second, MP2, TS": made(
        "a.ts",
        Clip(
            pts=range(30), time_base=F(1001, 60000), rate=F(60000, 1001), options=X264, sound=replace(TONE, codec="mp2")
        ),
        codec_delay=0.03,
    ),
    "23.976 a second, VP9, Opus, WebM": made(
        "a.webm",
        Clip(
            pts=range(20),
            time_base=F(1001, 24000),
            rate=F(24000, 1001),
            codec="libvpx-vp9",
            options={"cpu-used": "8", "deadline": "realtime"},
            sound=replace(TONE, codec="libopus"),
        ),
    ),
    "12.5 a second, MPEG-4 with B-frames, MP3, AVI": made(
        "a.avi",
        Clip(
            pts=range(20),
            time_base=F(2, 25),
            rate=F(25, 2),
            codec="mpeg4",
            options={"bf": "2", "g": "8"},
            sound=replace(TONE, codec="libmp3lame", rate=44100),
        ),
        codec_delay=0.06,
    ),
    "10 a second, MJPEG 4:2:2, PCM 8 kHz, AVI": made(
        "a.avi",
        Clip(
            pts=range(10),
            time_base=F(1, 10),
            rate=F(10),
            codec="mjpeg",
            pixel_format="yuvj422p",
            options={},
            sound=replace(TONE, codec="pcm_s16le", rate=8000, layout="mono"),
        ),
    ),
    "1 a second, MKV": made("a.mkv", Clip(pts=range(6), time_base=F(1), rate=F(1), options=X264)),
    "one picture": made("a.mp4", Clip(pts=[0])),
    "a telephone, ten seconds without a picture, MP4": made(
        "a.mp4",
        Clip(pts=JITTER, time_base=TV, rate=F(30), options=X264, sound=replace(TONE, rate=44100, layout="mono")),
    ),
    "a telephone, ten seconds without a picture, MKV": made(
        "a.mkv", Clip(pts=JITTER, time_base=TV, rate=F(30), options=X264)
    ),
    "pictures left out, AVI": made("a.avi", Clip(pts=[0, 1, 2, 5, 6, 9], codec="mpeg4", options={})),
    "B-pyramid, open groups, MP4": made("a.mp4", Clip(pts=range(30), options=PYRAMID)),
    "B-pyramid, open groups, TS": made("a.ts", Clip(pts=range(30), options=PYRAMID)),
    "B-pyramid, H.264 in AVI, which only tells decoding times": made("a.avi", Clip(pts=range(30), options=PYRAMID)),
    "B-frames, AAC, FLV": made("a.flv", Clip(pts=range(20), options=X264, sound=TONE)),
    "WMV, PCM": made(
        "a.wmv", Clip(pts=range(20), codec="wmv2", options={}, sound=replace(TONE, codec="pcm_s16le", rate=44100))
    ),
    "H.263 and AMR, 3GP": made(
        "a.3gp",
        Clip(
            pts=range(15),
            time_base=F(1, 15),
            rate=F(15),
            codec="h263",
            options={},
            size=(128, 96),
            sound=replace(TONE, codec="libopencore_amrnb", rate=8000, layout="mono"),
        ),
        codec_delay=0.03,
        shape=F(12, 11),
    ),
    "MPEG-2, MP2, program stream": made(
        "a.mpg",
        Clip(pts=range(20), codec="mpeg2video", options={"bf": "2", "g": "6"}, sound=replace(TONE, codec="mp2")),
        codec_delay=0.03,
    ),
    "HEVC 10 bits, open groups, MP4": made(
        "a.mp4",
        Clip(
            pts=range(20),
            codec="libx265",
            pixel_format="yuv420p10le",
            options={"preset": "ultrafast", "x265-params": "log-level=none:bframes=4:open-gop=1:keyint=8"},
        ),
    ),
}

STARTS = {
    "picture from 5.3 s, sound from 0, MP4": made(
        "a.mp4",
        Clip(
            pts=range(53, 63),
            time_base=F(1, 10),
            rate=F(10),
            options=X264,
            sound=replace(TONE, length=F(6), burst_at=F(11, 2)),
        ),
        start=F(53, 10),
    ),
    "picture from 5.3 s, sound from 4.8, TS": made(
        "a.ts",
        Clip(pts=range(477000, 513000, 3600), time_base=TV, options=PLAIN, sound=replace(TONE, start=F(24, 5))),
        codec_delay=0.03,
    ),
    "sound 1.5 s later, MKV": made("a.mkv", Clip(pts=range(75), options=X264, sound=replace(TONE, start=F(3, 2)))),
    "sound 1.5 s later, MP4": made("a.mp4", Clip(pts=range(75), options=X264, sound=replace(TONE, start=F(3, 2)))),
    "no edit list, negative decoding times, MP4": made(
        "a.mp4",
        Clip(pts=range(20), options=X264, container_options={"use_editlist": "0"}, sound=TONE),
        codec_delay=0.03,
    ),
    "negative composition offsets, MP4": made(
        "a.mp4",
        Clip(pts=range(20), options=X264, container_options={"movflags": "negative_cts_offsets"}, sound=TONE),
        codec_delay=0.03,
    ),
    "fragments from 4 s, MP4": made("a.mp4", Clip(pts=range(20)), make=late_fragments, start=F(4) + F(2, 25)),
    "a clock of 33 bits that begins anew, sound half a second before the picture, TS": made(
        "a.ts",
        Clip(
            pts=range(2**33 - 36000, 2**33 + 36000, 3600),
            time_base=TV,
            options=PLAIN,
            sound=replace(TONE, start=F(2**33 - 81000, 90000)),
        ),
        start=F(1, 2) + F(1024, 48000),  # the encoder puts a frame in front
        codec_delay=0.03,
    ),
}

SHAPES = {
    "odd width and height": made(
        "a.mkv", Clip(pts=range(5), pixel_format="yuv444p", size=(97, 65), options=X264), size=(98, 66)
    ),
    "odd width": made("a.mkv", Clip(pts=range(5), codec="ffv1", size=(97, 64), options={}), size=(98, 64)),
    "odd height": made(
        "a.avi", Clip(pts=range(5), codec="mjpeg", pixel_format="yuvj420p", size=(96, 65), options={}), size=(96, 66)
    ),
    "4:2:2, 10 bits, H.264, MP4": made("a.mp4", Clip(pts=range(10), pixel_format="yuv422p10le", options=X264)),
    "4:2:0, 10 bits, H.264, MKV": made("a.mkv", Clip(pts=range(10), pixel_format="yuv420p10le", options=X264)),
    "ProRes, PCM, MOV": made(
        "a.mov",
        Clip(
            pts=range(10),
            codec="prores_ks",
            pixel_format="yuv422p10le",
            options={},
            sound=replace(TONE, codec="pcm_s16le"),
        ),
    ),
}

LOSSES = {
    "packets missing, MKV": made(
        "a.mkv",
        Clip(pts=range(20)),
        make=remuxed(Clip(size=SIZE, pts=range(20), options=INTRA), without(3, 4, 9), "b.mp4"),
        numbers=tuple(n for n in range(20) if n not in (3, 4, 9)),
        steps=(*even(2, F(1, 25)), F(3, 25), *even(3, F(1, 25)), F(2, 25), *even(10, F(1, 25))),
    ),
    "packets missing, MP4": made(
        "a.mp4",
        Clip(pts=range(20)),
        make=remuxed(Clip(size=SIZE, pts=range(20), options=INTRA), without(3, 4, 9), "b.mkv"),
        numbers=tuple(n for n in range(20) if n not in (3, 4, 9)),
        steps=(*even(2, F(1, 25)), F(3, 25), *even(3, F(1, 25)), F(2, 25), *even(10, F(1, 25))),
    ),
    "packets missing, TS": made(
        "a.ts",
        Clip(pts=range(20)),
        make=remuxed(Clip(size=SIZE, pts=range(20), options=INTRA), without(3, 4, 9), "b.mp4"),
        numbers=tuple(n for n in range(20) if n not in (3, 4, 9)),
        steps=(*even(2, F(1, 25)), F(3, 25), *even(3, F(1, 25)), F(2, 25), *even(10, F(1, 25))),
    ),
    "undecodable packets": made(
        "a.mp4",
        Clip(pts=range(20)),
        make=remuxed(Clip(size=SIZE, pts=range(20), options=INTRA), spoilt(0, 7, 8, 18), "b.mp4"),
        numbers=tuple(None if n in (0, 7, 8, 18) else n for n in range(20)),
    ),
    "begins in the middle of a group, TS": made(
        "a.ts",
        Clip(pts=range(20)),
        make=remuxed(Clip(size=SIZE, pts=range(24), options=PLAIN), without(0, 1, 2, 3), "b.mp4"),
        numbers=(None, None, *range(6, 24)),
    ),
}


def turned(*matrix: int) -> Case:
    return made("a.mp4", Clip(pts=range(5)), make=upright_as(*matrix))


EDITS = {
    "edit list: nothing for 5.3 s": made(
        "a.mp4", Clip(pts=range(15)), make=edited((F(53, 10), None), (F(15, 25), F(0))), start=F(53, 10)
    ),
    "edit list: begins and ends inside a group": made(
        "a.mp4", Clip(pts=range(15)), make=edited((F(15, 25), F(5, 25))), numbers=tuple(range(5, 20)), start=F(0)
    ),
    "edit list: the end first": made(
        "a.mp4",
        Clip(pts=range(10)),
        make=edited((F(5, 25), F(10, 25)), (F(5, 25), F(0))),
        numbers=(*range(10, 15), *range(5)),
        start=F(0),
    ),
}

TURNS = {
    "turned by 90 degrees": turned(0, 1, -1, 0),
    "turned by 180 degrees": turned(-1, 0, 0, -1),
    "turned by 270 degrees": turned(0, -1, 1, 0),
    "mirrored": turned(-1, 0, 0, 1),
    "upside down mirrored": turned(1, 0, 0, -1),
    "turned and mirrored": turned(0, 1, 1, 0),
    "turned the other way and mirrored": turned(0, -1, -1, 0),
}

FIELDS = {
    "interlaced, MBAFF, MP4": made("a.mp4", Clip(pts=range(10), options=X264 | {"x264-params": "tff=1"})),
    "interlaced, bottom field first, MKV": made("a.mkv", Clip(pts=range(10), options=X264 | {"x264-params": "bff=1"})),
    "interlaced MPEG-2, TS": made(
        "a.ts", Clip(pts=range(10), codec="mpeg2video", options={"flags": "+ildct+ilme", "bf": "2", "g": "6"})
    ),
    "fields apart (PAFF), both in a unit, TS": made("a.ts", Clip(pts=range(12)), make=fields(apart=False)),
    "fields apart (PAFF), each with its time, TS": made("a.ts", Clip(pts=range(12)), make=fields(apart=True)),
}

UNSHOWN = {
    "pictures that are not coded, MPEG-4, AVI": made(
        "a.avi",
        Clip(pts=range(12)),
        make=remuxed(Clip(size=SIZE, pts=range(12), codec="mpeg4", options={"g": "12"}), not_coded, "b.avi"),
        numbers=(*range(5), *range(7, 12)),
        steps=(*even(4, F(1, 25)), F(3, 25), *even(5, F(1, 25))),
    ),
    "remarks in packets of their own, MKV": made(
        "a.mkv", Clip(pts=range(12)), make=remuxed(Clip(size=SIZE, pts=range(12), options=X264), with_remarks, "b.mp4")
    ),
    "hidden pictures, VP8, WebM": made("a.webm", Clip(pts=range(40)), make=hidden_pictures),
}

SOUNDS = {
    "sound that outlasts the picture, 44.1 kHz": made(
        "a.mp4", Clip(pts=range(10), options=X264, sound=Sound(length=F(2), rate=44100))
    ),
    "sound that ends before the picture, 16 kHz, mono": made(
        "a.mp4", Clip(pts=range(50), options=X264, sound=replace(TONE, rate=16000, layout="mono"))
    ),
    "a hole in the sound": made(
        "a.mkv",
        Clip(pts=range(50), options=X264, sound=Sound(codec="pcm_s16le", burst_at=F(5, 4), holes=((F(1, 2), F(1)),))),
    ),
    "six channels, AC-3": made(
        "a.mkv", Clip(pts=range(25), options=X264, sound=replace(TONE, codec="ac3", layout="5.1"))
    ),
}

ODD = {
    "pixels that are not square": made(
        "a.mkv", Clip(pts=range(5), options=X264 | {"x264-params": "sar=16/11"}), shape=F(16, 11)
    ),
    "other pictures, sounds and a timecode": made("a.mov", Clip(sound=TONE), make=crowded),
    "pictures on one moment": made(
        "a.mkv",
        Clip(pts=range(6)),
        make=repeated_times,
        steps=(F(1, 25), MILLI, MILLI, F(38, 1000), F(1, 25), F(1, 25)),
    ),
    "a clock that was set back": made("a.ts", Clip(pts=range(20)), make=set_back, start=F(10)),
    "fields apart, MPEG-2, TS": made("a.ts", Clip(pts=range(6)), make=two_fields_each),
}


CASES: dict[str, Case] = RATES | STARTS | SHAPES | LOSSES | EDITS | TURNS | FIELDS | UNSHOWN | SOUNDS | ODD
