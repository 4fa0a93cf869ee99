"""Reading through a file once without decoding it: what it is, and when each of its pictures is shown. In the child."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from vrijgave.domain.media import AudioInfo, MediaInfo, VideoInfo
from vrijgave.media.colours import colours_of
from vrijgave.media.entry import Entries, EntryFinder
from vrijgave.media.limits import Limits
from vrijgave.media.orientation import Orientation
from vrijgave.media.picture_starts import packet_headers
from vrijgave.media.protocol import Reason
from vrijgave.media.source import Refusal, choose_video, first_sound, is_out_of_memory, open_source
from vrijgave.media.timeline import Timeline, TimelineBuilder

FIRST_PICTURE_PACKETS = 1000
"""So many packets may go by before the first picture comes out; then the file counts as undecodable."""
ALIVE_PACKETS = 2000
CLOCK_START = 60
"""A clock that starts later than this many seconds (broadcast, recorders) has an arbitrary zero and is set to 0."""
UNTOLD_PRIMING = Fraction(1, 20)
"""Sound up to so many seconds before zero is what an encoder put in front; no picture has to wait for it."""
STRUCTURE = frozenset({"major_brand", "minor_version", "compatible_brands", "vendor_id", "duration"})
"""Tags that tell of the container, not of people, places or devices."""
DEFAULTS = frozenset({("language", "und"), ("handler_name", "VideoHandler"), ("handler_name", "SoundHandler")})
MAX_TAGS, MAX_TAG_LENGTH = 200, 300


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """All that is known of a file before it is decoded. ``origin`` (seconds) is taken off every time in the file."""

    info: MediaInfo
    timeline: Timeline
    origin: Fraction
    orientation: Orientation
    entries: Entries


class Scanner:
    """One pass over the packets of a file."""

    def __init__(
        self, file: io.FileIO, limits: Limits, alive: Callable[[], None], *, find_entries: bool = False
    ) -> None:
        self._file = file
        self._limits = limits
        self._alive = alive
        self._find_entries = find_entries
        self._entries = Entries()
        self._first: VideoFrame | None = None
        self._tried = 0
        self._sounds: dict[int, tuple[Fraction, Fraction]] = {}

    def scan(self) -> Scan:
        """Raises ``Refusal`` for a file that cannot be read whole or lies beyond the limits."""
        with open_source(self._file, self._limits) as container:
            video = choose_video(container)
            self._check_size(video.codec_context.width, video.codec_context.height)
            self._check_whole(video)
            timeline = self._read_through(container, video)
            return self._describe(container, video, timeline)

    def _check_size(self, width: int, height: int) -> None:
        if width * height > self._limits.max_pixels:
            raise Refusal(Reason.TOO_LARGE, width=width, height=height, limit=self._limits.max_pixels)

    def _size(self) -> int:
        """Bytes of the file, without moving in it: libav keeps its place in it."""
        return os.fstat(self._file.fileno()).st_size

    def _check_whole(self, video: VideoStream) -> None:
        """An index that points past the end of the file: the copy broke off."""
        entries = video.index_entries
        if len(entries) and max(entries[i].pos + entries[i].size for i in (0, len(entries) - 1)) > self._size():
            raise Refusal(Reason.TRUNCATED)

    def _read_through(self, container: InputContainer, video: VideoStream) -> Timeline:
        rate = video.guessed_rate or video.average_rate or Fraction(25)
        builder = TimelineBuilder(round(1 / (rate * _time_base(video))))
        headers = packet_headers(video.codec_context.name, video.codec_context.extradata)
        sounds = [s for s in container.streams.audio if s.codec_context is not None]
        finder = EntryFinder(video.codec_context.name, video.codec_context.extradata) if self._find_entries else None
        for number, packet in enumerate(_packets(container, video, *sounds)):
            if number % ALIVE_PACKETS == 0:
                self._alive()
            if packet.stream_index != video.index:
                self._hear(packet)
                continue
            if packet.has_sidedata("encryption_info"):
                raise Refusal(Reason.ENCRYPTED)
            self._look(video, packet)
            begins = headers.begin_picture(bytes(packet))
            if finder is not None:
                finder.add(packet, begins=begins and not packet.is_discard)
            if not begins:
                builder.prolong(packet.pts, packet.duration)
            elif not packet.is_discard:
                builder.add(packet.pts, packet.dts, packet.duration)
        self._look(video, None)
        timeline = builder.build(reorders=video.codec_context.has_b_frames)
        self._entries = Entries() if finder is None else finder.found()
        if self._first is None:
            raise Refusal(Reason.UNDECODABLE, codec=video.codec_context.name)
        return timeline

    def _look(self, video: VideoStream, packet: Packet[Stream] | None) -> None:
        """Decode until one picture has come out: it tells what the header does not."""
        if self._first is not None or self._tried > FIRST_PICTURE_PACKETS:
            return
        self._tried += 1
        try:
            frames = video.codec_context.decode(packet)
        except (av.FFmpegError, MemoryError) as error:
            if is_out_of_memory(error):
                raise
            return
        if frames:
            self._first = frames[0]
            self._check_size(frames[0].width, frames[0].height)

    def _hear(self, packet: Packet[Stream]) -> None:
        """Extend what is known of a sound stream; what a decoder skips at the start (priming) is not counted."""
        if packet.pts is None:
            return
        time_base = _time_base(packet.stream)
        start = packet.pts * time_base
        end = start + (packet.duration or 0) * time_base
        if packet.stream_index not in self._sounds:
            self._sounds[packet.stream_index] = (start + _skipped(packet), end)
        else:
            first, last = self._sounds[packet.stream_index]
            self._sounds[packet.stream_index] = (first, max(last, end))

    def _describe(self, container: InputContainer, video: VideoStream, timeline: Timeline) -> Scan:
        assert self._first is not None  # noqa: S101 - _read_through refuses otherwise
        time_base = _time_base(video)
        duration = (timeline.end - timeline.pts[0]) * time_base
        if duration > self._limits.max_duration.total_seconds():
            raise Refusal(Reason.TOO_LONG, seconds=int(duration), limit=int(self._limits.max_duration.total_seconds()))
        ticks = self._clock_start(container, timeline.pts[0] * time_base) // time_base
        origin = ticks * time_base
        shifted = timeline.shifted(-ticks)
        orientation = Orientation.of(self._first)
        info = MediaInfo(
            container=container.format.name,
            size=self._size(),
            video=self._video_info(video, shifted, duration, orientation),
            audio=tuple(self._audio_info(s, origin) for s in container.streams.audio if s.codec_context is not None),
            extra_streams=tuple(_extra_streams(container, video)),
            metadata=_metadata(container),
            chapters=len(container.chapters()),
        )
        return Scan(info, shifted, origin, orientation, self._entries)

    def _clock_start(self, container: InputContainer, video_start: Fraction) -> Fraction:
        """Seconds to take off the clock of the file, so that nothing starts below zero or an hour from it."""
        sound = first_sound(container)
        heard = self._sounds.get(sound.index) if sound is not None else None
        earliest = min(video_start, heard[0]) if heard is not None else video_start
        if earliest > CLOCK_START or earliest < -UNTOLD_PRIMING:
            return earliest
        return min(video_start, Fraction(0))

    def _video_info(
        self, video: VideoStream, timeline: Timeline, duration: Fraction, orientation: Orientation
    ) -> VideoInfo:
        assert self._first is not None  # noqa: S101
        frame, context = self._first, video.codec_context
        width, height = orientation.size(frame.width, frame.height)
        declared = (video.average_rate, video.base_rate, video.guessed_rate)
        rate, varies = timeline.rate(declared, _time_base(video))
        aspect = video.sample_aspect_ratio or context.sample_aspect_ratio or Fraction(1)
        return VideoInfo(
            codec=context.name,
            pixel_format=frame.format.name,
            width=width,
            height=height,
            rotation=orientation.rotation,
            average_rate=rate,
            variable_rate=varies,
            interlaced=frame.interlaced_frame,
            time_base=_time_base(video),
            start_pts=timeline.pts[0],
            frame_count=len(timeline),
            duration=duration,
            sample_aspect_ratio=1 / aspect if orientation.transposed else aspect,
            colours=colours_of(frame),
        )

    def _audio_info(self, sound: AudioStream, origin: Fraction) -> AudioInfo:
        start, end = self._sounds.get(sound.index, (origin, origin))
        return AudioInfo(
            codec=sound.codec_context.name,
            sample_rate=sound.codec_context.sample_rate,
            channels=sound.codec_context.channels,
            start=start - origin,
            duration=end - start or None,
        )


def _time_base(stream: Stream) -> Fraction:
    return stream.time_base or Fraction(1, 90000)


def _packets(container: InputContainer, *streams: VideoStream | AudioStream) -> Iterator[Packet[Stream]]:
    """The packets that carry something. An error in the middle means that the rest of the file is not there."""
    try:
        for packet in container.demux(*streams):
            if packet.size:
                yield packet
    except av.FFmpegError as error:
        if is_out_of_memory(error):
            raise
        raise Refusal(Reason.TRUNCATED) from error


def _skipped(packet: Packet[Stream]) -> Fraction:
    """Seconds at the start of ``packet`` that its decoder will leave out."""
    context = packet.stream.codec_context
    rate = context.sample_rate if isinstance(context, AudioCodecContext) else 0
    if not rate or not packet.has_sidedata("skip_samples"):
        return Fraction(0)
    return Fraction(int.from_bytes(bytes(packet.get_sidedata("skip_samples"))[:4], "little"), rate)


def _extra_streams(container: InputContainer, video: VideoStream) -> Iterator[str]:
    kept = (video, first_sound(container))
    for stream in container.streams:
        if not any(stream is keep for keep in kept):
            name = stream.codec_context.name if stream.codec_context is not None else _tag(stream)
            yield f"{stream.type}/{name}"


def _tag(stream: Stream) -> str:
    """The four characters that a container writes for a codec, or ``unknown``."""
    printable = "".join(c for c in str(getattr(stream, "codec_tag", "") or "") if c.isalnum())
    return printable or "unknown"


def _metadata(container: InputContainer) -> dict[str, str]:
    tags = {key: value for key, value in container.metadata.items() if key.lower() not in STRUCTURE}
    for stream in container.streams:
        own = {k: v for k, v in stream.metadata.items() if k.lower() not in STRUCTURE}
        tags |= {f"stream {stream.index}: {k}": v for k, v in own.items() if (k.lower(), v) not in DEFAULTS}
    for number, chapter in enumerate(container.chapters()):
        tags |= {f"chapter {number}: {key}": value for key, value in chapter["metadata"].items()}
    return {key[:MAX_TAG_LENGTH]: tags[key][:MAX_TAG_LENGTH] for key in list(tags)[:MAX_TAGS]}
