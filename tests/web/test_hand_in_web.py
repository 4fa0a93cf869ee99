"""Drafts and handing them in: private, kept as one types, one release however often one sends."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from clips import Clip
from hand_in_clients import Sender
from test_web_pages import ATTACK, Markup
from web_clients import Browser, make_context
from web_site import Site

from vrijgave.domain.assets import AssetKind
from vrijgave.domain.cases import FootageKind, Medium, PublicationStage, Urgency
from vrijgave.domain.clock import Milestone
from vrijgave.domain.people import Role
from vrijgave.domain.releases import State
from vrijgave.services import hand_in, uploads
from vrijgave.services.context import Context
from vrijgave.services.hand_in_facts import DATES, LONG, SHORT, TIMES
from vrijgave.store import make_engine, sqlite_url
from vrijgave.store.migrations import upgrade

FACTS = {
    "offence": "Straatroof", "offence_article": "312 Sr", "public_place": "Den Haag, Centrum", "place": "Plein 1",
    "public_case_number": "2026-7", "registration_number": "PL1500-7", "unit": "Den Haag", "team": "Recherche",
    "incident_from": "2026-03-01T22:15", "incident_to": "2026-03-01T22:40", "incident_certainty": "exact",
    "urgency": "high", "footage_source": "Winkel op de hoek", "footage_kind": "doorbell",
    "secured_at": "2026-03-02T10:00",
    "question": "Wie herkent de man met de rode pet?", "scene": "Een man loopt weg.",
}  # fmt: skip
ASKED = {
    "zaaksofficier": "De zaaksofficier", "proportionality": "Ernstig feit.", "lighter_means": "Intern getoond.",
    "stage": "covered", "medium": "stills", "end_date": "2099-01-01", "conditions": "Niet in de ochtend.",
}  # fmt: skip
PLATFORMS = ["youtube", "press_kit"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("drafts")
    url = sqlite_url(home / "web.db")
    upgrade(make_engine(url))
    made = Site(make_context(url, home, lambda: datetime.now(UTC)))
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def anna(site: Site) -> Iterator[Sender]:
    with Sender(site, site.add_account("anna", Role.RECHERCHE)) as sender:
        yield sender


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return Clip().write(tmp_path_factory.mktemp("clip") / "clip.mp4").read_bytes()


def test_a_complete_draft_becomes_a_release(site: Site, anna: Sender, video: bytes) -> None:
    draft = anna.draft()
    anna.upload(draft, video, "Camera.MP4")
    marks = [
        {"frame": 12, "box": [10, 20, 60, 80.5], "description": "Rode pet", "minor": True},
        {"frame": 3, "box": [0, 0, 160, 96], "description": ""},
    ]
    anna.post(f"/api/hand-in/{draft}", json={"changes": FACTS, "marks": marks})
    sent = anna.post(f"/hand-in/{draft}", data={**FACTS, **ASKED, "targets": PLATFORMS})
    assert (sent.status_code, sent.headers["location"]) == (303, f"/hand-in/{draft}")
    with site.context.reading() as uow:
        kept = uow.hand_ins.get(draft, "anna")
        assert kept.release_id is not None
        release = uow.releases.get(kept.release_id)
        original = uow.assets.latest(release.id, AssetKind.ORIGINAL)
        notes = uow.notes.list(release.id)
        asked = uow.permission_requests.latest(release.id)
        stamps = {s.milestone: s for s in uow.stamps.for_release(release.id)}
        assert [m.release_id for m in uow.outbox.pending(100)].count(release.id) == 1
    assert (kept.facts, kept.marks, kept.upload) == ({}, (), None), "a draft that was handed in keeps nothing"
    case = release.case
    assert (release.state, release.submitted_by) == (State.RECEIVED, "anna")
    assert (case.offence, case.place, case.footage_source) == ("Straatroof", "Plein 1", "Winkel op de hoek")
    assert case.footage_kind is FootageKind.DOORBELL
    assert (case.urgency, case.incident_from) == (Urgency.HIGH, datetime(2026, 3, 1, 21, 15, tzinfo=UTC))
    assert set(stamps) == {Milestone.INCIDENT, Milestone.SECURED, Milestone.RECEIVED}
    assert (original.sha256, original.name, original.size) == (sha256(video).hexdigest(), "original.mp4", len(video))
    assert site.context.blobs.read_bytes(original.sha256) == video
    assert [(n.frame, n.box, n.is_open) for n in notes] == [
        (12, (10, 20, 60, 80.5), True), (3, (0, 0, 160, 96), True),
    ]  # fmt: skip
    assert "Rode pet" in notes[0].text
    assert "under age" in notes[0].text
    assert asked is not None
    assert (asked.requester, asked.zaaksofficier) == ("Anna", "De zaaksofficier")
    assert (asked.stage, asked.medium) == (PublicationStage.COVERED, Medium.STILLS)
    assert asked.platforms == frozenset(PLATFORMS)
    assert [p.name for p in uploads.folder(site.context.settings).iterdir()] == []
    page = anna.get(f"/hand-in/{draft}").text
    assert f'href="/releases/{release.id}"' in page
    assert original.sha256 in page
    assert "Rode pet" not in page
    assert draft not in anna.get("/hand-in").text


def test_sending_twice_makes_one_release(site: Site, anna: Sender, video: bytes) -> None:
    draft = anna.draft()
    anna.upload(draft, video)
    form = {**FACTS, "public_case_number": "twice", "targets": PLATFORMS}
    anna.post(f"/api/hand-in/{draft}", json={"changes": {**FACTS, "targets": "youtube"}})
    with site.context.reading() as uow:
        before = uow.hand_ins.get(draft, "anna")
    send: Callable[[int], int] = lambda _turn: anna.post(f"/hand-in/{draft}", data=form).status_code  # noqa: E731
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(send, range(4)))
    assert set(answers) == {303}
    board = anna.get("/board").text
    assert board.count("twice") == 1
    with site.context.reading() as uow:
        kept = uow.hand_ins.get(draft, "anna")
    assert kept.release_id
    found = hand_in.inspect(site.context, before)
    assert hand_in.submit(site.context, before, found, anna.account) == kept.release_id
    assert anna.post(f"/hand-in/{draft}", data=form).status_code == 303
    assert anna.post(f"/api/hand-in/{draft}", json={"changes": {"offence": "x"}}).status_code == 409
    assert anna.announce(draft, 10).status_code == 422
    assert anna.post(f"/hand-in/{draft}/delete").status_code == 409


def test_what_is_missing_is_told_on_top_and_at_the_field(anna: Sender) -> None:
    draft = anna.draft()
    answer = anna.post(f"/hand-in/{draft}", data={"unit": "", "question": "Wie?", "incident_from": "2999-01-01T10:00"})
    assert answer.status_code == 422
    text = answer.text
    for target in ("file", "offence", "public_place", "public_case_number", "unit", "incident_from", "targets"):
        assert f'<a href="#{target}">' in text, target
        assert re.search(rf'\bid="{target}"', text), target
        assert f'id="{"upload" if target == "file" else target}-wrong"' in text, target
    assert 'value="Wie?"' in text
    assert "2999-01-01T10:00" in anna.get(f"/hand-in/{draft}").text, "what was typed is kept all the same"


def test_texts_that_no_platform_takes_are_told_now(anna: Sender, video: bytes) -> None:
    draft = anna.draft()
    anna.upload(draft, video)
    answer = anna.post(f"/hand-in/{draft}", data={**FACTS, "scene": "<b>" * 50, "targets": PLATFORMS})
    assert answer.status_code == 422
    assert '<a href="#scene">' in answer.text


def test_two_windows_do_not_undo_each_other(anna: Sender) -> None:
    draft = anna.draft()
    path = f"/api/hand-in/{draft}"
    anna.post(path, json={"changes": {"offence": "Inbraak"}})
    with ThreadPoolExecutor(2) as pool:
        sent = ({"place": "here"}, {"team": "B"})
        answers = list(pool.map(lambda change: anna.post(path, json={"changes": change}).status_code, sent))
    assert answers == [200, 200]
    facts = anna.get(path).json()["facts"]
    assert (facts["offence"], facts["place"], facts["team"]) == ("Inbraak", "here", "B")


@pytest.mark.parametrize(
    "sent",
    [
        {"changes": {"release_id": "x"}},
        {"changes": {"offence": "x" * 5000}},
        {"changes": {"offence": 7}},
        {"marks": [{"frame": 0, "box": [0, 0, 50, 500]}]},
        {"marks": [{"frame": 25, "box": [0, 0, 50, 50]}]},
        {"marks": [{"frame": 0, "box": [0, 0, 2, 50]}]},
        {"marks": [{"frame": -1, "box": [0, 0, 50, 50]}]},
        {"marks": [{"frame": 0, "box": [-5, 0, 50, 50]}]},
        {"marks": [{"frame": 0, "box": [0, 0, 50]}]},
        {"marks": [{"frame": 0, "box": [0, 0, 50, 50]}] * 13},
        {"marks": [{"frame": 0, "box": [0, 0, 50, 50], "description": "x" * 1001}]},
    ],
)
def test_what_no_page_sends_is_refused(anna: Sender, marked_draft: str, sent: dict[str, object]) -> None:
    assert anna.post(f"/api/hand-in/{marked_draft}", json=sent).status_code == 422


def test_control_characters_are_left_out_and_half_characters_refused(anna: Sender, marked_draft: str) -> None:
    path, kind = f"/api/hand-in/{marked_draft}", {"content-type": "application/json"}
    body = (
        r'{"changes": {"offence": "a\u0000b", "scene": "c\nd\u0007"},'
        r' "marks": [{"frame": 0, "box": [0, 0, 50, 50], "description": "e\u0000"}]}'
    )
    state = anna.post(path, content=body, headers=kind).json()
    assert (state["facts"]["offence"], state["facts"]["scene"]) == ("ab", "c\nd")
    assert state["marks"][0]["description"] == "e"
    assert anna.post(path, content=r'{"changes": {"offence": "\ud800"}}', headers=kind).status_code == 422
    assert anna.get(f"/hand-in/{marked_draft}").status_code == 200


def test_a_box_that_is_no_number_is_refused(anna: Sender, marked_draft: str) -> None:
    body = '{"marks": [{"frame": 0, "box": [0, 0, NaN, 50]}]}'
    answer = anna.post(f"/api/hand-in/{marked_draft}", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    nobody = anna.post(f"/api/hand-in/{anna.draft()}", json={"marks": [{"frame": 0, "box": [0, 0, 50, 50]}]})
    assert nobody.status_code == 422, "without footage there is nobody to point out"


@pytest.fixture(scope="module")
def marked_draft(anna: Sender, video: bytes) -> str:
    draft = anna.draft()
    anna.upload(draft, video)
    return draft


def test_a_draft_is_for_its_maker_alone(context: Context, signed_in: Callable[..., Browser]) -> None:
    anna, dirk = signed_in(Role.RECHERCHE, name="anna"), signed_in(Role.RECHERCHE, name="dirk")
    every = signed_in(*Role, name="every")
    path = anna.submit("/hand-in").headers["location"]
    assert anna.post(f"/api{path}", json={"changes": {"offence": "Geheim"}}, headers=secret(anna)).status_code == 200
    assert "Geheim" in anna.get("/hand-in").text
    for other in (dirk, every):
        assert "Geheim" not in other.get("/hand-in").text
        assert other.get(path).status_code == 404
        assert other.submit(path, offence="x").status_code == 404
        assert other.submit(f"{path}/delete").status_code == 404
        assert other.get(f"/api{path}").status_code == 404
    assert anna.submit(f"{path}/delete").headers["location"] == "/hand-in"
    assert anna.get(path).status_code == 404
    with context.reading() as uow:
        assert [e.actor for e in uow.audit.entries() if e.subject == f"hand-in:{path.rpartition('/')[2]}"] == ["anna"]


def test_nobody_fills_the_list_without_end(context: Context, signed_in: Callable[..., Browser]) -> None:
    anna = signed_in(Role.RECHERCHE, name="anna")
    for _turn in range(hand_in.MOST_DRAFTS):
        hand_in.begin(context, anna.account)
    answer = anna.submit("/hand-in")
    assert answer.status_code == 422
    assert "delete one first" in answer.text


def test_deleting_a_draft_removes_its_file(site: Site, anna: Sender, video: bytes) -> None:
    draft = anna.draft()
    found = anna.upload(draft, video)
    assert anna.post(f"/hand-in/{draft}/delete").status_code == 303
    assert found["id"] not in str(list(uploads.folder(site.context.settings).iterdir()))


def test_what_is_typed_never_becomes_code(site: Site, anna: Sender, video: bytes) -> None:
    draft = anna.draft()
    anna.upload(draft, video, ATTACK)
    texts = {name: f"{ATTACK}"[: min(most, 80)] for name, most in (SHORT | LONG).items()}  # type: ignore[operator]
    texts |= dict.fromkeys((*TIMES, *DATES, "urgency", "stage", "medium", "incident_certainty"), ATTACK)
    mark = {"frame": 0, "box": [0, 0, 50, 50], "description": ATTACK}
    assert anna.post(f"/api/hand-in/{draft}", json={"changes": texts, "marks": [mark]}).status_code == 200
    pages = [anna.get(f"/hand-in/{draft}").text, anna.get("/hand-in").text]
    pages.append(anna.post(f"/hand-in/{draft}", data=texts).text)
    good = {
        **FACTS,
        "public_case_number": ATTACK[:60],
        "place": ATTACK,
        "footage_source": ATTACK,
        "targets": "press_kit",
    }
    anna.post(f"/hand-in/{draft}", data={**dict.fromkeys((*TIMES, *DATES), ""), **good})
    pages.append(anna.get(f"/hand-in/{draft}").text)
    assert "The footage is handed in" in pages[-1]
    pages.append(anna.get("/board").text)
    for text in pages:
        markup = Markup()
        markup.feed(text)
        assert markup.dangerous == []
        assert "<script>alert" not in text


def secret(browser: Browser) -> dict[str, str]:
    return {"x-csrf-token": browser.csrf}
