"""A mail server that keeps what it gets: as much of SMTP as a client needs to hand in a message."""

from __future__ import annotations

import email
import email.policy
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage


class MailServer(socketserver.ThreadingTCPServer):
    """``got`` holds the messages; while ``full`` is set it refuses them."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.got: list[EmailMessage] = []
        self.full = False

    @property
    def url(self) -> str:
        """Its address as Apprise writes it."""
        return (
            f"mailto://127.0.0.1:{self.server_address[1]}/?mode=insecure&from=vrijgave@force.test&to=wacht@force.test"
        )


@contextmanager
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


class _Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._say("220 here")
        for line in self.rfile:
            word = line.decode().split()[0].upper() if line.strip() else ""
            if word == "DATA":
                self._take()
            elif word == "QUIT":
                self._say("221 bye")
                return
            elif word == "MAIL" and self.server.full:
                self._say("452 no room")
            else:
                self._say("250 good")

    def _take(self) -> None:
        self._say("354 go on")
        text = b""
        for line in self.rfile:
            if line == b".\r\n":
                break
            text += line[1:] if line.startswith(b"..") else line
        self.server.got.append(email.message_from_bytes(text, policy=email.policy.default))  # type: ignore[arg-type]
        self._say("250 kept")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())
