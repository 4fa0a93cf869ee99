"""The application over real HTTP, on a port of this machine."""

from __future__ import annotations

import socket
import threading
import time
from functools import cache

import uvicorn
from web_clients import PASSWORD

from vrijgave.domain.people import Account, Role
from vrijgave.services import accounts
from vrijgave.services.context import Context
from vrijgave.services.sign_in import open_session
from vrijgave.web.app import create_app

DESK = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}


class Site:
    """The application on a port of this machine, in Dutch."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(create_app(context), log_level="warning", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)

    def start(self) -> None:
        self._thread.start()
        deadline = time.monotonic() + 20
        while not self._server.started and time.monotonic() < deadline:
            time.sleep(0.01)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(20)
        self._socket.close()

    def add_account(self, name: str, *roles: Role, display_name: str = "", unit: str = "Den Haag") -> Account:
        with self.context.unit_of_work() as uow:
            account = accounts.add(
                uow, name=name, display_name=display_name or name.title(), unit=unit, roles=roles,
                password_hash=_password_hash(), actor="system", at=self.context.now(),
            )  # fmt: skip
            uow.commit()
        return account

    def token(self, account: Account) -> str:
        with self.context.unit_of_work() as uow:
            opened = open_session(uow, account, self.context.now())
            uow.commit()
        return opened.token


@cache
def _password_hash() -> str:
    return accounts.prepare_password(PASSWORD)
