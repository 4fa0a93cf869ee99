"""What the publishing tests share: a ledger on disk, a bundle, publishers, and a look at the practice platform."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
from PIL import Image
from pydantic import SecretStr

from vrijgave.domain.cases import PublicationStage
from vrijgave.domain.publications import Evidence, EvidenceKind, LedgerState, ManualKind, Platform, Publication
from vrijgave.domain.texts import Texts
from vrijgave.domain.video_limits import VideoFacts
from vrijgave.errors import Conflict
from vrijgave.practice.server import practice_credentials
from vrijgave.publishing.google_upload import CHUNK_UNIT
from vrijgave.publishing.platforms.youtube import YouTube
from vrijgave.publishing.protocol import Bundle, Patience, marker_for

SIZE = 5 * CHUNK_UNIT + 12_345
FAST = Patience(
    attempts=4,
    poll=timedelta(milliseconds=20),
    processing=timedelta(seconds=5),
    visibility=timedelta(milliseconds=300),
)


class HurriedClock:
    """Real time, but pauses are a hundredth of what was asked."""

    def __init__(self) -> None:
        self.slept = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, span: timedelta) -> None:
        self.slept += span
        time.sleep(span.total_seconds() / 100)


class FileBook:
    """A ledger in SQLite that outlives a killed process. ``die_before`` kills this process at that write."""

    def __init__(self, path: Path, die_before: str | None = None) -> None:
        self._path = path
        self._die_before = die_before
        self.history: list[Publication] = []
        with self._open() as base:
            base.execute("create table if not exists row (id text primary key, version int, body text)")
            base.execute("create table if not exists evidence (number integer primary key, body text)")
            base.execute("create table if not exists asked (id text, kind text, what text, unique (id, kind))")

    def _open(self) -> sqlite3.Connection:
        base = sqlite3.connect(self._path)
        base.execute("pragma synchronous=off")
        return base

    def add(self, row: Publication) -> Publication:
        with self._open() as base:
            base.execute("insert into row values (?, ?, ?)", (row.id, row.version, json.dumps(_plain(row))))
        return row

    def get(self, row_id: str) -> Publication:
        with self._open() as base:
            (body,) = base.execute("select body from row where id = ?", (row_id,)).fetchone()
        return _row(json.loads(body))

    def save(self, old: Publication, new: Publication) -> Publication:
        if self._die_before == "remote_id" and new.remote_id and not old.remote_id:
            os.kill(os.getpid(), signal.SIGKILL)
        with self._open() as base:
            done = base.execute(
                "update row set version = ?, body = ? where id = ? and version = ?",
                (new.version, json.dumps(_plain(new)), old.id, old.version),
            )
        if done.rowcount != 1:
            raise Conflict("somebody else was first")
        self.history.append(new)
        return new

    def evidence(self, item: Evidence) -> None:
        with self._open() as base:
            base.execute("insert into evidence (body) values (?)", (json.dumps(asdict(item), default=str),))

    def ask(self, publication: Publication, kind: ManualKind, what: str) -> None:
        with self._open() as base:
            base.execute("insert or ignore into asked values (?, ?, ?)", (publication.id, kind.value, what))

    def asked(self) -> list[tuple[ManualKind, str]]:
        with self._open() as base:
            rows = base.execute("select kind, what from asked order by rowid").fetchall()
        return [(ManualKind(kind), what) for kind, what in rows]

    def proofs(self) -> list[tuple[EvidenceKind, str]]:
        with self._open() as base:
            rows = base.execute("select body from evidence order by number").fetchall()
        return [(EvidenceKind(json.loads(body)["kind"]), json.loads(body)["detail"]) for (body,) in rows]

    def states(self) -> list[LedgerState]:
        return [row.state for row in self.history]


def _plain(row: Publication) -> dict[str, Any]:
    return {**asdict(row), **{name: _text(getattr(row, name)) for name in ("intent_at", "release_at")}}


def _text(moment: datetime | None) -> str | None:
    return moment and moment.isoformat()


def _row(value: dict[str, Any]) -> Publication:
    return Publication(
        **{
            **value,
            "platform": Platform(value["platform"]),
            "stage": PublicationStage(value["stage"]),
            "state": LedgerState(value["state"]),
            "intent_at": value["intent_at"] and datetime.fromisoformat(value["intent_at"]),
            "release_at": value["release_at"] and datetime.fromisoformat(value["release_at"]),
        }
    )


def make_texts(language: str, **changes: Any) -> Texts:
    words = {
        "nl": ("Wie kent deze man?", "Op 1 maart is in Utrecht een winkel overvallen.", "Een man loopt naar binnen."),
        "en": ("Do you know this man?", "On 1 March a shop was robbed in Utrecht.", "A man walks in."),
    }
    title, description, alternative = words[language]
    values: dict[str, Any] = {
        "platform": "youtube",
        "language": language,
        "title": title,
        "description": description,
        "tags": ("overval", "Utrecht centrum"),
        "alternative_text": alternative,
    }
    return Texts(**{**values, **changes})


def make_bundle(folder: Path, size: int = SIZE) -> Bundle:
    """A bundle with a file of ``size`` bytes; always the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    rendition = folder / "rendition.mp4"
    rendition.write_bytes(random.Random(7).randbytes(size))
    pictures = [folder / f"still-{n}.jpg" for n in range(2)]
    for number, path in enumerate(pictures):
        Image.new("RGB", (64, 36), (40 * number, 80, 120)).save(path)
    return Bundle(
        rendition=rendition,
        sha256=sha256(rendition.read_bytes()).hexdigest(),
        facts=VideoFacts(
            size=size, seconds=Fraction(30), width=1920, height=1080, rate=Fraction(25), codec="h264", sound="aac"
        ),
        texts=(make_texts("nl"), make_texts("en")),
        thumbnail=pictures[0],
        stills=tuple(pictures),
        conditions="Alleen voor opsporing.",
        end_date=date(2026, 12, 31),
    )


def make_row(bundle: Bundle, platform: Platform = Platform.YOUTUBE, name: str = "p1") -> Publication:
    return Publication(
        id=name,
        release_id="r1",
        revision=1,
        platform=platform,
        stage=PublicationStage.COVERED,
        state=LedgerState.PLANNED,
        version=1,
        marker=marker_for(name),
        file_sha256=bundle.sha256,
        file_size=bundle.rendition.stat().st_size,
    )


def make_youtube(url: str, timeout: float = 10.0) -> YouTube:
    return YouTube(
        api_root=url,
        watch_root=url,
        credentials=SecretStr(json.dumps(practice_credentials(url))),
        chunk_bytes=CHUNK_UNIT,
        timeout=timedelta(seconds=timeout),
    )


class PlatformView:
    """The practice platform's own controls."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._http = httpx.Client(base_url=url, timeout=10)

    def close(self) -> None:
        self._http.close()

    def state(self) -> dict[str, Any]:
        value: dict[str, Any] = self._http.get("practice/state").json()
        return value

    def videos(self) -> list[dict[str, Any]]:
        value: list[dict[str, Any]] = self.state()["videos"]
        return value

    def fault(self, at: str, kind: str, **more: Any) -> None:
        self._http.post("practice/faults", json={"at": at, "kind": kind, **more}).raise_for_status()

    def clear(self) -> None:
        self._http.delete("practice/faults").raise_for_status()

    def held(self) -> list[str]:
        value: list[str] = self.state()["held"]
        return value

    def release(self) -> None:
        self._http.post("practice/faults/release").raise_for_status()

    def conditions(self, **changes: Any) -> None:
        self._http.post("practice/conditions", json=changes).raise_for_status()

    def post(self, path: str) -> None:
        self._http.post(path).raise_for_status()

    def get(self, path: str) -> httpx.Response:
        return self._http.get(path)


def no_progress(_done: int, _total: int | None) -> None:
    return None


def waits(limit: float = 20.0) -> Iterator[None]:
    """Yields every 10 ms until ``limit`` seconds are over, then fails."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        yield
        time.sleep(0.01)
    raise AssertionError("waited in vain")
