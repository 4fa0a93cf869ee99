"""How the reader and its decoding child talk: over one socket pair and one piece of shared memory.

Child to reader, each message a head (two little-endian 32-bit lengths), a JSON object and a payload of bytes:

- ``alive``: still reading through the file; resets the clock of the stall limit.
- ``info``: the probed file as ``MediaInfo.to_dict``; always comes first.
- ``times``: as payload the timestamps of all pictures of the file as 64-bit integers, in as many messages as it takes;
  only where pictures are to follow.
- ``frame``: ``index``, ``pts`` and the ``slot`` of the shared memory that holds the picture (Y, Cb and Cr one after
  another), or null.
- ``sound``: ``start``, ``channels`` and as payload the float32 samples, channel after channel.
- ``end``: all was sent.
- ``refused``: ``reason`` and ``values``; nothing follows.

Reader to child: one byte to begin after ``times`` (the reader has then given the shared memory its size), and one byte
for each slot that is free again; the child waits when none is. JSON and not pickle: a child that a hostile file took
over must not be able to run anything in the reader.
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

from vrijgave.domain.media import AudioInfo, Colours, MediaInfo, VideoInfo
from vrijgave.media.limits import Limits

SLOTS = 4
"""Pictures that the shared memory holds."""
MAX_HEAD = 1 << 20
MAX_PAYLOAD = 1 << 24
TIMES_EACH = 1 << 20
"""Timestamps that one message carries at most."""
_LENGTHS = struct.Struct("<II")


class Kind(StrEnum):
    """What a message is about."""

    ALIVE = "alive"
    INFO = "info"
    TIMES = "times"
    FRAME = "frame"
    SOUND = "sound"
    END = "end"
    REFUSED = "refused"


class Reason(StrEnum):
    """Why a file cannot be read."""

    MISSING = "missing"
    NO_FILE = "no_file"
    NO_PERMISSION = "no_permission"
    EMPTY = "empty"
    NOT_VIDEO = "not_video"
    NO_PICTURES = "no_pictures"
    NO_INDEX = "no_index"
    TRUNCATED = "truncated"
    ENCRYPTED = "encrypted"
    UNKNOWN_CODEC = "unknown_codec"
    UNDECODABLE = "undecodable"
    TOO_LARGE = "too_large"
    TOO_LONG = "too_long"
    MEMORY = "memory"
    PROCESSOR = "processor"
    STALLED = "stalled"
    CRASHED = "crashed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What the parent wants: its process id, three inherited descriptors, and how far the child is to go.

    Of the pictures those from ``first`` up to ``stop`` are wanted; of the sound all.
    """

    parent: int
    file: int
    channel: int
    memory: int
    decode: bool
    sound: bool
    first: int
    stop: int | None
    limits: Limits

    def to_json(self) -> str:
        """For the command line."""
        names = ("parent", "file", "channel", "memory", "decode", "sound", "first", "stop")
        return json.dumps({name: getattr(self, name) for name in names} | {"limits": self.limits.to_dict()})

    @classmethod
    def from_json(cls, text: str) -> Order:
        """The opposite of ``to_json``."""
        plain = json.loads(text)
        return cls(**(plain | {"limits": Limits.from_dict(plain["limits"])}))


class BrokenChannel(Exception):
    """The other side is gone or says what is no message."""


class Channel:
    """Messages over a connected stream socket."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def send(self, kind: Kind, payload: bytes = b"", /, **head: Any) -> None:
        """Send one message; blocks while the other side lags behind. Raises ``OSError`` when it is gone."""
        text = json.dumps({"kind": kind.value, **head}, ensure_ascii=False).encode("utf-8", "replace")
        self._connection.sendall(_LENGTHS.pack(len(text), len(payload)) + text + payload)

    def receive(self) -> tuple[Kind, dict[str, Any], bytes]:
        """The next message: kind, head and payload. Raises ``BrokenChannel``, and ``TimeoutError`` after a stall."""
        head_length, payload_length = _LENGTHS.unpack(self._exactly(_LENGTHS.size))
        if head_length > MAX_HEAD or payload_length > MAX_PAYLOAD:
            raise BrokenChannel("a message that is too long")
        try:
            head = json.loads(self._exactly(head_length))
            return Kind(head.pop("kind")), head, self._exactly(payload_length)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise BrokenChannel("no message") from error

    def send_byte(self, value: int) -> None:
        """Give a sign: begin, or the slot ``value`` is free."""
        self._connection.sendall(bytes([value]))

    def receive_byte(self) -> int:
        """Wait for a sign. Raises ``BrokenChannel`` when the other side is gone."""
        return self._exactly(1)[0]

    def _exactly(self, count: int) -> bytes:
        parts: list[bytes] = []
        while count:
            part = self._connection.recv(min(count, 1 << 20))
            if not part:
                raise BrokenChannel("closed")
            parts.append(part)
            count -= len(part)
        return b"".join(parts)


def media_info_from_dict(plain: Mapping[str, Any]) -> MediaInfo:
    """``MediaInfo`` out of its ``to_dict``. Raises ``ValueError``, ``TypeError`` or ``KeyError`` for anything else."""
    video = dict(plain["video"])
    for name in ("time_base", "duration", "sample_aspect_ratio"):
        video[name] = Fraction(video[name])
    video["average_rate"] = _fraction(video["average_rate"])
    video["colours"] = Colours(**{name: int(code) for name, code in video["colours"].items()})
    audio = (dict(a) | {"start": Fraction(a["start"]), "duration": _fraction(a["duration"])} for a in plain["audio"])
    return MediaInfo(
        container=str(plain["container"]),
        size=int(plain["size"]),
        video=VideoInfo(**video),
        audio=tuple(AudioInfo(**a) for a in audio),
        extra_streams=tuple(map(str, plain["extra_streams"])),
        metadata={str(k): str(v) for k, v in plain["metadata"].items()},
        chapters=int(plain["chapters"]),
    )


def _fraction(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)
