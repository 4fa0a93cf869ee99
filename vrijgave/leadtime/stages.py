"""What is measured: the stages of a release, who loses time in them, and the two headlines."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from vrijgave.domain.clock import Milestone
from vrijgave.domain.releases import State


class Nature(StrEnum):
    """What goes on in a stage. As a measure: the sum of such time from received to public, inside the service."""

    WORKING = "working"
    WAITING = "waiting"
    """Nobody works on it, and nobody wanted that."""
    HELD = "held"
    """It waits on purpose. A hold while somebody works holds nothing up."""


class Headline(StrEnum):
    """The two lead times that a force is asked for."""

    INCIDENT_TO_UPLOADED = "incident_to_uploaded"
    INCIDENT_TO_PUBLIC = "incident_to_public"

    @property
    def end(self) -> Milestone:
        """The milestone that ends it."""
        return Milestone.UPLOADED if self is Headline.INCIDENT_TO_UPLOADED else Milestone.PUBLIC


class Result(StrEnum):
    """What the public brings, counted from public on the platform that was first."""

    PUBLIC_TO_FIRST_TIP = "public_to_first_tip"
    PUBLIC_TO_FIRST_USABLE_TIP = "public_to_first_usable_tip"
    PUBLIC_TO_IDENTIFIED = "public_to_identified"

    @property
    def end(self) -> Milestone:
        """The milestone that ends it."""
        return _RESULT_ENDS[self]


class Stage(StrEnum):
    """The stretch between one milestone and the next.

    A round that ends because changes were requested ends the stage in which it was; the time until the next review
    starts belongs to the wait for review.
    """

    INCIDENT_TO_REPORTED = "incident_to_reported"
    REPORTED_TO_SECURED = "reported_to_secured"
    SECURED_TO_RECEIVED = "secured_to_received"
    RECEIVED_TO_ANALYSIS_STARTED = "received_to_analysis_started"
    ANALYSIS_STARTED_TO_ANALYSED = "analysis_started_to_analysed"
    ANALYSED_TO_REVIEW_STARTED = "analysed_to_review_started"
    REVIEW_STARTED_TO_REVIEW_DONE = "review_started_to_review_done"
    REVIEW_DONE_TO_RENDER_STARTED = "review_done_to_render_started"
    RENDER_STARTED_TO_RENDERED = "render_started_to_rendered"
    RENDERED_TO_APPROVED = "rendered_to_approved"
    APPROVED_TO_AUTHORISED = "approved_to_authorised"
    """Nothing where the permission came before the approval."""
    AUTHORISED_TO_PUBLISH_ORDERED = "authorised_to_publish_ordered"
    PUBLISH_ORDERED_TO_UPLOAD_STARTED = "publish_ordered_to_upload_started"
    UPLOAD_STARTED_TO_UPLOADED = "upload_started_to_uploaded"
    UPLOADED_TO_PUBLIC = "uploaded_to_public"
    TAKE_DOWN_ORDERED_TO_TAKE_DOWN_CONFIRMED = "take_down_ordered_to_take_down_confirmed"

    @property
    def nature(self) -> Nature:
        """Whether somebody or something works in it, or the release waits."""
        return Nature.WORKING if self in _WORKING else Nature.WAITING

    @property
    def in_service(self) -> bool:
        """True from received to public: the part that the service itself can shorten."""
        return self not in _OUTSIDE and self is not Stage.TAKE_DOWN_ORDERED_TO_TAKE_DOWN_CONFIRMED

    @property
    def per_platform(self) -> bool:
        """True where each platform has its own."""
        return self in _PER_PLATFORM


Measure = Headline | Nature | Stage | Result

_WORKING = frozenset(
    {
        Stage.ANALYSIS_STARTED_TO_ANALYSED,
        Stage.REVIEW_STARTED_TO_REVIEW_DONE,
        Stage.RENDER_STARTED_TO_RENDERED,
        Stage.UPLOAD_STARTED_TO_UPLOADED,
        Stage.UPLOADED_TO_PUBLIC,
        Stage.TAKE_DOWN_ORDERED_TO_TAKE_DOWN_CONFIRMED,
    }
)
_OUTSIDE = frozenset({Stage.INCIDENT_TO_REPORTED, Stage.REPORTED_TO_SECURED, Stage.SECURED_TO_RECEIVED})
_PER_PLATFORM = frozenset(
    {
        Stage.PUBLISH_ORDERED_TO_UPLOAD_STARTED,
        Stage.UPLOAD_STARTED_TO_UPLOADED,
        Stage.UPLOADED_TO_PUBLIC,
        Stage.TAKE_DOWN_ORDERED_TO_TAKE_DOWN_CONFIRMED,
    }
)

_M = Milestone
_RESULT_ENDS: Mapping[Result, Milestone] = MappingProxyType(
    {
        Result.PUBLIC_TO_FIRST_TIP: _M.FIRST_TIP,
        Result.PUBLIC_TO_FIRST_USABLE_TIP: _M.FIRST_USABLE_TIP,
        Result.PUBLIC_TO_IDENTIFIED: _M.IDENTIFIED,
    }
)
BEFORE_REVIEW = (_M.INCIDENT, _M.REPORTED, _M.SECURED, _M.RECEIVED, _M.ANALYSIS_STARTED, _M.ANALYSED)
EACH_REVISION = (_M.REVIEW_STARTED, _M.REVIEW_DONE, _M.RENDER_STARTED, _M.RENDERED, _M.APPROVED)
EACH_PLATFORM = (_M.UPLOAD_STARTED, _M.UPLOADED, _M.PUBLIC)
TAKE_DOWN = (_M.TAKE_DOWN_ORDERED, _M.TAKE_DOWN_CONFIRMED)

STAGE_FROM: Mapping[Milestone | State, Stage] = MappingProxyType(
    {
        _M.INCIDENT: Stage.INCIDENT_TO_REPORTED,
        _M.REPORTED: Stage.REPORTED_TO_SECURED,
        _M.SECURED: Stage.SECURED_TO_RECEIVED,
        _M.RECEIVED: Stage.RECEIVED_TO_ANALYSIS_STARTED,
        _M.ANALYSIS_STARTED: Stage.ANALYSIS_STARTED_TO_ANALYSED,
        _M.ANALYSED: Stage.ANALYSED_TO_REVIEW_STARTED,
        State.CHANGES_REQUESTED: Stage.ANALYSED_TO_REVIEW_STARTED,
        _M.REVIEW_STARTED: Stage.REVIEW_STARTED_TO_REVIEW_DONE,
        _M.REVIEW_DONE: Stage.REVIEW_DONE_TO_RENDER_STARTED,
        _M.RENDER_STARTED: Stage.RENDER_STARTED_TO_RENDERED,
        _M.RENDERED: Stage.RENDERED_TO_APPROVED,
        _M.APPROVED: Stage.APPROVED_TO_AUTHORISED,
        _M.AUTHORISED: Stage.AUTHORISED_TO_PUBLISH_ORDERED,
        _M.PUBLISH_ORDERED: Stage.PUBLISH_ORDERED_TO_UPLOAD_STARTED,
        _M.UPLOAD_STARTED: Stage.UPLOAD_STARTED_TO_UPLOADED,
        _M.UPLOADED: Stage.UPLOADED_TO_PUBLIC,
        _M.TAKE_DOWN_ORDERED: Stage.TAKE_DOWN_ORDERED_TO_TAKE_DOWN_CONFIRMED,
    }
)
"""The point where a stage starts -> the stage."""

REACHED_BY: Mapping[State, Milestone] = MappingProxyType(
    {
        State.RECEIVED: _M.RECEIVED,
        State.ANALYSING: _M.ANALYSIS_STARTED,
        State.IN_REVIEW: _M.ANALYSED,
        State.RENDERING: _M.REVIEW_DONE,
        State.AWAITING_APPROVAL: _M.RENDERED,
        State.APPROVED: _M.APPROVED,
        State.PUBLISHING: _M.PUBLISH_ORDERED,
        State.PUBLISHED: _M.PUBLIC,
        State.TAKING_DOWN: _M.TAKE_DOWN_ORDERED,
        State.TAKEN_DOWN: _M.TAKE_DOWN_CONFIRMED,
    }
)
"""State -> the milestone that lies behind a release which got there, stamped or not."""
