"""The whole JSON interface against its own description: whatever is sent, the answer is described, and no 5xx."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from room_site import RELEASE, a_case, in_review
from schemathesis.checks import response_schema_conformance, status_code_conformance
from web_clients import Clock, make_context
from web_site import Site

from vrijgave.domain.people import Role
from vrijgave.services.notes import add
from vrijgave.store import sqlite_url
from vrijgave.web import cookies
from vrijgave.web.app import create_app
from vrijgave.web.permissions import RULES
from vrijgave.web.routes.api_description import describe

BOUNDED = settings(max_examples=12, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def service(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A release in review whose open note keeps the review from being ended."""
    home = tmp_path_factory.mktemp("contract")
    shutil.copy(sqlite_template, home / "vrijgave.db")
    context = make_context(sqlite_url(home / "vrijgave.db"), home, Clock())
    in_review(context, home, a_case())
    with context.unit_of_work() as uow:
        add(uow, context.blobs, RELEASE, 3, "look here", author="anna", at=context.now())
        uow.commit()
    site = Site(context)
    site.start()
    yield site
    site.stop()


@pytest.fixture(scope="module")
def somebody(service: Site) -> dict[str, str]:
    """A session of somebody with every role, who looks at the footage."""
    token = service.token(service.add_account("all", *Role))
    page = f"{service.url}/releases/{RELEASE}/review/reason"
    form = {"reason": "checking", "csrf": cookies.csrf_token(token)}
    assert httpx.post(page, data=form, cookies={cookies.SESSION: token}).status_code == 303
    return {"cookie": f"{cookies.SESSION}={token}", "x-csrf-token": cookies.csrf_token(token)}


def test_every_answer_is_as_described(service: Site, somebody: dict[str, str]) -> None:
    described = schemathesis.openapi.from_dict(describe(create_app(service.context)))
    asked: Counter[str] = Counter()
    answers: Counter[int] = Counter()
    for found in described.get_all_operations():
        operation = found.ok()

        @BOUNDED
        @given(operation.as_strategy())
        def ask(call: schemathesis.Case) -> None:
            if "release_id" in call.path_parameters:
                call.path_parameters["release_id"] = RELEASE
            answer = call.call(base_url=service.url, headers=somebody)
            waits = answer.status_code == 503 and "retry-after" in answer.headers
            assert answer.status_code < 500 or waits, (call.as_curl_command(), answer.text)
            call.validate_response(answer, checks=[status_code_conformance, response_schema_conformance])
            asked[call.operation.label] += 1
            answers[answer.status_code] += 1

        ask()
    assert set(asked) == {f"{method} {path}" for method, path in RULES if path.startswith("/api/")}
    assert {200, 404, 422} <= set(answers), "the calls reach what lies behind the checks"


def test_the_description_is_not_public(service: Site) -> None:
    assert httpx.get(f"{service.url}/api/openapi.json").status_code == 401
    for path in ("/openapi.json", "/docs", "/redoc"):
        assert httpx.get(f"{service.url}{path}").status_code == 404
    token = service.token(service.add_account("reviewer", Role.COMMUNICATIE))
    assert httpx.get(f"{service.url}/api/openapi.json", cookies={cookies.SESSION: token}).status_code == 403
