"""Encrypting what opens the force's accounts, with a key that is kept apart from the database."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkstemp

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from vrijgave.domain.platform_accounts import KeptAccount, PlatformAccount
from vrijgave.errors import ActionRequired
from vrijgave.i18n import _
from vrijgave.publishing.accounts import Credentials
from vrijgave.settings import Settings
from vrijgave.store.engine import LOCK_SECONDS
from vrijgave.store.file_lock import alone

KEY_FILE = "token-key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The keys in one file, one on each line: the first seals, all of them open.

    The file is read each time, so that every process goes by the keys of now. Seal inside a unit of work that holds
    the rows' lock: ``changed`` drops the old keys once all rows are sealed anew.
    """

    path: Path
    ours: bool
    """Whether we make the file and change its keys; else a person does."""

    @classmethod
    def of(cls, settings: Settings) -> Keys:
        """Those that the settings name; by default a file in ``home``, made at first use."""
        given = settings.token_key_file
        return cls(path=given or settings.home / KEY_FILE, ours=given is None)

    def seal(self, account: PlatformAccount, credentials: Credentials) -> str:
        """``credentials`` encrypted, fit for ``account`` at its addresses only."""
        if self.ours and not self.path.exists():
            _put(self.path, [_new()], replace=False)
        body = json.dumps([_purpose(account), dict(credentials)])
        return self._box().encrypt(body.encode()).decode()

    def open(self, kept: KeptAccount) -> Credentials:
        """The credentials of an account. Raises ``ActionRequired`` when no key fits, or they are another account's."""
        try:
            purpose, credentials = json.loads(self._box().decrypt(kept.sealed))
        except InvalidToken:
            raise _unfit(kept) from None
        if purpose != _purpose(kept.account):
            raise _unfit(kept)
        opened: Credentials = credentials
        return opened

    def check(self) -> None:
        """Raises ``ActionRequired`` when the file holds no usable keys."""
        self._box()

    @contextmanager
    def changed(self) -> Iterator[None]:
        """Where the file is ours: a new key first for the body, in which all is sealed anew; the old ones go after it.

        A body that fails leaves them all, so that nothing is lost. Where the file is not ours nothing is written.
        """
        if not self.ours:
            yield
            return
        with alone(self.path.with_name(f"{self.path.name}.lock"), LOCK_SECONDS):
            before = self._read() if self.path.exists() else []
            new = _new()
            _put(self.path, [new, *before])
            yield
            _put(self.path, [new])

    def _box(self) -> MultiFernet:
        try:
            return MultiFernet([Fernet(key) for key in self._read()])
        except ValueError:
            raise self._useless() from None

    def _read(self) -> list[str]:
        try:
            found = self.path.read_text(encoding="ascii").split()
        except (OSError, UnicodeDecodeError):
            raise self._useless() from None
        if not found:
            raise self._useless()
        return found

    def _useless(self) -> ActionRequired:
        return ActionRequired(
            "administrator",
            _(
                "The key file {file} of the platform accounts cannot be used; put it back from the backup or check "
                "VRIJGAVE_TOKEN_KEY_FILE."
            ).format(file=self.path.name),
        )


def _new() -> str:
    return Fernet.generate_key().decode()


def _purpose(account: PlatformAccount) -> list[str]:
    """Who changes a row may not make us send its secrets to another address."""
    return [account.id, account.platform.value, account.root]


def _put(path: Path, keys: Sequence[str], *, replace: bool = True) -> None:
    """Write the file whole, readable by its owner only; without ``replace`` a file that is there counts."""
    handle, name = mkstemp(dir=path.parent, prefix=f"{path.name}.")  # made with mode 600
    partial = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write("".join(f"{key}\n" for key in keys))
            file.flush()
            os.fsync(file.fileno())
        if replace:
            partial.replace(path)
        else:
            with suppress(FileExistsError):  # another process was first; its key counts
                path.hardlink_to(partial)
    finally:
        partial.unlink(missing_ok=True)
    _settle(path.parent)


def _settle(folder: Path) -> None:
    """The name of a file survives a power cut once its folder is on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _unfit(kept: KeptAccount) -> ActionRequired:
    return ActionRequired(
        "administrator",
        _(
            "No key opens the account «{name}»; put the key file back from the backup, or connect the account again."
        ).format(name=kept.account.name),
    )
