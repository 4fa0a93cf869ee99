"""The case behind a release, and the permission to publish."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from vrijgave.errors import Rejected
from vrijgave.i18n import _


class Certainty(StrEnum):
    """How sure a time is."""

    EXACT = "exact"
    ESTIMATED = "estimated"
    UNKNOWN = "unknown"


class Urgency(StrEnum):
    """How soon the public has to see it."""

    NORMAL = "normal"
    HIGH = "high"


class FootageKind(StrEnum):
    """What kind of camera the footage comes from."""

    UNKNOWN = "unknown"
    CCTV = "cctv"
    PHONE = "phone"
    BODYCAM = "bodycam"
    DOORBELL = "doorbell"
    DASHCAM = "dashcam"
    OTHER = "other"


class PublicationStage(StrEnum):
    """Staged publication (getrapt): each stage is a decision of its own."""

    INTERNAL = "internal"
    COVERED = "covered"
    RECOGNISABLE = "recognisable"


class Area(StrEnum):
    """How far an appeal is seen; a wider one is a decision of its own."""

    REGIONAL = "regional"
    NATIONAL = "national"


class Medium(StrEnum):
    """Stills are the lighter means (HR 13-10-2015, ECLI:NL:HR:2015:3024)."""

    STILLS = "stills"
    VIDEO = "video"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Facts of the case. ``registration_number`` (BVH) is internal and never leaves the service.

    Times are aware UTC. The incident is an interval: ``incident_from`` equals ``incident_to`` where the moment
    is known; both are None where it is not.
    """

    registration_number: str
    public_case_number: str
    unit: str
    offence: str
    public_place: str
    incident_from: datetime | None = None
    incident_to: datetime | None = None
    incident_certainty: Certainty = Certainty.UNKNOWN
    reported_at: datetime | None = None
    secured_at: datetime | None = None
    team: str = ""
    offence_article: str = ""
    place: str = ""
    footage_source: str = ""
    """Whose camera it was; internal, as it may lead to a victim."""
    footage_kind: FootageKind = FootageKind.UNKNOWN
    urgency: Urgency = Urgency.NORMAL
    question: str = ""
    """What the public is asked, in Dutch."""
    question_en: str = ""
    scene: str = ""
    """What is to be seen, in Dutch; becomes the text alternative of silent footage."""
    scene_en: str = ""

    def __post_init__(self) -> None:
        for name in ("public_case_number", "unit", "offence", "public_place"):
            if not getattr(self, name).strip():
                raise Rejected("case", _("The case needs «{field}».").format(field=name))
        if (self.incident_from is None) != (self.incident_to is None):
            raise Rejected("case", _("Give both the start and the end of the incident, or neither."))
        for moment in (self.incident_from, self.incident_to, self.reported_at, self.secured_at):
            if moment is not None and moment.tzinfo is None:
                raise Rejected("case", _("A time needs its time zone, for instance 2026-03-01T22:15+01:00."))
        if self.incident_from and self.incident_to and self.incident_from > self.incident_to:
            raise Rejected("case", _("The incident ends before it starts."))
        if self.registration_number and self.registration_number == self.public_case_number:
            raise Rejected("case", _("The public case number may not be the internal registration number."))


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionRequest:
    """What is asked of the authoriser, and on what grounds; a request grants nothing."""

    release_id: str
    requester: str
    zaaksofficier: str
    platforms: frozenset[str]
    stage: PublicationStage
    medium: Medium
    lighter_means: str
    proportionality: str
    at: datetime
    recorded_by: str
    area: Area = Area.REGIONAL
    self_report_until: date | None = None
    end_date: date | None = None
    conditions: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """The authorisation to publish, as recorded: who allowed what, where, for how long, and on what grounds."""

    release_id: str
    requester: str
    zaaksofficier: str
    authoriser: str
    mandate: str
    platforms: frozenset[str]
    stage: PublicationStage
    medium: Medium
    lighter_means: str
    proportionality: str
    granted: bool
    at: datetime
    recorded_by: str
    area: Area = Area.REGIONAL
    """Where nobody said how far it reaches, it reaches no further than the region."""
    self_report_until: date | None = None
    end_date: date | None = None
    conditions: str = ""
    refusal_reason: str = ""

    def __post_init__(self) -> None:
        if self.granted and not (self.authoriser.strip() and self.mandate.strip() and self.platforms):
            raise Rejected("permission", _("A permission needs its authoriser, the mandate and the platforms."))
        if self.granted and not self.proportionality.strip():
            raise Rejected("permission", _("A permission needs the grounds on which it is proportionate."))
        if not self.granted and not self.refusal_reason.strip():
            raise Rejected("permission", _("A refusal needs its reason."))

    def check_covers(self, platform: str, stage: PublicationStage, area: Area, today: date) -> None:
        """Raise ``Rejected`` when ``stage`` may not go out on ``platform``, which is seen in ``area``, on ``today``."""
        order = list(PublicationStage)
        if not self.granted:
            why = _("Publication was refused by {who}: {reason}").format(
                who=self.authoriser, reason=self.refusal_reason
            )
        elif platform not in self.platforms:
            why = _("The permission does not cover {platform}; ask for a new one.").format(platform=platform)
        elif order.index(stage) > order.index(self.stage):
            why = _("The permission covers «{allowed}», not «{asked}»; ask for a new one.").format(
                allowed=_(self.stage.value), asked=_(stage.value)
            )
        elif area is Area.NATIONAL and self.area is Area.REGIONAL:
            why = _(
                "The permission is regional, and {platform} is seen throughout the country; ask for a new one."
            ).format(platform=platform)
        elif self.end_date is not None and today > self.end_date:
            why = _("The permission ended on {date}; ask for a new one.").format(date=self.end_date.isoformat())
        elif self.self_report_until is not None and today <= self.self_report_until:
            why = _("The suspect may report until {date}; publish after that day.").format(
                date=self.self_report_until.isoformat()
            )
        else:
            return
        raise Rejected("permission", why)
