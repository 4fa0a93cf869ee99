"""Every route × every role, and somebody who is not signed in: exactly what the table says."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.routing import Mount
from web_clients import Browser

from vrijgave.domain.board import Reach
from vrijgave.domain.people import Account, Role
from vrijgave.domain.releases import Release
from vrijgave.services.context import Context
from vrijgave.web.app import create_app
from vrijgave.web.permissions import RULES, reach
from vrijgave.web.routes import ROUTERS

ROOT = Path(__file__).resolve().parents[2]
ROUTES = sorted(
    (method, route.path)
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute)
    for method in route.methods
)
LIVE = "/board/live"
"""Answers without end; its gate is tested with the feed."""


def test_the_table_holds_exactly_the_routes_of_the_application(context: Context) -> None:
    app = create_app(context)
    described = get_openapi(title="all", version="1", routes=app.routes)["paths"]
    served = {(method.upper(), path) for path, operations in described.items() for method in operations}
    mounts = {("GET", route.path) for route in app.routes if isinstance(route, Mount)}
    assert served == set(ROUTES)
    assert served | mounts == set(RULES)


def test_nothing_but_our_routes_is_served(context: Context) -> None:
    kinds = {type(route).__name__ for router in ROUTERS for route in router.routes}
    assert kinds == {"APIRoute"}, "a route of another kind would not pass the gate"
    assert {type(route).__name__ for route in create_app(context).routes} == {"_IncludedRouter", "Mount"}


@pytest.mark.parametrize("who", [None, *Role])
def test_each_role_gets_what_the_table_says(
    who: Role | None, browser: Browser, signed_in: Callable[..., Browser]
) -> None:
    for method, path in ROUTES:
        if path == LIVE:
            continue
        client = browser if who is None else signed_in(who, name=f"{who}{ROUTES.index((method, path))}")
        client.get("/sign-in")
        answer = client.request(
            method, re.sub(r"\{\w+\}", "0" * 32, path), headers={"x-csrf-token": client.csrf}, data={"language": "en"}
        )
        roles = RULES[(method, path)].roles
        if roles is None or who in roles:
            assert answer.status_code not in (401, 403), (method, path, answer.text)
            assert answer.headers.get("location", "") != "/sign-in" or path == "/sign-out", (method, path)
        elif who is None:
            assert answer.status_code == (401 if path.startswith("/api/") else 303)
            assert answer.headers.get("location", "/sign-in").startswith("/sign-in")
        else:
            assert answer.status_code == 403, (method, path)


def test_a_route_without_a_line_answers_nobody(context: Context, signed_in: Callable[..., Browser]) -> None:
    client = signed_in(*Role)
    app = client.app
    assert isinstance(app, FastAPI)
    router = APIRouter()

    @router.get("/forgotten")
    def forgotten() -> str:
        return "secret"

    app.include_router(router)
    answer = client.get("/forgotten")
    assert answer.status_code == 403
    assert "secret" not in answer.text


def test_the_live_feed_asks_who_it_is(browser: Browser, signed_in: Callable[..., Browser]) -> None:
    assert browser.get(LIVE).status_code == 303
    assert signed_in(Role.BEHEER).get(LIVE).status_code == 403


def test_several_roles_add_up(signed_in: Callable[..., Browser]) -> None:
    client = signed_in(Role.BEHEER, Role.LEIDING)
    assert client.get("/accounts").status_code == 200
    assert client.get("/board").status_code == 200


def test_a_detective_sees_the_releases_of_the_own_unit_and_the_own(
    context: Context, signed_in: Callable[..., Browser], new_release: Callable[..., Release], new_case: Callable
) -> None:
    elsewhere = new_release(case=new_case(unit="Utrecht", offence="elders"), submitted_by="carl")
    mine = new_release(case=new_case(unit="Utrecht", offence="zelf ingediend"), submitted_by="anna")
    near = new_release(case=new_case(unit=" den haag", offence="dichtbij"))
    with context.unit_of_work() as uow:
        for release in (elsewhere, mine, near):
            uow.releases.add(release)
        uow.commit()
    anna = signed_in(Role.RECHERCHE, name="anna")
    board = anna.get("/board").text
    assert "zelf ingediend" in board
    assert "dichtbij" in board
    assert "elders" not in board
    for path in (f"/releases/{elsewhere.id}", f"/api/releases/{elsewhere.id}"):
        assert anna.get(path).status_code == 404
    assert anna.get(f"/releases/{mine.id}").status_code == 200
    assert anna.submit(f"/releases/{elsewhere.id}/withdraw", reason="no").status_code == 404
    bas = signed_in(Role.COMMUNICATIE, name="bas")
    assert "elders" in bas.get("/board").text


def test_reach_follows_the_roles(add_account: Callable[..., Account]) -> None:
    anna = add_account("anna", Role.RECHERCHE, unit="Utrecht")
    assert reach(anna) == Reach(unit="Utrecht", name="anna")
    assert reach(add_account("bas", Role.RECHERCHE, Role.LEIDING)) is None


def test_management_sees_no_internal_facts(
    context: Context, signed_in: Callable[..., Browser], new_release: Callable[..., Release], new_case: Callable
) -> None:
    release = new_release(case=new_case(place="Dorpsstraat 1", registration_number="INTERN-1"))
    with context.unit_of_work() as uow:
        uow.releases.add(release)
        uow.commit()
    inside = signed_in(Role.OFFICIER).get(f"/releases/{release.id}").text
    outside = signed_in(Role.LEIDING).get(f"/releases/{release.id}").text
    for secret in ("INTERN-1", "Dorpsstraat 1"):
        assert secret in inside
        assert secret not in outside


def test_the_documentation_shows_the_table() -> None:
    text = (ROOT / "docs" / "web.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(GET|POST|PATCH|PUT|DELETE|HEAD)` \| `([^`]+)` \| ([^|]+) \|$", text, re.MULTILINE)
    assert {(method, path): who.strip() for method, path, who in rows} == {
        key: _shown(rule.roles) for key, rule in RULES.items()
    }


def _shown(roles: frozenset[Role] | None) -> str:
    if roles is None:
        return "anybody"
    return "everybody signed in" if roles == frozenset(Role) else ", ".join(r.value for r in Role if r in roles)
