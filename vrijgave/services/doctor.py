"""Looking over an installation: what is right, what is wrong, and what to do about it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np

from vrijgave.domain.publications import Platform
from vrijgave.errors import VrijgaveError
from vrijgave.i18n import _
from vrijgave.redaction.detectors import Detector
from vrijgave.redaction.detectors.engines import chosen
from vrijgave.services.alerts import targets
from vrijgave.services.context import Context
from vrijgave.services.hours import working_hours
from vrijgave.settings import Engine

SIDE = 128  # pixels of the picture that the detectors are tried on


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was checked. ``advice`` is empty where it is right."""

    what: str
    right: bool
    advice: str = ""


def examine(context: Context, prefect_url: str) -> Iterator[Finding]:
    """Check database, audit log, files, room on the disk, detectors, settings of the lead times, signing key, platforms
    and the Prefect server."""
    yield _check(_("database"), lambda: _database(context))
    yield _check(_("audit log"), lambda: _audit(context))
    yield _check(_("file store"), lambda: _files(context))
    yield _check(_("room on the disk"), lambda: _room(context))
    yield _check(_("detectors"), lambda: _detectors(context))
    for path in context.settings.detectors:
        yield _check(path.name, lambda path=path: _described(context, path))  # type: ignore[misc]
    yield _check(_("lead times"), lambda: _lead_times(context))
    yield _check(_("signing key"), lambda: _key(context))
    for platform in context.platforms():
        yield _check(platform.value, lambda platform=platform: _platform(context, platform))  # type: ignore[misc]
    yield _check(_("Prefect server"), lambda: _prefect(prefect_url))


def _check(what: str, look: Callable[[], str]) -> Finding:
    try:
        advice = look()
    except VrijgaveError as error:
        advice = str(error)
    except OSError as error:
        advice = _("The system refused: {reason}{where}.").format(reason=error.strerror, where="")
    return Finding(what=what, right=not advice, advice=advice)


def _database(context: Context) -> str:
    with context.reading() as uow:
        uow.releases.list([])
    return ""


def _audit(context: Context) -> str:
    with context.reading() as uow:
        broken = uow.audit.verify()
    return "" if broken is None else _("Entry {number} is not right; call the privacy officer.").format(number=broken)


def _files(context: Context) -> str:
    sha256, _size = context.blobs.put_bytes(b"vrijgave doctor")
    context.blobs.read_bytes(sha256)
    context.blobs.delete(sha256)
    return ""


def _room(context: Context) -> str:
    free = shutil.disk_usage(context.settings.home).free
    needed = context.settings.min_free_bytes
    if free >= needed:
        return ""
    return _("Only {free} MB are free, {needed} MB are asked for; make room.").format(
        free=free // 2**20, needed=needed // 2**20
    )


def _detectors(context: Context) -> str:
    """They look at an empty picture: a network that loads may still not run on this machine."""
    found = context.detectors()
    for detector in found:
        _try(detector)
    if not found:
        return _("No detector is configured; nothing would be covered.")
    if context.settings.inference is Engine.AUTO and chosen(Engine.AUTO) is Engine.ONNXRUNTIME:
        return _(
            "OpenVINO cannot be loaded, so that detection takes up to twice as long; install the package openvino."
        )
    return ""


def _described(context: Context, path: Path) -> str:
    """Each by itself, so that all that is wrong is told at once."""
    _try(context.described(path))
    return ""


def _try(detector: Detector) -> None:
    detector.detect(np.zeros((SIDE, SIDE, 3), np.uint8))


def _lead_times(context: Context) -> str:
    working_hours(context.settings)
    targets(context.settings)
    return ""


def _key(context: Context) -> str:
    context.signing_key()
    return ""


def _platform(context: Context, platform: Platform) -> str:
    context.publisher(platform)
    return ""


def _prefect(url: str) -> str:
    try:
        answer = httpx.get(f"{url}/health", timeout=5)
    except httpx.HTTPError:
        return _("The Prefect server does not answer at {url}; start it with «vrijgave serve».").format(url=url)
    return (
        ""
        if answer.is_success
        else _("The Prefect server answers {code}; look at its log.").format(code=answer.status_code)
    )
