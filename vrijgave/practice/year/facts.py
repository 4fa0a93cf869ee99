"""The facts of made-up cases: kinds of things only, nobody and no place that exists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from vrijgave.domain.cases import Case, Certainty, FootageKind, PublicationStage, Urgency
from vrijgave.domain.publications import Platform
from vrijgave.practice.year.chance import Chance

DETECTIVE, EDITOR, SECOND, OFFICER = (
    "voorbeeld-recherche",
    "voorbeeld-redactie",
    "voorbeeld-chef",
    "voorbeeld-officier",
)
SYSTEM = "system"
UNITS = (("Voorbeeldeenheid Noord", 0.2), ("Voorbeeldeenheid Oost", 0.2), ("Voorbeeldeenheid Zuid", 0.25),
         ("Voorbeeldeenheid West", 0.35))  # fmt: skip
PACE = {"Voorbeeldeenheid Noord": 0.8, "Voorbeeldeenheid Oost": 1.0, "Voorbeeldeenheid Zuid": 1.45,
        "Voorbeeldeenheid West": 1.0}  # fmt: skip
"""How long people of a unit take, beside the others."""
OFFENCES = (
    (("Winkeldiefstal", "310 Sr"), 0.28),
    (("Straatroof", "312 Sr"), 0.2),
    (("Mishandeling", "300 Sr"), 0.16),
    (("Woninginbraak", "311 Sr"), 0.14),
    (("Oplichting", "326 Sr"), 0.12),
    (("Overval", "317 Sr"), 0.1),
)
GRAVE = frozenset({"Straatroof", "Overval"})
PLACES = (("Voorbeeldstad", 0.5), ("Voorbeelddorp", 0.3), ("Voorbeeldhaven", 0.2))
FOOTAGE = (
    (FootageKind.CCTV, 0.45), (FootageKind.DOORBELL, 0.18), (FootageKind.PHONE, 0.17), (FootageKind.DASHCAM, 0.07),
    (FootageKind.BODYCAM, 0.05), (FootageKind.OTHER, 0.03), (FootageKind.UNKNOWN, 0.05),
)  # fmt: skip
STAGES = (
    (PublicationStage.RECOGNISABLE, 0.62),
    (PublicationStage.COVERED, 0.3),
    (PublicationStage.INTERNAL, 0.08),
)
TARGETS = (
    ((Platform.YOUTUBE, Platform.PRESS_KIT), 0.68),
    ((Platform.YOUTUBE,), 0.2),
    ((Platform.PRESS_KIT,), 0.12),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The time before the footage came in; None: not known. What holds, whatever was typed first."""

    incident: tuple[datetime, datetime] | None
    exact: bool
    reported: datetime | None
    reported_first: datetime | None
    """As it was stated at first, where that was wrong."""
    secured: datetime | None


def draw_before(chance: Chance, received: datetime) -> Before:
    """How it went until ``received``, backwards."""
    secured = received - chance.length(34, 0.8)
    reported = secured - chance.length(20, 0.9)
    latest = reported - chance.length(4, 1.1)
    width = timedelta(hours=round(chance.between(1, 10)))
    certainty = chance.pick(
        ((Certainty.EXACT, 0.55), (Certainty.ESTIMATED, 0.32), (Certainty.UNKNOWN, 0.13)),
    )
    exact = certainty is Certainty.EXACT
    wrong = reported + timedelta(hours=2) if chance.happens(0.06) else None
    return Before(
        incident=None if certainty is Certainty.UNKNOWN else (latest if exact else latest - width, latest),
        exact=exact,
        reported=reported if chance.happens(0.94) else None,
        reported_first=wrong,
        secured=secured if chance.happens(0.9) else None,
    )


def draw_case(chance: Chance, number: int, before: Before) -> Case:
    """The facts of the case with that number."""
    offence, article = chance.pick(OFFENCES)
    place = chance.pick(PLACES)
    start, end = before.incident or (None, None)
    return Case(
        registration_number=f"VOORBEELD-INTERN-{number:04d}",
        public_case_number=f"VOORBEELD-{number:04d}",
        unit=chance.pick(UNITS),
        team="Voorbeeldteam",
        offence=offence,
        offence_article=article,
        public_place=place,
        place=f"Voorbeeldstraat {number}, {place}",
        incident_from=start,
        incident_to=end,
        incident_certainty=certainty_of(before),
        reported_at=before.reported and (before.reported_first or before.reported),
        secured_at=before.secured,
        footage_source="Voorbeeldcamera",
        footage_kind=chance.pick(FOOTAGE),
        urgency=Urgency.HIGH if offence in GRAVE and chance.happens(0.5) else Urgency.NORMAL,
        question="Herkent u deze persoon? (Voorbeeld)",
        question_en="Do you recognise this person? (Example)",
        scene="Voorbeeld: iemand loopt door beeld. Van deze vrijgave bestaan geen beelden.",
        scene_en="Example: somebody walks through the picture. There is no footage of this release.",
    )


def certainty_of(before: Before) -> Certainty:
    """How sure the time of the incident is."""
    if before.incident is None:
        return Certainty.UNKNOWN
    return Certainty.EXACT if before.exact else Certainty.ESTIMATED
