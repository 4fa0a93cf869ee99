"""The press kit as a file: a signed ZIP that is the same, byte for byte, whenever it is made from the same parts."""

from __future__ import annotations

import base64
import binascii
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from vrijgave.domain.texts import Texts
from vrijgave.errors import Rejected
from vrijgave.i18n import _
from vrijgave.publishing.protocol import Bundle, Progress

FORMAT = "vrijgave-press-kit/1"
MANIFEST = "manifest.json"
SIGNATURE = "manifest.json.sig"
PUBLIC_KEY = "public_key.pem"
_ABOUT_ITSELF = frozenset({MANIFEST, SIGNATURE, PUBLIC_KEY})
_EPOCH = (1980, 1, 1, 0, 0, 0)
_BLOCK = 1024 * 1024
_MANIFEST_LIMIT = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Member:
    """One file in a kit; ``size`` in bytes."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a kit says of itself, and what its signature covers."""

    marker: str
    rendition: str
    """Name of the video among the members."""
    end_date: date | None
    members: tuple[Member, ...]

    @property
    def video(self) -> Member:
        """The rendition."""
        return next(m for m in self.members if m.name == self.rendition)

    def to_json(self) -> bytes:
        """Stable JSON in UTF-8: the bytes that are signed."""
        value = {
            "format": FORMAT,
            "marker": self.marker,
            "rendition": self.rendition,
            "end_date": None if self.end_date is None else self.end_date.isoformat(),
            "members": [asdict(member) for member in self.members],
        }
        return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1).encode()

    @classmethod
    def from_json(cls, content: bytes) -> Manifest:
        """Inverse of ``to_json``. Raises ``ValueError`` for anything else."""
        value = json.loads(content)
        if not isinstance(value, dict) or value.get("format") != FORMAT:
            raise ValueError("unknown format")
        try:
            manifest = cls(
                marker=str(value["marker"]),
                rendition=str(value["rendition"]),
                end_date=None if value["end_date"] is None else date.fromisoformat(value["end_date"]),
                members=tuple(Member(str(m["name"]), int(m["size"]), str(m["sha256"])) for m in value["members"]),
            )
        except (KeyError, TypeError) as error:
            raise ValueError("incomplete manifest") from error
        if manifest.rendition not in {m.name for m in manifest.members}:
            raise ValueError("no rendition")
        return manifest


def write_kit(
    target: BinaryIO, marker: str, bundle: Bundle, file: BinaryIO, key: Ed25519PrivateKey, progress: Progress
) -> Manifest:
    """Write the kit of ``bundle`` to ``target``, with ``file`` as its video, and return what was signed.

    Nothing is compressed, so that the bytes do not depend on a library's version. Raises ``Rejected`` when the
    bytes of ``file`` are not those of ``bundle.sha256``.
    """
    video = f"video{bundle.rendition.suffix.lower()}"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        first = _add(archive, video, file, bundle.rendition.stat().st_size, progress)
        if first.sha256 != bundle.sha256:
            raise Rejected("file", _("The file is not the one that was approved; render the release again."))
        small = [_add_path(archive, name, path) for name, path in _pictures(bundle)]
        words = [_add_bytes(archive, name, content) for name, content in _words(bundle).items()]
        manifest = Manifest(marker=marker, rendition=video, end_date=bundle.end_date, members=(first, *small, *words))
        content = manifest.to_json()
        _add_bytes(archive, MANIFEST, content)
        _add_bytes(archive, SIGNATURE, base64.b64encode(key.sign(content)))
        _add_bytes(archive, PUBLIC_KEY, _pem(key.public_key()))
    return manifest


def verify_kit(path: Path, trusted: Ed25519PublicKey) -> Manifest:
    """Check a kit against a key that its reader trusts: signature, every member, and nothing besides.

    The key inside the kit is there for convenience and proves nothing. Raises ``Rejected``.
    """
    with _opened(path) as archive:
        manifest = _signed_manifest(archive, trusted)
        names = archive.namelist()
        if sorted(names) != sorted({m.name for m in manifest.members} | _ABOUT_ITSELF):
            raise _refused(_("it holds other files than its manifest names"))
        for member in manifest.members:
            if _measure(archive, member.name) != member:
                raise _refused(_("«{name}» was changed").format(name=member.name))
        return manifest


def read_manifest(path: Path) -> Manifest:
    """The manifest as it stands, unchecked. Raises ``Rejected`` when the file is no kit."""
    with _opened(path) as archive:
        return _parsed(_content(archive, MANIFEST))


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            if any(info.compress_type != zipfile.ZIP_STORED for info in archive.infolist()):
                raise _refused(_("it is packed in another way than ours"))
            yield archive
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError):
        raise _refused(_("it cannot be read whole")) from None


def _signed_manifest(archive: zipfile.ZipFile, trusted: Ed25519PublicKey) -> Manifest:
    content = _content(archive, MANIFEST)
    try:
        trusted.verify(base64.b64decode(_content(archive, SIGNATURE), validate=True), content)
    except (InvalidSignature, binascii.Error):
        raise _refused(_("its signature is not ours")) from None
    return _parsed(content)


def _parsed(content: bytes) -> Manifest:
    try:
        return Manifest.from_json(content)
    except ValueError:
        raise _refused(_("its manifest cannot be understood")) from None


def _content(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        if archive.getinfo(name).file_size > _MANIFEST_LIMIT:
            raise _refused(_("«{name}» is too large").format(name=name))
    except KeyError:
        raise _refused(_("«{name}» is missing").format(name=name)) from None
    return archive.read(name)


def _refused(why: str) -> Rejected:
    return Rejected(
        "press_kit", _("The press kit cannot be trusted: {why}; fetch it again from the police.").format(why=why)
    )


def _measure(archive: zipfile.ZipFile, name: str) -> Member:
    digest, size = sha256(), 0
    with archive.open(name) as source:
        while block := source.read(_BLOCK):
            digest.update(block)
            size += len(block)
    return Member(name, size, digest.hexdigest())


def _add(archive: zipfile.ZipFile, name: str, source: BinaryIO, total: int, progress: Progress) -> Member:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.create_system = 3
    info.external_attr = 0o644 << 16
    digest, size = sha256(), 0
    source.seek(0)
    with archive.open(info, "w", force_zip64=True) as target:
        while block := source.read(_BLOCK):
            digest.update(block)
            target.write(block)
            size += len(block)
            progress(size, total)
    return Member(name, size, digest.hexdigest())


def _add_path(archive: zipfile.ZipFile, name: str, path: Path) -> Member:
    try:
        source = path.open("rb")
    except OSError:
        raise Rejected("file", _("A still cannot be read; render the release again.")) from None
    with source:
        return _add(archive, name, source, path.stat().st_size, _silent)


def _add_bytes(archive: zipfile.ZipFile, name: str, content: bytes) -> Member:
    return _add(archive, name, io.BytesIO(content), len(content), _silent)


def _silent(_done: int, _total: int | None) -> None:
    return None


def _pictures(bundle: Bundle) -> Iterator[tuple[str, Path]]:
    if bundle.thumbnail is not None:
        yield f"thumbnail{bundle.thumbnail.suffix.lower()}", bundle.thumbnail
    for number, still in enumerate(bundle.stills, start=1):
        yield f"stills/{number:02}{still.suffix.lower()}", still


def _words(bundle: Bundle) -> Mapping[str, bytes]:
    words = {"voorwaarden.txt": _conditions(bundle).encode()}
    for text in sorted(bundle.texts, key=lambda t: t.language):
        words[f"texts/{text.language}.txt"] = _plain(text).encode()
        words[f"texts/{text.language}.json"] = text.to_json().encode()
    return words


def _plain(text: Texts) -> str:
    return f"{text.title}\n\n{text.description}\n\n{text.alternative_text}\n"


def _conditions(bundle: Bundle) -> str:
    """The conditions in Dutch and English at once: the kit may not depend on the language of who makes it."""
    if bundle.end_date is None:
        until = "Te gebruiken tot de intrekking.\nMay be used until withdrawn."
    else:
        day = bundle.end_date.isoformat()
        until = f"Te gebruiken tot en met {day}, of tot een eerdere intrekking.\n"
        until += f"May be used until {day} (inclusive), or until withdrawn earlier."
    return f"Gebruiksvoorwaarden / Conditions of use\n\n{bundle.conditions}\n\n{until}\n"


def _pem(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
