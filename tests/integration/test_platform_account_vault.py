"""Credentials of the force's accounts: unreadable without the key, renewed once, stored before anybody uses them."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Barrier

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import URL, Engine, text, update
from token_server import FIRST, TokenServer, exchange, token_server

from vrijgave.domain.platform_accounts import KeptAccount, PlatformAccount
from vrijgave.domain.publications import Platform
from vrijgave.errors import ActionRequired, Conflict, NotFound, RetryLater
from vrijgave.publishing.accounts import Credentials
from vrijgave.services import sealing, vault
from vrijgave.services.sealing import Keys
from vrijgave.services.vault import StoreVault
from vrijgave.store import UnitOfWork
from vrijgave.store.account_tables import platform_account

T0 = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ACCOUNT = PlatformAccount(
    id="a" * 32,
    platform=Platform.X,
    unit="",
    name="politie",
    root="https://api.example/",
    public_root="https://x.example/",
    facts={"user": "17"},
)


@dataclass(frozen=True)
class World:
    """One account in a real database."""

    engine: Engine
    keys: Keys

    def unit_of_work(self) -> UnitOfWork:
        return UnitOfWork(self.engine)

    def reading(self) -> UnitOfWork:
        return UnitOfWork(self.engine, read_only=True)

    def add(self, account: PlatformAccount = ACCOUNT, credentials: Credentials = FIRST) -> KeptAccount:
        kept = KeptAccount(
            account=account, sealed=self.keys.seal(account, credentials), version=1, added_at=T0, added_by="anna"
        )
        with self.unit_of_work() as uow:
            uow.platform_accounts.add(kept)
            uow.commit()
        return kept

    def kept(self) -> KeptAccount:
        with self.reading() as uow:
            return uow.platform_accounts.get(ACCOUNT.id)

    def vault(self, **changes: Callable[[], UnitOfWork]) -> StoreVault:
        parts = {"unit_of_work": self.unit_of_work, "reading": self.reading, **changes}
        return StoreVault(account_id=ACCOUNT.id, keys=self.keys, **parts)


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> World:
    """With an account on record; the test runs on both databases."""
    made = World(engine, Keys(path=tmp_path / "token-key", ours=True))
    made.add()
    return made


@pytest.fixture
def platform() -> Iterator[TokenServer]:
    with token_server() as server:
        yield server


def test_an_account_comes_back_as_it_went_in(world: World) -> None:
    kept = world.kept()
    assert kept.account == ACCOUNT
    assert (kept.version, kept.added_at, kept.added_by, kept.on) == (1, T0, "anna", True)
    with world.reading() as uow:
        assert uow.platform_accounts.find(Platform.X, "politie") == kept
        assert uow.platform_accounts.list() == [kept]
        with pytest.raises(NotFound):
            uow.platform_accounts.find(Platform.YOUTUBE, "politie")


def test_a_name_is_taken_once_on_a_platform(world: World) -> None:
    world.add(replace(ACCOUNT, id="b" * 32, platform=Platform.YOUTUBE))
    with pytest.raises(Conflict):
        world.add(replace(ACCOUNT, id="c" * 32))


def test_who_read_an_older_account_changes_nothing(world: World) -> None:
    kept = world.kept()
    with world.unit_of_work() as uow:
        uow.platform_accounts.save(kept, replace(kept, disabled_at=T0))
        uow.commit()
    with world.unit_of_work() as uow, pytest.raises(Conflict):
        uow.platform_accounts.save(kept, replace(kept, expires_at=T0))
    assert not world.kept().on


def test_nothing_in_the_database_or_a_repr_tells_the_secret(world: World) -> None:
    with world.engine.connect() as connection:
        stored = str(connection.execute(text("SELECT * FROM platform_account")).all())
    assert "politie" in stored
    for secret in FIRST.values():
        assert secret not in stored + repr(world.kept()) + repr(world.vault())


def test_the_key_is_its_owners_alone(world: World) -> None:
    assert stat.S_IMODE(world.keys.path.stat().st_mode) == 0o600
    assert [path.name for path in world.keys.path.parent.glob("token-key*")] == ["token-key"]


def test_the_key_is_made_once_by_whoever_is_first(tmp_path: Path) -> None:
    keys, gate = Keys(path=tmp_path / "key", ours=True), Barrier(8, timeout=60)

    def seal(_number: int) -> str:
        gate.wait()
        return keys.seal(ACCOUNT, FIRST)

    with ThreadPoolExecutor(8) as pool:
        sealed = list(pool.map(seal, range(8)))
    for each in sealed:
        assert keys.open(KeptAccount(account=ACCOUNT, sealed=each, version=1, added_at=T0, added_by="a")) == FIRST


@pytest.mark.parametrize("change", [{"root": "https://thief.example/"}, {"id": "d" * 32}])
def test_secrets_of_one_account_open_no_other(world: World, change: dict[str, str]) -> None:
    with world.engine.begin() as connection:
        connection.execute(update(platform_account).values(**change))
    with world.reading() as uow:
        (kept,) = uow.platform_accounts.list()
    with pytest.raises(ActionRequired, match="connect the account again"):
        world.keys.open(kept)


@pytest.mark.parametrize(
    "content", [None, "", "no key\n", Fernet.generate_key().decode()], ids=["none", "empty", "nonsense", "another"]
)
def test_a_lost_or_wrong_key_is_told_and_never_replaced(world: World, content: str | None) -> None:
    world.keys.path.unlink()
    if content is not None:
        world.keys.path.write_text(content)
    with pytest.raises(ActionRequired, match="key"):
        world.vault().read()
    assert (world.keys.path.read_text() if content is not None else None) == content
    assert world.keys.path.exists() is (content is not None)


def test_two_processes_renew_once_between_them(world: World, platform: TokenServer, database_url: URL) -> None:
    platform.delay = 0.2
    arguments = (database_url.render_as_string(False), str(world.keys.path), ACCOUNT.id, platform.url)
    folder = Path(__file__).parents[1]
    environment = {**os.environ, "PYTHONPATH": f"{folder.parent}{os.pathsep}{folder}"}
    workers = [
        subprocess.Popen(
            [sys.executable, str(folder / "vault_process.py"), *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
        )
        for _number in range(2)
    ]  # fmt: skip
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("\n")
        worker.stdin.flush()
    told = [json.loads(worker.communicate(timeout=30)[0]) for worker in workers]
    fresh = {"access_token": "access-1", "refresh_token": "refresh-1"}
    assert told == [fresh, fresh]
    assert (platform.exchanged, platform.refused) == (1, 0)
    assert world.vault().read() == fresh


def test_many_threads_renew_once_for_each_time_it_runs_out(world: World, platform: TokenServer) -> None:
    gate = Barrier(6, timeout=60)

    def work(_number: int) -> list[Credentials]:
        mine, seen = world.vault(), []
        for _round in range(3):
            gate.wait()
            stale = mine.read()
            gate.wait()
            seen.append(mine.renew(stale, partial(exchange, platform.url)))
        return seen

    with ThreadPoolExecutor(6) as pool:
        seen = list(pool.map(work, range(6)))
    assert (platform.exchanged, platform.refused) == (3, 0)
    assert all(each == seen[0] for each in seen)


def test_others_write_while_the_platform_is_asked(world: World) -> None:
    def slow(stale: Credentials) -> Credentials:
        kept = world.kept()
        with world.unit_of_work() as uow:
            uow.platform_accounts.save(kept, replace(kept, expires_at=T0))
            uow.commit()
        return {"access_token": "new"}

    assert world.vault().renew(FIRST, slow) == {**FIRST, "access_token": "new"}
    assert world.kept().expires_at == T0


def test_what_a_person_connects_meanwhile_counts(world: World) -> None:
    def overtaken(stale: Credentials) -> Credentials:
        kept = world.kept()
        with world.unit_of_work() as uow:
            connected = replace(kept, sealed=world.keys.seal(ACCOUNT, {"access_token": "by hand"}))
            uow.platform_accounts.save(kept, connected)
            uow.commit()
        return {"access_token": "by program"}

    assert world.vault().renew(FIRST, overtaken) == {"access_token": "by hand"}
    assert world.vault().read() == {"access_token": "by hand"}


def test_a_refused_renewal_leaves_all_as_it_was(world: World, platform: TokenServer) -> None:
    platform.good = "another"
    with pytest.raises(ActionRequired):
        world.vault().renew(FIRST, partial(exchange, platform.url))
    assert world.vault().read() == FIRST
    platform.good = FIRST["refresh_token"]
    assert world.vault().renew(FIRST, partial(exchange, platform.url))["access_token"] == "access-1"


def test_storing_is_tried_again_where_the_database_is_busy(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault, "PAUSE_SECONDS", 0)
    begun = 0

    def busy() -> UnitOfWork:
        nonlocal begun
        begun += 1
        if begun in (2, 3):  # the first only waits for its turn
            raise RetryLater("busy")
        return world.unit_of_work()

    asked = []
    fresh = world.vault(unit_of_work=busy).renew(FIRST, lambda stale: asked.append(stale) or {"access_token": "new"})  # type: ignore[func-returns-value]
    assert world.vault().read() == fresh
    assert len(asked) == 1


def test_one_that_waits_for_too_long_is_told_to_come_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vrijgave.store.platform_accounts.LOCK_SECONDS", 0.1)
    with world.unit_of_work() as uow:
        if world.engine.dialect.name == "postgresql":
            uow.platform_accounts.lock()
            uow._connection.execute(text("SET lock_timeout = '100ms'"))
        with uow.platform_accounts.renewing(ACCOUNT.id), world.unit_of_work() as second:
            if world.engine.dialect.name == "postgresql":
                second._connection.execute(text("SET lock_timeout = '100ms'"))
            with pytest.raises(RetryLater), second.platform_accounts.renewing(ACCOUNT.id):
                pass


def test_keys_are_changed_under_everybodys_hands(world: World) -> None:
    before = world.keys.path.read_text().split()
    with pytest.raises(RuntimeError), world.keys.changed():
        raise RuntimeError("power cut")
    assert world.keys.path.read_text().split()[1:] == before, "what was sealed before is still opened"
    assert world.vault().read() == FIRST
    with world.keys.changed(), world.unit_of_work() as uow:
        uow.platform_accounts.lock()
        for kept in uow.platform_accounts.list():
            opened = world.keys.open(kept)
            uow.platform_accounts.save(kept, replace(kept, sealed=world.keys.seal(kept.account, opened)))
        uow.commit()
    assert len(world.keys.path.read_text().split()) == 1
    assert not set(world.keys.path.read_text().split()) & set(before)
    assert world.vault().read() == FIRST
    assert stat.S_IMODE(world.keys.path.stat().st_mode) == 0o600


def test_a_key_file_of_the_force_is_only_read(world: World, tmp_path: Path) -> None:
    theirs = Keys(path=tmp_path / "mounted", ours=False)
    with pytest.raises(ActionRequired, match="VRIJGAVE_TOKEN_KEY_FILE"):
        theirs.seal(ACCOUNT, FIRST)
    assert not theirs.path.exists()
    theirs.path.write_text(f"{sealing._new()}\n")
    before = theirs.path.read_text()
    with theirs.changed():
        assert theirs.seal(ACCOUNT, FIRST)
    assert theirs.path.read_text() == before
