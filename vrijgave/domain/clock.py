"""The stage clock: when a release reached each milestone, as stamped by a flow or stated by a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from vrijgave.domain.cases import Certainty


class Milestone(StrEnum):
    """The moments from incident to take-down, in the order in which they normally follow."""

    INCIDENT = "incident"
    REPORTED = "reported"
    SECURED = "secured"
    RECEIVED = "received"
    ANALYSIS_STARTED = "analysis_started"
    ANALYSED = "analysed"
    REVIEW_STARTED = "review_started"
    REVIEW_DONE = "review_done"
    RENDER_STARTED = "render_started"
    RENDERED = "rendered"
    APPROVED = "approved"
    AUTHORISED = "authorised"
    PUBLISH_ORDERED = "publish_ordered"
    UPLOAD_STARTED = "upload_started"
    UPLOADED = "uploaded"
    PUBLIC = "public"
    FIRST_TIP = "first_tip"
    FIRST_USABLE_TIP = "first_usable_tip"
    IDENTIFIED = "identified"
    TAKE_DOWN_ORDERED = "take_down_ordered"
    TAKE_DOWN_CONFIRMED = "take_down_confirmed"


BEFORE_RECEIVED = frozenset({Milestone.INCIDENT, Milestone.REPORTED, Milestone.SECURED})
PEOPLE_KNOW = BEFORE_RECEIVED | {Milestone.IDENTIFIED}
"""No flow sees these happen, so a person may be the first to tell them."""
FROM_TIPS = frozenset({Milestone.FIRST_TIP, Milestone.FIRST_USABLE_TIP})
"""These follow from the tips on record, and are corrected there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """One reading of the stage clock; rows of this kind are only ever added, a correction adds a newer one.

    ``earliest`` and ``latest`` bound the moment (aware UTC); they are equal where it is exact.
    """

    release_id: str
    milestone: Milestone
    earliest: datetime
    latest: datetime
    certainty: Certainty
    source: str
    """``flow:<name>`` or ``person:<actor>``."""
    recorded_at: datetime
    platform: str | None = None
    revision: int = 1
    reason: str = ""
    """Why a person corrected an earlier reading."""
