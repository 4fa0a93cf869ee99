"""A small OpenID provider over real HTTP, which can also misbehave."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID, CLIENT_SECRET = "vrijgave", "geheim"


@dataclass
class Provider:
    """Says of everybody that they are ``person``; ``wrong`` replaces claims of the ID token."""

    person: dict[str, Any]
    wrong: dict[str, Any] = field(default_factory=dict)
    foreign_key: bool = False
    algorithm: str = "RS256"

    def __post_init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
        self.asked: dict[str, dict[str, str]] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.answer(*outer.get(self.path))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                self.answer(*outer.token(body, self.headers.get("authorization", "")))

            def answer(self, status: int, data: dict[str, Any]) -> None:
                body = json.dumps(data).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments: object) -> None:
                """Be quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def get(self, path: str) -> tuple[int, dict[str, Any]]:
        if path == "/.well-known/openid-configuration":
            ends = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
            return 200, {"issuer": self.issuer, **{name: self.issuer + end for name, end in ends.items()}}
        if path == "/keys":
            return 200, {"keys": [self.key.as_dict(private=False)]}
        return 404, {}

    def authorize(self, address: str) -> dict[str, str]:
        """What the browser brings back when its person has signed in at ``address``."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["client_id"] == CLIENT_ID
        assert asked["code_challenge_method"] == "S256"
        code = f"code{len(self.asked)}"
        self.asked[code] = asked
        return {"code": code, "state": asked["state"]}

    def token(self, body: str, authorization: str) -> tuple[int, dict[str, Any]]:
        sent = {name: values[0] for name, values in parse_qs(body).items()}
        asked = self.asked.pop(sent.get("code", ""), None)
        secret = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if asked is None or authorization != f"Basic {secret}" or not _proves(sent, asked):
            return 400, {"error": "invalid_grant"}
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "exp": int(time.time()) + 60, "nonce": asked["nonce"]}
        key = RSAKey.generate_key(2048, {"kid": "one"}) if self.foreign_key else self.key
        signed = jwt.encode({"alg": "RS256", "kid": "one"}, claims | self.person | self.wrong, key)
        if self.algorithm == "none":
            head = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
            signed = f"{head}.{signed.split('.')[1]}."
        return 200, {"access_token": "a", "token_type": "Bearer", "id_token": signed}


def _proves(sent: dict[str, str], asked: dict[str, str]) -> bool:
    digest = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return challenge == asked["code_challenge"] and sent["redirect_uri"] == asked["redirect_uri"]
