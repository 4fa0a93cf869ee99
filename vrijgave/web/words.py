"""How the pages say states and roles, beside what `vrijgave.words` says everywhere."""

from __future__ import annotations

from enum import StrEnum

from vrijgave.domain.people import Role
from vrijgave.domain.releases import State
from vrijgave.i18n import _
from vrijgave.words import age as age
from vrijgave.words import medium as medium
from vrijgave.words import moment as moment
from vrijgave.words import platform_name as platform_name
from vrijgave.words import size as size
from vrijgave.words import spoken as spoken


class Phase(StrEnum):
    """States of a kind: they share a sign, so that colour is never all that tells them apart."""

    WORKING = "working"
    WAITING = "waiting"
    FAILED = "failed"
    PUBLIC = "public"
    ENDED = "ended"


_PHASES = {
    Phase.WORKING: {State.RECEIVED, State.ANALYSING, State.RENDERING, State.PUBLISHING, State.TAKING_DOWN},
    Phase.WAITING: {State.IN_REVIEW, State.CHANGES_REQUESTED, State.AWAITING_APPROVAL, State.APPROVED},
    Phase.FAILED: {State.FAILED},
    Phase.PUBLIC: {State.PUBLISHED},
    Phase.ENDED: {State.TAKEN_DOWN, State.WITHDRAWN},
}


def phase(state: State) -> Phase:
    """The phase of a state."""
    return next(phase for phase, states in _PHASES.items() if state in states)


def states_of(wanted: Phase) -> frozenset[State]:
    """The states of a phase."""
    return frozenset(_PHASES[wanted])


def next_step(state: State) -> str:
    """What happens next with a release, and who does it."""
    match state:
        case State.RECEIVED | State.ANALYSING:
            return _("The service looks for faces and plates")
        case State.IN_REVIEW:
            return _("Communication: check what is covered")
        case State.CHANGES_REQUESTED:
            return _("Communication: make the changes that were asked for")
        case State.RENDERING:
            return _("The service makes the covered video")
        case State.AWAITING_APPROVAL:
            return _("A second person: watch the video and approve")
        case State.APPROVED:
            return _("Communication: publish, once the public prosecutor permits it")
        case State.PUBLISHING:
            return _("The service publishes")
        case State.PUBLISHED:
            return _("Communication: watch, and take down once the goal is reached")
        case State.TAKING_DOWN:
            return _("The service takes it down everywhere")
        case State.TAKEN_DOWN | State.WITHDRAWN:
            return _("Nothing more to do")
        case State.FAILED:
            return _("Communication: mend the cause, then run it again")


def role_name(role: Role) -> str:
    """What a role is called."""
    match role:
        case Role.RECHERCHE:
            return _("Detective (recherche)")
        case Role.COMMUNICATIE:
            return _("Communication")
        case Role.OFFICIER:
            return _("Public prosecutor (officier)")
        case Role.LEIDING:
            return _("Management")
        case Role.PRIVACY:
            return _("Privacy officer")
        case Role.BEHEER:
            return _("Administrator")
