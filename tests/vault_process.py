"""A worker of its own that finds its credentials refused: ``python vault_process.py DATABASE KEYS ACCOUNT URL``.

Prints a line when it is ready, renews when a line comes in, and prints what it goes on with.
"""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path

from token_server import FIRST, exchange

from vrijgave.services.sealing import Keys
from vrijgave.services.vault import StoreVault
from vrijgave.store import UnitOfWork, make_engine


def main(database: str, keys: str, account: str, url: str) -> None:
    engine = make_engine(database)
    vault = StoreVault(
        account_id=account,
        unit_of_work=partial(UnitOfWork, engine),
        reading=partial(UnitOfWork, engine, read_only=True),
        keys=Keys(path=Path(keys), ours=True),
    )
    assert vault.read() == FIRST
    print("ready", flush=True)  # noqa: T201
    sys.stdin.readline()
    print(json.dumps(vault.renew(FIRST, partial(exchange, url))), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
