"""The only place that wires settings to objects."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from vrijgave.domain.publications import Platform
from vrijgave.errors import ActionRequired
from vrijgave.i18n import _, set_process_language
from vrijgave.machine import described_detector, detectors, limits, workers
from vrijgave.practice.accounts import practice_account
from vrijgave.publishing.accounts import OwnVault, PlatformAccount, Vault
from vrijgave.publishing.google_api import read_credentials
from vrijgave.publishing.protocol import Publisher
from vrijgave.publishing.registry import PUBLISHERS, make_publisher
from vrijgave.services.context import Context
from vrijgave.services.example import check_practice
from vrijgave.settings import Settings
from vrijgave.store.blobs import BlobStore
from vrijgave.store.engine import database_url, make_engine
from vrijgave.store.migrations import upgrade
from vrijgave.store.unit_of_work import UnitOfWork
from vrijgave.words import platform_name


def build(settings: Settings | None = None) -> Context:
    """The application of this process. Makes the folders of the embedded default and its database when missing.

    Raises ``ActionRequired`` where an installation that holds a made-up year is to leave practice mode.
    """
    chosen = settings or Settings()
    set_process_language(chosen.language)
    chosen.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = make_engine(database_url(chosen))
    upgrade(engine)
    reading = partial(UnitOfWork, engine, read_only=True)
    with reading() as uow:
        check_practice(chosen, uow)
    return Context(
        settings=chosen,
        unit_of_work=partial(UnitOfWork, engine),
        reading=reading,
        blobs=BlobStore(chosen.blob_url or str((chosen.home / "blobs").resolve())),
        limits=limits(chosen),
        now=_now,
        detectors=lambda: detectors(chosen),
        described=lambda path: described_detector(chosen, path),
        workers=lambda _sha256: workers(chosen, chosen.segment_workers),
        publisher=partial(_publisher, chosen),
        platforms=lambda: _offered(chosen),
        signing_key=lambda: signing_key(chosen),
    )


def _publisher(settings: Settings, platform: Platform) -> Publisher:
    account, vault = _account(settings, platform)
    return make_publisher(account, vault, settings, signing_key(settings))


_CONNECTABLE = (Platform.YOUTUBE, Platform.PRESS_KIT)


def _offered(settings: Settings) -> tuple[Platform, ...]:
    """Outside practice mode only what this version can be connected to: YouTube and the press kit."""
    if settings.practice:
        return tuple(platform for platform in Platform if platform in PUBLISHERS)
    return _CONNECTABLE


def _account(settings: Settings, platform: Platform) -> tuple[PlatformAccount, Vault]:
    """In practice mode everything points at the practice platforms, whatever else is set."""
    if settings.practice:
        return practice_account(platform, f"http://{settings.host}:{settings.practice_port}/")
    if platform not in _CONNECTABLE:
        raise ActionRequired(
            "administrator",
            _("{platform} can only be practised on in this version; choose another platform.").format(
                platform=platform_name(platform)
            ),
        )
    account = PlatformAccount(
        id=platform.value,
        platform=platform,
        unit="",
        name=platform.value,
        root=settings.youtube_api_root,
        public_root=settings.youtube_watch_root,
    )
    if platform is not Platform.YOUTUBE:
        return account, OwnVault({})
    return account, OwnVault(read_credentials(settings.youtube_credentials, settings.youtube_credentials_file))


def signing_key(settings: Settings) -> Ed25519PrivateKey:
    """The force's key for manifests and press kits; made in ``home`` at first use, readable by its owner only.

    Raises ``ActionRequired`` when the file that the settings name is missing or no Ed25519 key.
    """
    path = settings.signing_key_file or settings.home / "signing-key.pem"
    if settings.signing_key_file is None and not path.exists():
        _make_key(path)
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise ActionRequired(
            "administrator",
            _("The signing key {file} cannot be read; check VRIJGAVE_SIGNING_KEY_FILE.").format(file=path.name),
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ActionRequired("administrator", _("The signing key has to be an Ed25519 key in PEM form."))
    return key


def _make_key(path: Path) -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process was first; its key counts
        return
    with os.fdopen(handle, "wb") as file:
        file.write(pem)


def _now() -> datetime:
    return datetime.now(UTC)
