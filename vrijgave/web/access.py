"""The gate before every route: who is it, may they, and did a page of ours send it."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request

from vrijgave.domain.people import Account
from vrijgave.domain.releases import Release
from vrijgave.errors import NotAllowed, NotFound, NotSignedIn
from vrijgave.i18n import _
from vrijgave.services.context import Context
from vrijgave.services.sign_in import who_is
from vrijgave.store.proven import ProvenBlobs
from vrijgave.store.unit_of_work import UnitOfWork
from vrijgave.web import cookies
from vrijgave.web.permissions import RULES, reach

CSRF_FIELD = "csrf"
CSRF_HEADER = "x-csrf-token"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who sent a request. ``token`` is the session's, or that of the browser where nobody is signed in."""

    account: Account | None
    token: str
    new: bool = False
    """The browser had no token: one has to be handed out with the answer."""

    @property
    def csrf(self) -> str:
        """What this visitor's forms carry."""
        return cookies.csrf_token(self.token)


def app_context(request: Request) -> Context:
    """The application's settings, store and clock."""
    return cast(Context, request.app.state.context)


def proven_blobs(request: Request) -> ProvenBlobs:
    """The stored files in parts, each hashed once by this process."""
    return cast(ProvenBlobs, request.app.state.proven)


def visitor_of(request: Request, *, active: bool = False) -> Visitor:
    """Who sent ``request``; looked up once for each request."""
    if not hasattr(request.state, "visitor"):
        request.state.visitor = _look_up(request, active=active)
    return cast(Visitor, request.state.visitor)


def _look_up(request: Request, *, active: bool) -> Visitor:
    context = app_context(request)
    token = cookies.read(request, cookies.SESSION, context.settings)
    account = who_is(context, token, active=active) if token else None
    if token and account:
        return Visitor(account, token)
    browser = cookies.read(request, cookies.BROWSER, context.settings)
    return Visitor(None, browser or cookies.new_token(), new=browser is None)


def enter(request: Request) -> None:
    """Let in whom the table of permissions allows, and nobody else."""
    path = getattr(request.scope.get("route"), "path", "")
    rule = RULES.get((request.method, path))
    visitor = visitor_of(request, active=rule is not None and not rule.background)
    if rule is not None and rule.allows(visitor.account):
        return
    if visitor.account is None:
        raise NotSignedIn(_("Sign in to go on."))
    raise NotAllowed(_("Your role does not allow this; ask the administrator if it should."))


async def check_csrf(request: Request) -> None:
    """Refuse what changes something and was not sent by a page of ours."""
    if request.method in _SAFE:
        return
    sent = request.headers.get(CSRF_HEADER)
    if sent is None and request.headers.get("content-type", "").startswith(_FORMS):
        sent = str((await request.form()).get(CSRF_FIELD, ""))
    visitor: Visitor = request.state.visitor  # ``enter`` came first
    if visitor.new or not hmac.compare_digest((sent or "").encode(), visitor.csrf.encode()):
        raise NotAllowed(_("This form is too old or came from elsewhere; load the page again and repeat."))


def _signed_in(request: Request) -> Account:
    account = visitor_of(request).account
    if account is None:
        raise NotSignedIn(_("Sign in to go on."))
    return account


App = Annotated[Context, Depends(app_context)]
"""Parameter of a route: the application."""
Files = Annotated[ProvenBlobs, Depends(proven_blobs)]
"""Parameter of a route: the stored files in parts."""
SignedIn = Annotated[Account, Depends(_signed_in)]
"""Parameter of a route: the account of the person who is signed in."""


def release_for(uow: UnitOfWork, account: Account, release_id: str) -> Release:
    """The release, when it is within the person's reach. Raises ``NotFound``, also for one that exists elsewhere."""
    release = uow.releases.get(release_id)
    within = reach(account)
    if within is not None and not within.holds(release):
        raise NotFound(_("There is no release {id}; look at the list of releases.").format(id=release_id))
    return release
