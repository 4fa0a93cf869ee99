"""From what a person typed to the facts of a case and the request for permission, with a sentence for each mistake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import TypeVar
from zoneinfo import ZoneInfo

from vrijgave.domain.cases import Area, Case, Certainty, FootageKind, Medium, PublicationStage, Urgency
from vrijgave.domain.people import Account
from vrijgave.domain.publications import Platform
from vrijgave.errors import Rejected
from vrijgave.i18n import _
from vrijgave.services.moments import read_moment

SHORT: Mapping[str, int] = MappingProxyType(
    {
        "public_case_number": 60,
        "registration_number": 60,
        "offence": 80,
        "offence_article": 120,
        "public_place": 80,
        "place": 200,
        "unit": 100,
        "team": 100,
        "footage_source": 200,
        "zaaksofficier": 100,
    }
)
"""Facts of one line -> most characters."""
LONG: Mapping[str, int] = MappingProxyType(
    {
        "question": 500,
        "question_en": 500,
        "scene": 2000,
        "scene_en": 2000,
        "proportionality": 4000,
        "lighter_means": 4000,
        "conditions": 2000,
    }
)
"""Facts of more lines -> most characters."""
TIMES = ("incident_from", "incident_to", "reported_at", "secured_at")
DATES = ("self_report_until", "end_date")
CHOICES = ("incident_certainty", "footage_kind", "urgency", "stage", "area", "medium", "targets")
FACTS = frozenset({*SHORT, *LONG, *TIMES, *DATES, *CHOICES})
"""All that a person may type. ``targets`` holds platforms, separated by spaces."""
NEEDED = ("public_case_number", "offence", "public_place", "unit")
ASKS = ("zaaksofficier", "proportionality", "lighter_means", "conditions", *DATES)
"""One of these filled in makes it a request for permission."""

E = TypeVar("E", Certainty, FootageKind, Urgency, PublicationStage, Area, Medium)


def defaults(account: Account, platforms: Sequence[Platform]) -> dict[str, str]:
    """What a new draft holds already."""
    return {
        "unit": account.unit,
        "incident_certainty": Certainty.ESTIMATED.value,
        "urgency": Urgency.NORMAL.value,
        "targets": " ".join(platform.value for platform in platforms),
        "stage": PublicationStage.RECOGNISABLE.value,
        "area": Area.NATIONAL.value,
        "medium": Medium.VIDEO.value,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The request for permission before it has a release."""

    zaaksofficier: str
    stage: PublicationStage
    area: Area
    medium: Medium
    lighter_means: str
    proportionality: str
    conditions: str
    self_report_until: date | None
    end_date: date | None


@dataclass(slots=True)
class Reading:
    """Facts as they are read. ``problems``: fact -> the sentence about it; with none, ``case`` is there."""

    problems: dict[str, str] = field(default_factory=dict)
    case: Case | None = None
    targets: tuple[Platform, ...] = ()
    asked: Asked | None = None


def read(facts: Mapping[str, str], zone: ZoneInfo, now: datetime) -> Reading:
    """Read all facts, and gather every mistake at once."""
    found = Reading()
    texts = {name: facts.get(name, "").strip() for name in FACTS}
    _check_texts(texts, found.problems)
    times = _times(texts, zone, now, found.problems)
    days = {name: _day(texts[name], name, now.astimezone(zone).date(), found.problems) for name in DATES}
    found.targets = tuple(platform for platform in Platform if platform.value in texts["targets"].split())
    if not found.targets:
        found.problems["targets"] = _("Choose at least one platform.")
    if not found.problems:
        found.case = _case(texts, times, found.problems)
        found.asked = _asked(texts, days)
    return found


def _check_texts(texts: Mapping[str, str], problems: dict[str, str]) -> None:
    missing = {
        "public_case_number": _("Give the case number that the public may know."),
        "offence": _("Say which offence it is about."),
        "public_place": _("Say where it happened, as the public may read it."),
        "unit": _("Say which unit works on the case."),
    }
    problems.update({name: missing[name] for name in NEEDED if not texts[name]})
    for name, most in (SHORT | LONG).items():  # type: ignore[operator]
        if len(texts[name]) > most:
            problems[name] = _("This is too long; use at most {most} characters.").format(most=most)
        elif name in SHORT and not texts[name].isprintable():
            problems[name] = _("Type this on one line, without special signs.")
    number = texts["registration_number"]
    if number and number == texts["public_case_number"]:
        problems["public_case_number"] = _("The public case number may not be the internal registration number.")


def _times(
    texts: Mapping[str, str], zone: ZoneInfo, now: datetime, problems: dict[str, str]
) -> dict[str, datetime | None]:
    """The moments; an incident with one moment begins and ends then."""
    times = {name: _moment(texts[name], name, zone, now, problems) for name in TIMES}
    start, end = times["incident_from"], times["incident_to"]
    if start is None and end is not None:
        problems.setdefault("incident_from", _("Say when the incident began, or leave the end empty too."))
    elif start is not None and end is not None and end < start:
        problems.setdefault("incident_to", _("The incident ends before it starts."))
    times["incident_to"] = end or start
    return times


def _moment(text: str, name: str, zone: ZoneInfo, now: datetime, problems: dict[str, str]) -> datetime | None:
    if not text:
        return None
    try:
        return read_moment(text, zone, now)
    except Rejected as error:
        problems[name] = str(error)
        return None


def _day(text: str, name: str, today: date, problems: dict[str, str]) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        problems[name] = _("Give a day, for instance 01-06-2026.")
        return None
    if day < today:
        problems[name] = _("This day is over; choose a later one.")
    return day


def _case(texts: Mapping[str, str], times: Mapping[str, datetime | None], problems: dict[str, str]) -> Case | None:
    names = ("question", "question_en", "scene", "scene_en")
    plain = {name: texts[name] for name in (*SHORT, *names) if name != "zaaksofficier"}
    certainty = _chosen(Certainty, texts["incident_certainty"], Certainty.ESTIMATED)
    try:
        return Case(
            **plain,
            incident_from=times["incident_from"],
            incident_to=times["incident_to"],
            reported_at=times["reported_at"],
            secured_at=times["secured_at"],
            incident_certainty=certainty if times["incident_from"] else Certainty.UNKNOWN,
            footage_kind=_chosen(FootageKind, texts["footage_kind"], FootageKind.UNKNOWN),
            urgency=_chosen(Urgency, texts["urgency"], Urgency.NORMAL),
        )
    except Rejected as error:
        problems["public_case_number"] = str(error)
        return None


def _asked(texts: Mapping[str, str], days: Mapping[str, date | None]) -> Asked | None:
    if not any(texts[name] for name in ASKS):
        return None
    return Asked(
        zaaksofficier=texts["zaaksofficier"],
        stage=_chosen(PublicationStage, texts["stage"], PublicationStage.RECOGNISABLE),
        area=_chosen(Area, texts["area"], Area.REGIONAL),
        medium=_chosen(Medium, texts["medium"], Medium.VIDEO),
        lighter_means=texts["lighter_means"],
        proportionality=texts["proportionality"],
        conditions=texts["conditions"],
        self_report_until=days["self_report_until"],
        end_date=days["end_date"],
    )


def _chosen(kind: type[E], text: str, otherwise: E) -> E:
    """The choice, or the usual one where a page of ours did not offer what was sent."""
    return next((member for member in kind if member.value == text), otherwise)
