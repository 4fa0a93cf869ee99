"""Settings of one installation: environment variables with the prefix ``VRIJGAVE_``; see docs/operations.md."""

from __future__ import annotations

import os
from datetime import time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from vrijgave.i18n import Language

Longer = Annotated[timedelta, Field(gt=timedelta(0))]
"""More than nothing."""


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:
        raise ValueError(f"no time zone «{name}»; Europe/Amsterdam is one") from error
    return name


class Engine(StrEnum):
    """What runs the detectors' networks."""

    AUTO = "auto"
    """The quickest that is there."""
    OPENVINO = "openvino"
    ONNXRUNTIME = "onnxruntime"
    CUDA = "cuda"
    """ONNX Runtime on an NVIDIA card."""


class Precision(StrEnum):
    """The numbers in which networks are computed."""

    AUTO = "auto"
    """The cheapest that was measured to find the same: 8-bit integers, else bfloat16, where the processor has them."""
    INT8 = "int8"
    """8-bit integers, for the networks that were made fit for them; the others as with ``bf16``."""
    BF16 = "bf16"
    F32 = "f32"


def _paths(value: object) -> object:
    """Paths in one text, as in PATH."""
    return tuple(part for part in value.split(os.pathsep) if part) if isinstance(value, str) else value


class Settings(BaseSettings):
    """All that differs between one machine and a force. Built in ``bootstrap``, never at import."""

    model_config = SettingsConfigDict(env_prefix="VRIJGAVE_", frozen=True, extra="ignore")

    home: Path = Path("var")
    """Folder of the embedded default: database, files, keys, Prefect's own data."""
    database_url: SecretStr | None = None
    """SQLAlchemy URL; default is SQLite in ``home``. PostgreSQL: ``postgresql+psycopg://…``."""
    blob_url: str | None = None
    """fsspec URL of the file store; default is a folder in ``home``. S3: ``s3://bucket/prefix``."""
    language: Language = Language.DUTCH
    actor: str | None = None
    """Who acts on the command line; default is the name of the operating system's user."""

    host: str = "127.0.0.1"
    prefect_port: int = 4200
    web_port: int = 4220
    """Port of the pages."""
    web_url: str | None = None
    """Address under which people reach the pages, behind a proxy for instance ``https://vrijgave.example``."""
    web_trusted_proxies: str = ""
    """Addresses of reverse proxies whose word on the visitor's address counts, separated by commas."""
    session_idle: timedelta = timedelta(minutes=30)
    """A sign-in session ends when its person did nothing for so long."""
    session_length: timedelta = timedelta(hours=10)
    """A sign-in session ends after this time, whatever its person does."""
    guidance: Path | None = None
    """Folder with a force's own guidance texts; each takes the place of ours of the same name."""
    time_zone: Annotated[str, AfterValidator(_zone)] = "Europe/Amsterdam"
    """Zone of the times on the pages, as the IANA database names it."""
    oidc_issuer: str | None = None
    """OpenID provider; None: local accounts only."""
    oidc_client_id: str = "vrijgave"
    oidc_client_secret: SecretStr | None = None
    oidc_role_claim: str = "roles"
    """Claim of the ID token that lists what a person is."""
    oidc_roles: dict[str, str] = {}
    """JSON: value of that claim -> role here; empty: the values are the roles' own names."""
    oidc_unit_claim: str = "unit"
    mandates: dict[str, Literal["internal", "covered", "recognisable"]] = {
        "Hoofdofficier van justitie": "recognisable",
        "Gemandateerd officier van justitie": "recognisable",
    }
    """JSON: each mandate under which an authoriser decides, and the widest stage of publication that it reaches."""
    practice_port: int = 4210
    """Port of the practice platforms (practice mode only)."""
    practice: bool = True
    """True: publish to the practice platforms only. Real platforms need an explicit False."""

    youtube_api_root: str = "https://youtube.googleapis.com/"
    youtube_watch_root: str = "https://www.youtube.com/"
    youtube_credentials: SecretStr | None = None
    """Authorised-user JSON of the channel's account; or the file below."""
    youtube_credentials_file: Path | None = None
    upload_chunk_bytes: int = 8 * 1024 * 1024
    press_kit_folder: Path | None = None
    """Where press kits are laid; default is a folder in ``home``."""
    signing_key_file: Path | None = None
    """Ed25519 private key (PEM) for press kits and manifests; default is made in ``home`` at first use."""
    token_key_file: Path | None = None
    """Keys (Fernet, one on each line) that encrypt what opens the platform accounts; default is made in ``home``."""

    police_phone: str = "0900-8844"
    anonymous_phone: str = "0800-7000"
    tip_url: str = "https://www.politie.nl/tips"
    force_name: str = "Politie"

    inference: Engine = Engine.AUTO
    inference_precision: Precision = Precision.AUTO
    inference_threads: int | None = None
    """Threads for the networks of one process; default is all cores of the machine, shared by segment workers."""
    detectors: Annotated[tuple[Path, ...], NoDecode, BeforeValidator(_paths)] = ()
    """Description files of detectors that look besides our own, separated by colons; see docs/detectors.md."""
    segment_seconds: float = 60.0
    """About how long the segments of long footage are."""
    segment_workers: int = 1
    """Processes of this machine over which the segments of one piece of footage are divided."""
    dask_address: str | None = None
    """Dask scheduler (``tcp://host:8786``) over whose workers the flows divide them instead; extra ``dask``."""

    decode_memory_mb: int = 2048
    """Address space that a decoding child may take beyond what it starts with."""
    decode_seconds_per_minute: int = 600
    """Processor seconds that a decoding child may use for each minute of footage (at least one minute)."""
    max_pixels: int = 8192 * 4320
    max_duration: timedelta = timedelta(hours=12)
    min_free_bytes: int = 1024**3

    hand_in_folder: Path | None = None
    """Where files lie while they are handed in; default is a folder in ``home``. Processes of the pages share it."""
    hand_in_max_bytes: int = 64 * 1024**3
    """Largest file that can be handed in in the browser."""
    hand_in_piece_bytes: int = 16 * 1024 * 1024
    """Size of the pieces in which it is sent."""
    hand_in_keep: timedelta = timedelta(days=14)
    """The file of a draft that nobody touched for so long is removed; what was typed stays."""

    working_days: tuple[int, ...] = (1, 2, 3, 4, 5)
    """JSON: days of the week on which the force works, Monday 1."""
    working_from: time = time(8)
    working_until: time = time(17)
    """By the clocks of ``time_zone``; midnight is the end of the day."""
    holidays: str = "NL"
    """Country (ISO 3166) of whose public holidays nobody works; empty: none."""
    lead_time_target: Longer | None = None
    """What the force wants incident to public, or to upload, to take at most. None: it has set nothing."""
    stage_targets: dict[str, Longer] = {}
    """JSON: stage of the lead times -> how long a release may be in it, as in ``{"rendered_to_approved": "P1D"}``."""
    alert_urls: SecretStr | None = None
    """Where to warn of releases that wait too long: addresses as Apprise writes them, with a space between them."""
    alert_hours: Literal["elapsed", "office"] = "office"
    """Which hours count before somebody is warned."""

    metrics_token: SecretStr | None = None
    """What Prometheus has to show at ``/metrics`` (``Authorization: Bearer …``). None: the address answers nobody."""

    heartbeat_timeout: timedelta = timedelta(minutes=2)
    max_attempts: int = 3
    dispatch_interval: timedelta = timedelta(seconds=1)
    reconcile_interval: timedelta = timedelta(seconds=30)
