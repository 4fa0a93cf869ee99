"""The seal of the audit log: any change of any entry breaks the chain, at that entry."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrijgave.domain.audit import GENESIS, AuditAction, AuditEntry, first_broken, seal

T0 = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
moments = st.datetimes(timezones=st.just(UTC), min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1))
words = st.text(max_size=20)
facts = st.tuples(moments, words, st.sampled_from(AuditAction), words, words)


def chain_of(rows: list[tuple[datetime, str, AuditAction, str, str]]) -> list[AuditEntry]:
    entries: list[AuditEntry] = []
    for number, (at, actor, action, subject, reason) in enumerate(rows, 1):
        previous = entries[-1].hash if entries else GENESIS
        entries.append(
            seal(number=number, at=at, actor=actor, action=action, subject=subject, reason=reason, previous=previous)
        )
    return entries


chains = st.lists(facts, min_size=1, max_size=8).map(chain_of)


def test_an_empty_log_is_whole() -> None:
    assert first_broken([]) is None


@given(chains)
def test_what_was_sealed_is_whole(chain: list[AuditEntry]) -> None:
    assert first_broken(chain) is None


@given(chains, st.data())
def test_an_altered_field_breaks_the_chain_there(chain: list[AuditEntry], data: st.DataObject) -> None:
    i = data.draw(st.integers(0, len(chain) - 1))
    entry = chain[i]
    altered = data.draw(
        st.sampled_from(
            [
                replace(entry, actor=entry.actor + "x"),
                replace(entry, subject=entry.subject + "x"),
                replace(entry, reason=entry.reason + " "),
                replace(entry, at=entry.at + timedelta(microseconds=1)),
                replace(entry, number=entry.number + 1),
                replace(entry, previous="f" * 64),
                replace(entry, hash="e" * 64),
                replace(
                    entry,
                    action=AuditAction.ALTERED if entry.action is not AuditAction.ALTERED else AuditAction.DESTROYED,
                ),
            ]
        )
    )
    assert first_broken([*chain[:i], altered, *chain[i + 1 :]]) == i + 1


@given(chains, st.data())
def test_a_removed_entry_breaks_the_chain_there(chain: list[AuditEntry], data: st.DataObject) -> None:
    i = data.draw(st.integers(0, len(chain) - 1))
    rest = chain[:i] + chain[i + 1 :]
    assert first_broken(rest) == (i + 1 if i < len(chain) - 1 else None), "only a cut end goes unseen"


@given(chains, st.data())
def test_an_entry_put_in_between_breaks_the_chain_after_it(chain: list[AuditEntry], data: st.DataObject) -> None:
    i = data.draw(st.integers(0, len(chain) - 1))
    previous = chain[i - 1].hash if i else GENESIS
    forged = seal(
        number=i + 1,
        at=T0,
        actor="x",
        action=AuditAction.COMBINED,
        subject="put in",
        reason="",
        previous=previous,
    )
    assert first_broken([*chain[:i], forged, *chain[i:]]) == i + 2


@given(chains, st.data())
def test_swapped_entries_break_the_chain(chain: list[AuditEntry], data: st.DataObject) -> None:
    if len(chain) < 2:
        return
    i = data.draw(st.integers(0, len(chain) - 2))
    swapped = [*chain[:i], chain[i + 1], chain[i], *chain[i + 2 :]]
    assert first_broken(swapped) == i + 1


@pytest.mark.parametrize(("left", "right"), [(("ab", "c"), ("a", "bc")), (('a", "b', "c"), ("a", 'b", "c'))])
def test_fields_do_not_run_into_each_other(left: tuple[str, str], right: tuple[str, str]) -> None:
    def hash_of(subject: str, reason: str) -> str:
        return seal(
            number=1,
            at=T0,
            actor="x",
            action=AuditAction.ALTERED,
            subject=subject,
            reason=reason,
            previous=GENESIS,
        ).hash

    assert hash_of(*left) != hash_of(*right)


def test_the_same_moment_in_another_zone_has_the_same_seal() -> None:
    amsterdam = T0.astimezone(timezone(timedelta(hours=1)))
    one, other = (
        seal(number=1, at=at, actor="a", action=AuditAction.CONSULTED, subject="s", reason="r", previous=GENESIS)
        for at in (T0, amsterdam)
    )
    assert one.hash == other.hash


def test_the_seal_stays_what_it_was() -> None:
    """Entries of years ago must still verify: the way of sealing is part of the stored data."""
    entry = seal(
        number=1,
        at=T0,
        actor="anna",
        action=AuditAction.CONSULTED,
        subject="release:1",
        reason="«ü»",
        previous=GENESIS,
    )
    assert entry.hash == "ad62d11dbc705c7ae2d41f8a55de93544a04f6d7fd86dc4ae31cbc7a47ad111d"
