"""Pages get exactly what they show, errors say what to do, and nothing that people type becomes code."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields
from html.parser import HTMLParser

import pytest
from jinja2 import meta, nodes
from web_clients import PASSWORD, Browser

from vrijgave.domain.cases import Case
from vrijgave.domain.people import Role
from vrijgave.domain.releases import FlowName, Release, State
from vrijgave.errors import RetryLater, VrijgaveError
from vrijgave.services.context import Context
from vrijgave.web import errors
from vrijgave.web.pages import TEMPLATES, Page, environment
from vrijgave.web.words import Phase, phase, states_of

ATTACK = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7 * 7 }}"
SHARED = {"frame.html.j2", "forms.html.j2", "sections.html.j2", "review_dialogs.html.j2", "review_words.html.j2"}
"""Templates that are part of others."""


def kinds(base: type[Page] = Page) -> Iterator[type[Page]]:
    for kind in base.__subclasses__():
        if getattr(sys.modules[kind.__module__], kind.__name__) is kind:  # not what slots were added to
            yield kind
        yield from kinds(kind)


@pytest.mark.parametrize("kind", sorted(set(kinds()), key=lambda k: k.__name__), ids=lambda k: k.__name__)
def test_a_template_uses_exactly_the_fields_of_its_context(kind: type[Page]) -> None:
    assert used(kind.template) - {"frame", *environment().globals} == {field.name for field in fields(kind)}


def test_each_template_belongs_to_a_page() -> None:
    assert {path.name for path in TEMPLATES.glob("*.j2")} - SHARED == {kind.template for kind in kinds()}


def used(template: str) -> set[str]:
    """Names that a template and those it includes or extends ask for."""
    source = environment().parse((TEMPLATES / template).read_text(encoding="utf-8"))
    names = meta.find_undeclared_variables(source)
    for other in meta.find_referenced_templates(source):
        names |= used(str(other)) if other else set()
    imported = {node.target for node in source.find_all(nodes.Import)}
    return names - imported - {node.name for node in source.find_all(nodes.Macro)}


def test_every_state_has_one_phase() -> None:
    assert sorted(state for each in Phase for state in states_of(each)) == sorted(State)
    assert {phase(state) for state in State} == set(Phase)


@pytest.fixture
def attacked(context: Context, new_release: Callable[..., Release], new_case: Callable[..., Case]) -> Release:
    """A release in which every text is an attack."""
    texts = (
        "registration_number", "public_case_number", "unit", "offence", "public_place", "team", "offence_article",
        "place", "footage_source", "question", "question_en", "scene", "scene_en",
    )  # fmt: skip
    case = new_case(**{name: f"{name} {ATTACK}" for name in texts})
    release = new_release(
        case=case, state=State.FAILED, failed_flow=FlowName.RENDER, message=ATTACK, submitted_by=ATTACK, reviewer=ATTACK
    )
    with context.unit_of_work() as uow:
        uow.releases.add(release, reason=ATTACK)
        uow.commit()
    return release


def test_what_people_type_never_becomes_code(attacked: Release, signed_in: Callable[..., Browser]) -> None:
    client = signed_in(Role.COMMUNICATIE, Role.BEHEER)
    client.submit(
        "/accounts", name="evil", display_name=ATTACK[:90], unit=ATTACK[:90], roles="leiding", password=PASSWORD
    )
    pages = {
        path: client.get(path).text
        for path in ("/board", f"/board?text={ATTACK}&unit={ATTACK}", f"/releases/{attacked.id}", "/accounts")
    }
    pages["refused"] = client.submit("/accounts", name=ATTACK, display_name=ATTACK, unit=ATTACK).text
    pages["withdrawn"] = client.submit(f"/releases/{attacked.id}/withdraw", reason=ATTACK).text
    pages["sign-in"] = Browser(client.app).get(f"/sign-in?onward=/{ATTACK}").text
    for where, text in pages.items():
        markup = Markup()
        markup.feed(text)
        assert markup.dangerous == [], where
    assert "{{ 7 * 7 }}" in pages["/board"]
    assert "&lt;script&gt;" in pages["/board"]


class Markup(HTMLParser):
    """Finds what a browser would run, or load from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.dangerous: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        ours = (given.get("src") or "").startswith("/static/")
        acts = any(name.startswith("on") or name == "style" for name in given)
        if tag in ("img", "iframe", "style", "object") or (tag == "script" and not ours) or acts:
            self.dangerous.append(self.get_starttag_text() or tag)


def test_no_page_has_a_script_or_a_style_of_its_own() -> None:
    for path in TEMPLATES.glob("*.j2"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(
            r"<script(?![^>]*(?:src=|type=.application/json))|<style|\sstyle=|\son[a-z]+=|javascript:", text
        ), path.name


def test_every_answer_carries_the_headers(signed_in: Callable[..., Browser]) -> None:
    client = signed_in(Role.COMMUNICATIE)
    for path in ("/board", "/no-such-page", "/static/app.css", "/static/none.css", "/api/releases/none", "/sign-in"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cache-control"] in ("no-store", "no-cache")


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static/%2e%2e%2f%2e%2e%2fsettings.py",
        "/static//etc/passwd", "/static/vendor/../../app.py", "/static/....//app.py", "/static/%00app.css",
    ],
)  # fmt: skip
def test_static_files_stay_in_their_folder(browser: Browser, path: str) -> None:
    answer = browser.get(path)
    assert answer.status_code == 404
    assert "import" not in answer.text


def test_errors_are_pages_for_people_and_json_for_scripts(signed_in: Callable[..., Browser]) -> None:
    client = signed_in(Role.COMMUNICATIE)
    page = client.get("/releases/none")
    assert page.status_code == 404
    assert "There is no release none" in page.text
    data = client.get("/api/releases/none")
    assert data.status_code == 404
    assert data.json() == {"message": "There is no release none; look at the list of releases.", "by": "existence"}
    assert client.post("/api/releases/none/retry").json()["message"].startswith("This form")
    assert Browser(client.app).get("/api/releases/none").status_code == 401
    assert client.post("/board").status_code == 405


def test_the_example_of_the_json_interface(
    context: Context, signed_in: Callable[..., Browser], new_release: Callable[..., Release]
) -> None:
    failed = new_release(state=State.FAILED, failed_flow=FlowName.PREPARE, message="why")
    with context.unit_of_work() as uow:
        uow.releases.add(failed)
        uow.commit()
    client = signed_in(Role.COMMUNICATIE)
    assert client.get(f"/api/releases/{failed.id}").json()["message"] == "why"
    path, headers = f"/api/releases/{failed.id}/retry", {"x-csrf-token": client.csrf}
    assert client.post(path, headers=headers).json()["state"] == "received"
    again = client.post(path, headers=headers)
    assert again.status_code == 422
    assert "has not failed" in again.json()["message"]


def test_a_mistake_of_ours_shows_a_number_and_nothing_else(
    signed_in: Callable[..., Browser], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_arguments: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr("vrijgave.web.routes.board.board_page", broken)
    answer = signed_in(Role.LEIDING).get("/board")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert "Traceback" not in answer.text
    number = re.search(r"<code>(\w{8})</code>", answer.text)
    assert number
    assert number[1] in caplog.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_try_again_says_when(signed_in: Callable[..., Browser], monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_arguments: object) -> None:
        raise RetryLater("The database is busy; try again in a moment.")

    monkeypatch.setattr("vrijgave.web.routes.board.board_page", busy)
    answer = signed_in(Role.LEIDING).get("/board")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")


def test_every_error_has_a_status() -> None:
    def all_kinds(kind: type[VrijgaveError]) -> Iterator[type[VrijgaveError]]:
        yield kind
        for child in kind.__subclasses__():
            yield from all_kinds(child)

    for kind in all_kinds(VrijgaveError):
        assert 400 <= errors.status_of(kind.__new__(kind)) < 600


def test_a_body_that_is_too_large_is_refused_unread(browser: Browser) -> None:
    browser.get("/sign-in")
    large = {"csrf": browser.csrf, "name": "x" * 3_000_000}
    assert browser.post("/sign-in", data=large).status_code == 413
    unmeasured = browser.post(
        "/sign-in", content=(part for part in [b"name=x"]), headers={"content-type": "text/plain"}
    )
    assert unmeasured.status_code == 413


def test_looking_at_a_release_is_logged(
    context: Context, signed_in: Callable[..., Browser], new_release: Callable[..., Release]
) -> None:
    release = new_release()
    with context.unit_of_work() as uow:
        uow.releases.add(release)
        uow.commit()
    signed_in(Role.PRIVACY, name="petra").get(f"/releases/{release.id}")
    with context.reading() as uow:
        last = list(uow.audit.entries())[-1]
    assert (last.actor, last.action, last.subject) == ("petra", "consulted", f"release:{release.id}")


def test_an_administrator_keeps_accounts(signed_in: Callable[..., Browser], context: Context) -> None:
    boss = signed_in(Role.BEHEER, name="boss")
    form = {"name": "Nieuw", "display_name": "Nieuw", "unit": "Delft", "roles": ["recherche", "leiding"]}
    assert "at least 12 characters" in boss.submit("/accounts", **form, password="short").text
    assert boss.submit("/accounts", **form, password=PASSWORD).status_code == 303
    assert "is taken" in boss.submit("/accounts", **form, password=PASSWORD).text
    with context.reading() as uow:
        found = uow.accounts.find("nieuw")
    assert found
    assert found[0].roles == {Role.RECHERCHE, Role.LEIDING}
    assert "Nieuw" in boss.get("/accounts").text
    refused = boss.submit(f"/accounts/{boss.account.id}", display_name="B", unit="B", roles="leiding", enabled="true")
    assert refused.status_code == 422
    assert "Somebody has to manage the accounts" in refused.text
    assert boss.submit(f"/accounts/{found[0].id}", display_name="N", unit="B").status_code == 422, "needs a role"
    assert boss.submit(f"/accounts/{found[0].id}/password", password="a new long sentence").status_code == 200
    assert boss.submit(f"/accounts/{found[0].id}", display_name="N", unit="B", roles="king").status_code == 422


def test_the_language_is_that_of_each_visitor(browser: Browser, signed_in: Callable[..., Browser]) -> None:
    other = signed_in(Role.LEIDING)
    browser.get("/sign-in")
    answer = browser.submit("/language", language="nl", onward="/sign-in")
    assert answer.headers["location"] == "/sign-in"
    for _round in range(3):
        assert "Aanmelden" in browser.get("/sign-in").text
        assert "Board" in other.get("/board").text
    assert "bestaat niet" in browser.get("/no-such-page").text
    assert browser.submit("/language", language="xx").status_code == 422
