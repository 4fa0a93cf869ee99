"""The board: releases by state, with age, owner and what happens next."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar
from urllib.parse import urlencode

from vrijgave.domain.board import BoardEntry, BoardQuery
from vrijgave.domain.cases import Urgency
from vrijgave.domain.people import Account
from vrijgave.domain.releases import State
from vrijgave.i18n import _
from vrijgave.store.unit_of_work import UnitOfWork
from vrijgave.web import words
from vrijgave.web.pages import Page
from vrijgave.web.permissions import reach
from vrijgave.web.views.actions import Action, next_action
from vrijgave.web.words import Phase
from vrijgave.words import hold_reason

FIELDS = ("state", "unit", "owner", "text")
"""What the address of a board may ask for."""
MOST = 200
"""Rows on one page; a search finds the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardFilter:
    """What the address of the board asks for. ``state`` holds a state or a phase."""

    state: str = ""
    unit: str = ""
    owner: str = ""
    text: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> BoardFilter:
        """From the query of an address."""
        return cls(**{name: query.get(name, "").strip()[:100] for name in FIELDS})

    def address(self, path: str = "/board") -> str:
        """The address that asks for this."""
        chosen = {name: value for name in FIELDS if (value := getattr(self, name))}
        return f"{path}?{urlencode(chosen)}" if chosen else path

    def states(self) -> frozenset[State]:
        """The states asked for; none: all."""
        with suppress(ValueError):
            return frozenset({State(self.state)})
        with suppress(ValueError):
            return words.states_of(Phase(self.state))
        return frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One option of a list."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseLink:
    """A phase with how many releases are in it, and the board that shows only those."""

    label: str
    phase: str
    count: int
    address: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRow:
    """One release at a glance."""

    id: str
    number: str
    offence: str
    place: str
    unit: str
    state: str
    phase: str
    urgent: bool
    age: str
    waiting: str
    late: bool
    """Somebody was told that it waits for longer than the target, and it has not moved since."""
    held: str
    """Why it waits on purpose; empty where it does not."""
    owner: str
    next: str
    action: Action | None
    """The page of the next step, where it is for the person who looks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRows(Page):
    """The rows alone: what a live update replaces."""

    template: ClassVar[str] = "board_rows.html.j2"
    rows: tuple[BoardRow, ...]
    phases: tuple[PhaseLink, ...]
    refresh: str
    """Address that gives these rows anew."""
    more: bool
    filtered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardPage(Page):
    """The whole board."""

    template: ClassVar[str] = "board.html.j2"
    rows: tuple[BoardRow, ...]
    phases: tuple[PhaseLink, ...]
    refresh: str
    more: bool
    filtered: bool
    states: tuple[Choice, ...]
    units: tuple[Choice, ...]
    owners: tuple[Choice, ...]
    text: str


def board_rows(uow: UnitOfWork, account: Account, asked: BoardFilter, now: datetime) -> BoardRows:
    """The rows that ``account`` may see and asks for."""
    query = BoardQuery(
        states=asked.states(), unit=asked.unit, owner=asked.owner, text=asked.text, within=reach(account)
    )
    found = uow.board.find(query, MOST + 1)
    counts = uow.board.counts(replace(query, states=frozenset()))
    shown = [entry.release.id for entry in found[:MOST]]
    permitted, told = uow.permissions.granted(shown), uow.alerts.newest(shown)
    held = {hold.release_id: hold_reason(hold.reason) for hold in uow.holds.for_releases(shown) if hold.end is None}
    return BoardRows(
        rows=tuple(
            replace(
                _row(entry, now, account, entry.release.id in permitted, told.get(entry.release.id)),
                held=held.get(entry.release.id, ""),
            )
            for entry in found[:MOST]
        ),
        phases=_phases(asked, counts),
        refresh=asked.address("/board/rows"),
        more=len(found) > MOST,
        filtered=asked != BoardFilter(),
    )


def board_page(uow: UnitOfWork, account: Account, asked: BoardFilter, now: datetime) -> BoardPage:
    """The board with its filters."""
    rows = board_rows(uow, account, asked, now)
    within = reach(account)
    states = [(state.value, words.spoken(state)) for state in State]
    return BoardPage(
        rows=rows.rows,
        phases=rows.phases,
        refresh=rows.refresh,
        more=rows.more,
        filtered=rows.filtered,
        states=_choices(states, asked.state),
        units=_choices([(unit, unit) for unit in uow.board.units(within)], asked.unit),
        owners=_choices([(owner, owner) for owner in uow.board.owners(within)], asked.owner),
        text=asked.text,
    )


def _row(entry: BoardEntry, now: datetime, account: Account, permitted: bool, told: datetime | None) -> BoardRow:
    release = entry.release
    return BoardRow(
        id=release.id,
        number=release.case.public_case_number,
        offence=release.case.offence,
        place=release.case.public_place,
        unit=release.case.unit,
        state=words.spoken(release.state),
        phase=words.phase(release.state).value,
        urgent=release.case.urgency is Urgency.HIGH,
        age=words.age(now - release.created_at),
        waiting=words.age(now - entry.since),
        late=told is not None and told >= entry.since,
        held="",
        owner=entry.owner,
        next=words.next_step(release.state),
        action=next_action(release, account, permitted=permitted),
    )


def _phases(asked: BoardFilter, counts: Mapping[State, int]) -> tuple[PhaseLink, ...]:
    labels = {
        Phase.WAITING: _("Waits for a person"),
        Phase.FAILED: _("Stopped"),
        Phase.WORKING: _("The service works"),
        Phase.PUBLIC: _("Public"),
        Phase.ENDED: _("Ended"),
    }
    return tuple(
        PhaseLink(
            label=label,
            phase=phase.value,
            count=sum(counts.get(state, 0) for state in words.states_of(phase)),
            address=replace(asked, state="" if asked.state == phase.value else phase.value).address(),
            chosen=asked.state == phase.value,
        )
        for phase, label in labels.items()
    )


def _choices(values: list[tuple[str, str]], chosen: str) -> tuple[Choice, ...]:
    return tuple(Choice(value=value, label=label, chosen=value == chosen) for value, label in values)
