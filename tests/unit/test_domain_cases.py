"""What a case needs, and what a permission covers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from vrijgave.domain.cases import Area, Case, Certainty, Medium, Permission, PublicationStage
from vrijgave.errors import Rejected

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
TODAY = date(2026, 3, 10)
TOMORROW, YESTERDAY = TODAY + timedelta(days=1), TODAY - timedelta(days=1)
INTERNAL, COVERED, RECOGNISABLE = PublicationStage


CASE = Case(
    registration_number="PL0100-2026001",
    public_case_number="2026-0001",
    unit="Noord-Nederland",
    offence="Straatroof",
    public_place="Groningen",
)
PERMISSION = Permission(
    release_id="abc",
    requester="requester",
    zaaksofficier="prosecutor",
    authoriser="authoriser",
    mandate="mandate 2026",
    platforms=frozenset({"youtube"}),
    stage=COVERED,
    medium=Medium.VIDEO,
    lighter_means="stills were tried",
    proportionality="serious offence",
    granted=True,
    at=T0,
    recorded_by="recorder",
)


def test_a_case_may_lack_every_time() -> None:
    assert CASE.incident_from is None
    assert CASE.incident_certainty is Certainty.UNKNOWN


@pytest.mark.parametrize("name", ["public_case_number", "unit", "offence", "public_place"])
@pytest.mark.parametrize("value", ["", "  \t"])
def test_a_case_needs_its_public_facts(name: str, value: str) -> None:
    with pytest.raises(Rejected, match=f"The case needs «{name}»") as caught:
        replace(CASE, **{name: value})
    assert caught.value.by == "case"


@pytest.mark.parametrize("name", ["incident_from", "incident_to"])
def test_half_an_incident_is_refused(name: str) -> None:
    with pytest.raises(Rejected, match="both the start and the end"):
        replace(CASE, **{name: T0})


@pytest.mark.parametrize("name", ["incident_from", "incident_to", "reported_at", "secured_at"])
def test_a_time_without_its_zone_is_refused(name: str) -> None:
    times = {"incident_from": T0, "incident_to": T0, name: datetime(2026, 3, 1, 12)}
    with pytest.raises(Rejected, match="needs its time zone"):
        replace(CASE, **times)


def test_an_incident_may_be_a_moment_and_may_not_end_before_it_starts() -> None:
    assert replace(CASE, incident_from=T0, incident_to=T0).incident_to == T0
    with pytest.raises(Rejected, match="ends before it starts"):
        replace(CASE, incident_from=T0, incident_to=T0 - timedelta(microseconds=1))


def test_the_internal_number_never_doubles_as_the_public_one() -> None:
    with pytest.raises(Rejected, match="may not be the internal"):
        replace(CASE, registration_number=CASE.public_case_number)


@pytest.mark.parametrize(
    ("changes", "platform", "stage", "refusal"),
    [
        ({}, "youtube", COVERED, None),
        ({}, "youtube", INTERNAL, None),
        ({}, "youtube", RECOGNISABLE, "covers «covered», not «recognisable»"),
        ({"stage": RECOGNISABLE}, "youtube", RECOGNISABLE, None),
        ({"stage": INTERNAL}, "youtube", COVERED, "covers «internal», not «covered»"),
        ({}, "press_kit", COVERED, "does not cover press_kit"),
        ({}, "YouTube", COVERED, "does not cover YouTube"),
        ({"end_date": YESTERDAY}, "youtube", COVERED, "ended on 2026-03-09"),
        ({"end_date": TODAY}, "youtube", COVERED, None),
        ({"end_date": TOMORROW}, "youtube", COVERED, None),
        ({"self_report_until": YESTERDAY}, "youtube", COVERED, None),
        ({"self_report_until": TODAY}, "youtube", COVERED, "may report until 2026-03-10"),
        ({"self_report_until": TOMORROW}, "youtube", COVERED, "may report until 2026-03-11"),
        ({"granted": False, "refusal_reason": "too light"}, "youtube", COVERED, "refused by authoriser: too light"),
        ({"granted": False, "refusal_reason": "no"}, "press_kit", RECOGNISABLE, "refused by authoriser: no"),
    ],
)
def test_what_a_permission_covers(
    changes: dict[str, object], platform: str, stage: PublicationStage, refusal: str | None
) -> None:
    permission = replace(PERMISSION, **changes)  # type: ignore[arg-type]
    if refusal is None:
        permission.check_covers(platform, stage, Area.REGIONAL, TODAY)
        return
    with pytest.raises(Rejected, match=refusal) as caught:
        permission.check_covers(platform, stage, Area.REGIONAL, TODAY)
    assert caught.value.by == "permission"


@pytest.mark.parametrize("allowed", PublicationStage)
@pytest.mark.parametrize("asked", PublicationStage)
def test_a_stage_is_covered_by_itself_and_by_those_that_show_more(
    allowed: PublicationStage, asked: PublicationStage
) -> None:
    shows = {INTERNAL: 0, COVERED: 1, RECOGNISABLE: 2}
    permission = replace(PERMISSION, stage=allowed)
    if shows[asked] <= shows[allowed]:
        permission.check_covers("youtube", asked, Area.REGIONAL, TODAY)
    else:
        with pytest.raises(Rejected, match="ask for a new one"):
            permission.check_covers("youtube", asked, Area.REGIONAL, TODAY)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"authoriser": " "}, "needs its authoriser"),
        ({"mandate": ""}, "needs its authoriser, the mandate"),
        ({"platforms": frozenset()}, "and the platforms"),
        ({"proportionality": " "}, "grounds on which it is proportionate"),
        ({"granted": False}, "A refusal needs its reason"),
        ({"granted": False, "refusal_reason": "  "}, "A refusal needs its reason"),
    ],
)
def test_a_permission_without_its_grounds_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(Rejected, match=message):
        replace(PERMISSION, **changes)  # type: ignore[arg-type]


def test_a_refusal_needs_no_platforms_and_no_grounds() -> None:
    refusal = replace(
        PERMISSION, granted=False, refusal_reason="too light", platforms=frozenset(), proportionality="", authoriser=""
    )
    assert refusal.platforms == frozenset()


@pytest.mark.parametrize("allowed", Area)
@pytest.mark.parametrize("asked", Area)
def test_what_is_seen_more_widely_needs_a_wider_permission(allowed: Area, asked: Area) -> None:
    permission = replace(PERMISSION, area=allowed)
    if (allowed, asked) == (Area.REGIONAL, Area.NATIONAL):
        with pytest.raises(Rejected, match="is regional, and youtube is seen throughout the country"):
            permission.check_covers("youtube", COVERED, asked, TODAY)
    else:
        permission.check_covers("youtube", COVERED, asked, TODAY)


def test_where_nobody_said_how_widely_it_is_regional() -> None:
    assert PERMISSION.area is Area.REGIONAL
