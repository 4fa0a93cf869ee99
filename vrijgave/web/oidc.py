"""Signing in at the force's OpenID provider: authorization code with PKCE, and an ID token that is checked in full."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlsplit

import httpx
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from requests import RequestException

from vrijgave.domain.people import Role
from vrijgave.errors import ActionRequired, Rejected, RetryLater
from vrijgave.i18n import _
from vrijgave.settings import Settings
from vrijgave.store.accounts import SignInRequest, hashed

RETURN = "/sign-in/return"
PATIENCE = timedelta(minutes=10)
"""How long a person may take at the provider."""
_ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who the provider says it is."""

    external_id: str
    name: str
    display_name: str
    unit: str
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Departure:
    """Where to send the browser; ``state`` and ``request`` are what to remember until it comes back."""

    address: str
    nonce: str
    state: str
    verifier: str


class Provider:
    """The provider of the settings."""

    def __init__(self, settings: Settings) -> None:
        if settings.oidc_issuer is None:
            raise Rejected("sign_in", _("This service has no other sign-in; use your name and password."))
        _check_secure(settings.oidc_issuer)
        self._settings = settings
        self._issuer = settings.oidc_issuer

    def depart(self) -> Departure:
        """Begin a sign-in. Raises ``RetryLater`` when the provider does not answer."""
        endpoint = self._metadata()["authorization_endpoint"]
        nonce, verifier = token_urlsafe(32), token_urlsafe(48)
        with self._client() as client:
            address, state = client.create_authorization_url(endpoint, code_verifier=verifier, nonce=nonce)
        return Departure(address=address, nonce=nonce, state=state, verifier=verifier)

    def arrive(self, request: SignInRequest, code: str) -> Person:
        """Who came back. Raises ``Rejected`` when the answer is not the provider's own for this very request."""
        metadata = self._metadata()
        try:
            with self._client() as client:
                answer = client.fetch_token(
                    metadata["token_endpoint"], code=code, code_verifier=request.verifier, timeout=_SECONDS
                )
            keys = KeySet.import_key_set(_get(metadata["jwks_uri"]))
            claims = jwt.decode(answer["id_token"], keys, algorithms=_ALGORITHMS).claims
            self._registry(request.nonce).validate(claims)
        except (OAuthError, JoseError, KeyError, ValueError) as error:
            raise _refused() from error
        except RequestException as error:
            raise _silent() from error
        return self._person(claims)

    def _registry(self, nonce: str) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._settings.oidc_client_id},
            nonce={"essential": True, "value": nonce},
            sub={"essential": True},
            exp={"essential": True},
        )

    def _person(self, claims: Mapping[str, Any]) -> Person:
        settings = self._settings
        name = str(claims.get("preferred_username") or claims.get("email") or "")
        return Person(
            external_id=f"{self._issuer} {claims['sub']}",
            name=name,
            display_name=str(claims.get("name") or name),
            unit=str(claims.get(settings.oidc_unit_claim) or settings.force_name),
            roles=_roles(claims.get(settings.oidc_role_claim), settings.oidc_roles),
        )

    def _client(self) -> OAuth2Session:
        settings = self._settings
        secret = settings.oidc_client_secret
        return OAuth2Session(
            settings.oidc_client_id,
            secret.get_secret_value() if secret else None,
            token_endpoint_auth_method="client_secret_basic" if secret else "none",
            scope="openid profile email",
            redirect_uri=public_url(settings) + RETURN,
            code_challenge_method="S256",
        )

    def _metadata(self) -> Mapping[str, str]:
        """What the provider says of itself; it has to be the provider that was asked."""
        found = _get(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self._issuer:
            raise ActionRequired(
                "administrator", _("The OpenID provider has another name; check VRIJGAVE_OIDC_ISSUER.")
            )
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            _check_secure(str(found.get(name, "")))
        return {name: str(value) for name, value in found.items()}


def public_url(settings: Settings) -> str:
    """Where people reach the pages, without a closing slash."""
    return (settings.web_url or f"http://{settings.host}:{settings.web_port}").rstrip("/")


def _roles(given: object, mapping: Mapping[str, str]) -> frozenset[Role]:
    """The roles that the claim's values stand for; values that stand for nothing are left out."""
    values = given if isinstance(given, list) else [given]
    names = {mapping.get(str(value), "") if mapping else str(value) for value in values}
    return frozenset(role for role in Role if role.value in names)


def _get(url: str) -> Any:
    try:
        answer = httpx.get(url, timeout=_SECONDS)
        answer.raise_for_status()
        found = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise _silent() from error
    if not isinstance(found, dict):
        raise _silent()
    return found


def _check_secure(address: str) -> None:
    """HTTPS, or this machine."""
    parts = urlsplit(address)
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        raise ActionRequired(
            "administrator", _("The OpenID provider has to be reached over https; check the settings.")
        )


def _silent() -> RetryLater:
    return RetryLater(_("The force's sign-in does not answer; try again in a moment."))


def _refused() -> Rejected:
    return Rejected("sign_in", _("The force's sign-in did not confirm who you are; begin again."))


def remember(departure: Departure, browser_token: str) -> dict[str, str]:
    """Fields of the request to keep: secrets of the browser as hashes."""
    return {
        "state_sha256": hashed(departure.state),
        "browser_sha256": hashed(browser_token),
        "nonce": departure.nonce,
        "verifier": departure.verifier,
    }
