"""Releases in every state, so that pages have something to show."""

from __future__ import annotations

from datetime import datetime, timedelta

from vrijgave.domain.assets import Asset, AssetKind
from vrijgave.domain.cases import Area, Case, Certainty, Medium, Permission, PublicationStage, Urgency
from vrijgave.domain.clock import Milestone, Stamp
from vrijgave.domain.releases import FlowName, Release, State
from vrijgave.services.context import Context

OFFENCES = (
    "Winkeldiefstal",
    "Straatroof",
    "Inbraak in een woning",
    "Oplichting aan de deur",
    "Vernieling",
)
PLACES = ("Den Haag, Centrum", "Delft", "Zoetermeer", "Leiden", "Rijswijk")
UNITS = ("Den Haag", "Rotterdam", "Midden-Nederland")


def seed(
    context: Context,
    now: datetime,
    states: tuple[State, ...] = tuple(State),
    *,
    with_files: bool = True,
    reviewer: str = "bas",
    number: int = 0,
) -> list[Release]:
    """A release in each of ``states``, the later the older; ``number`` is that of the first."""
    with context.unit_of_work() as uow:
        made = []
        for each, state in enumerate(states, start=number):
            release = made_up(each, state, now, reviewer)
            uow.releases.add(release, reason="Beelden aangeleverd.")
            if with_files:
                _add_files(uow, release)
            _details(uow, release)
            made.append(release)
        uow.commit()
    return made


def made_up(number: int, state: State, now: datetime, reviewer: str = "bas") -> Release:
    """A release that is not in the store yet."""
    begun = now - timedelta(hours=3 + 7 * number)
    return Release(
        id=f"{number:02d}" + "abcdef0123456789abcdef01234567",
        case=Case(
            registration_number=f"PL1500-20260000{number:02d}",
            public_case_number=f"2026-{1042 + number}",
            unit=UNITS[number % len(UNITS)],
            offence=OFFENCES[number % len(OFFENCES)],
            public_place=PLACES[number % len(PLACES)],
            place="Grote Marktstraat 12, winkel met twee ingangen",
            team="Districtsrecherche",
            offence_article="310 Sr",
            incident_from=begun - timedelta(hours=5),
            incident_to=begun - timedelta(hours=5) + timedelta(minutes=10),
            incident_certainty=Certainty.ESTIMATED,
            urgency=Urgency.HIGH if number % 5 == 2 else Urgency.NORMAL,
            question="Herkent u de persoon in de gele jas?",
            scene="Iemand in een gele jas loopt door een winkelstraat en pakt een tas van een bank.",
        ),
        state=state,
        revision=1,
        attempt=1,
        version=1,
        submitted_by="anna",
        created_at=begun,
        reviewer=reviewer if state in (State.AWAITING_APPROVAL, State.APPROVED, State.PUBLISHED) else None,
        failed_flow=FlowName.RENDER if state is State.FAILED else None,
        message="De schijf is vol; maak ruimte en voer opnieuw uit." if state is State.FAILED else None,
    )


def _add_files(uow, release: Release) -> None:  # type: ignore[no-untyped-def]
    at = release.created_at
    original = "a3" * 32
    for kind, name, size in (
        (AssetKind.ORIGINAL, "original.mp4", 734_003_200),
        (AssetKind.ANALYSIS, "analysis.json", 184_220),
        (AssetKind.MASTER, "master.mp4", 512_400_100),
    ):
        uow.assets.add(
            Asset(
                id=f"{release.id[:20]}{kind.value[:10]}", release_id=release.id, revision=1, kind=kind, name=name,
                sha256=original if kind is AssetKind.ORIGINAL else "7f" * 32, size=size,
                parent_sha256=None if kind is AssetKind.ORIGINAL else original, created_at=at,
            )
        )  # fmt: skip


def _details(uow, release: Release) -> None:  # type: ignore[no-untyped-def]
    at = release.created_at
    for milestone, hours in ((Milestone.INCIDENT, -5), (Milestone.RECEIVED, 0), (Milestone.ANALYSED, 1)):
        moment = at + timedelta(hours=hours)
        uow.stamps.add(
            Stamp(
                release_id=release.id, milestone=milestone, earliest=moment, latest=moment,
                certainty=Certainty.EXACT, source="person:anna", recorded_at=at,
            )
        )  # fmt: skip
    if release.state in (State.APPROVED, State.PUBLISHED):
        uow.permissions.add(
            Permission(
                release_id=release.id, requester="bas", zaaksofficier="De zaaksofficier", authoriser="De hoofdofficier",
                mandate="Mandaat opsporingsberichtgeving", platforms=frozenset({"youtube", "press_kit"}),
                stage=PublicationStage.RECOGNISABLE, medium=Medium.VIDEO, area=Area.NATIONAL,
                lighter_means="Intern gedeeld, zonder gevolg",
                proportionality="Ernstig feit; de verdachte is nog onbekend.", granted=True, at=at, recorded_by="bas",
            )
        )  # fmt: skip
