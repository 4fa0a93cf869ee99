"""Recording tips and judging them on their page; what the dashboard tells follows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from web_clients import Browser, Clock

from vrijgave.domain.cases import Certainty
from vrijgave.domain.clock import Milestone, Stamp
from vrijgave.domain.people import Role
from vrijgave.domain.releases import Release, State
from vrijgave.leadtime.view import Query
from vrijgave.services.context import Context
from vrijgave.services.dashboard import dashboard

ATTACK = "<script>alert(1)</script>"


@pytest.fixture
def public(context: Context, clock: Clock, new_release: Callable[..., Release]) -> Release:
    """Public since an hour ago."""
    with context.unit_of_work() as uow:
        release = uow.releases.add(new_release(state=State.PUBLISHED, created_at=context.now() - timedelta(days=2)))
        at = context.now() - timedelta(hours=1)
        uow.stamps.add(
            Stamp(
                release_id=release.id, milestone=Milestone.PUBLIC, earliest=at, latest=at, certainty=Certainty.EXACT,
                source="flow:publish", recorded_at=at, platform="youtube",
            )
        )  # fmt: skip
        uow.commit()
    return release


def typed(clock: Clock, **other: str) -> dict[str, str]:
    local = (clock() + timedelta(minutes=30)).strftime("%Y-%m-%dT%H:%M")  # half an hour ago on the force's clock
    return {"received_at": local, "channel": "phone", "medium": "", "told": ""} | other


def test_a_tip_is_recorded_judged_and_counted(
    context: Context, clock: Clock, public: Release, signed_in: Callable[..., Browser]
) -> None:
    detective, staff = signed_in(Role.RECHERCHE), signed_in(Role.COMMUNICATIE)
    path = f"/releases/{public.id}/tips"
    assert f'href="{path}"' in detective.get(f"/releases/{public.id}").text
    assert staff.submit(path, **typed(clock, medium=ATTACK, told=ATTACK)).status_code == 303
    page = detective.get(path).text
    assert ATTACK not in page
    assert "Not judged yet" in page
    with context.reading() as uow:
        [tip] = uow.tips.for_release(public.id)
    assert tip.received_at == context.now() - timedelta(minutes=30)
    said = {"outcome": "identified", "clear_at": (clock() + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")}
    refused = detective.submit(f"{path}/{tip.number}", usability="not_usable", **said, follow_up="Gebeld")
    assert (refused.status_code, "is usable" in refused.text, "Gebeld" in refused.text) == (422, True, True)
    assert detective.submit(f"{path}/{tip.number}", usability="usable", **said, follow_up=ATTACK).status_code == 303
    assert detective.submit(f"{path}/{tip.number}", usability="usable", **said).status_code == 303
    page = detective.get(path).text
    assert ("Person identified" in page, ATTACK in page) == (True, False)
    with context.reading() as uow:
        assert len(uow.tips.get(public.id, tip.number).judgements) == 2
        assert "alert" not in "".join(entry.reason + entry.subject for entry in uow.audit.entries())
    told = dashboard(context, Query()).results
    assert (told.tips, told.usable_tips, told.identified.count) == (1, 1, 1)
    assert detective.submit(f"{path}/{tip.number}", usability="not_usable", **said | {"outcome": "nothing"})
    assert dashboard(context, Query()).results.identified.count == 0
    with context.reading() as uow:
        found = [(s.milestone, s.certainty) for s in uow.stamps.for_release(public.id)][1:]
    assert found == [
        (Milestone.FIRST_TIP, Certainty.EXACT),
        (Milestone.FIRST_USABLE_TIP, Certainty.EXACT),
        (Milestone.IDENTIFIED, Certainty.EXACT),
        (Milestone.FIRST_USABLE_TIP, Certainty.UNKNOWN),
        (Milestone.IDENTIFIED, Certainty.UNKNOWN),
    ]


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"received_at": "gisteren"}, "Give a day and a time"),
        ({"received_at": "2031-01-01T10:00"}, "in the future"),
        ({"received_at": "2026-03-01T10:00"}, "before the publication"),
        ({"channel": "pigeon"}, "Say how the tip came in"),
        ({"told": "x" * 4001}, "at most 4000 characters"),
    ],
)
def test_what_makes_no_sense_is_told_and_comes_back(
    context: Context, clock: Clock, public: Release, signed_in: Callable[..., Browser], other: dict[str, str], said: str
) -> None:
    client = signed_in(Role.RECHERCHE)
    answer = client.submit(f"/releases/{public.id}/tips", **typed(clock, medium="De krant", **other))
    assert (answer.status_code, said in answer.text, 'value="De krant"' in answer.text) == (422, True, True)
    with context.reading() as uow:
        assert uow.tips.for_release(public.id) == []


def test_who_was_known_in_another_way_stays_known(
    context: Context, clock: Clock, public: Release, signed_in: Callable[..., Browser]
) -> None:
    at = context.now() - timedelta(minutes=50)
    with context.unit_of_work() as uow:
        uow.stamps.add(
            Stamp(
                release_id=public.id, milestone=Milestone.IDENTIFIED, earliest=at, latest=at, source="person:anna",
                certainty=Certainty.EXACT, recorded_at=at,
            )
        )  # fmt: skip
        uow.commit()
    assert signed_in(Role.RECHERCHE).submit(f"/releases/{public.id}/tips", **typed(clock)).status_code == 303
    assert dashboard(context, Query()).results.identified.count == 1


def test_before_anything_is_public_there_is_no_tip(
    context: Context, clock: Clock, new_release: Callable[..., Release], signed_in: Callable[..., Browser]
) -> None:
    with context.unit_of_work() as uow:
        release = uow.releases.add(new_release(state=State.PUBLISHING, created_at=context.now()))
        uow.commit()
    client = signed_in(Role.RECHERCHE)
    assert "a tip belongs to a publication" in client.get(f"/releases/{release.id}/tips").text
    assert client.submit(f"/releases/{release.id}/tips", **typed(clock)).status_code == 422


def test_leiding_reads_no_tip_and_another_unit_finds_none(
    public: Release, clock: Clock, signed_in: Callable[..., Browser]
) -> None:
    path = f"/releases/{public.id}/tips"
    assert signed_in(Role.LEIDING).get(path).status_code == 403
    assert signed_in(Role.RECHERCHE, name="eva", unit="Elders").get(path).status_code == 404
    assert signed_in(Role.COMMUNICATIE).submit(f"{path}/1", usability="usable").status_code == 403
