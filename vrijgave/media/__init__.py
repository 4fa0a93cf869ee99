"""Footage in and video out: probe, read safely in a child process, write with every picture and time kept."""

from vrijgave.media.frames import Frame, Picture, Progress, SoundChunk
from vrijgave.media.hashing import sha256_file
from vrijgave.media.joining import join_parts
from vrijgave.media.limits import DEFAULT_LIMITS, Limits
from vrijgave.media.output import OutputFormat
from vrijgave.media.proxy import Proxy, make_proxy
from vrijgave.media.reader import Reader, open_reader, probe
from vrijgave.media.writer import Writer, open_writer

__all__ = [
    "DEFAULT_LIMITS",
    "Frame",
    "Limits",
    "OutputFormat",
    "Picture",
    "Progress",
    "Proxy",
    "Reader",
    "SoundChunk",
    "Writer",
    "join_parts",
    "make_proxy",
    "open_reader",
    "open_writer",
    "probe",
    "sha256_file",
]
