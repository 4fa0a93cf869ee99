"""What persons decided about tracks and sound; rows are only ever added, the latest about a track holds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, insert, select

from vrijgave.domain.assets import AssetKind
from vrijgave.domain.tracks import CoverStyle, Decision, Plan, Sound
from vrijgave.store import tables
from vrijgave.store.assets import Assets
from vrijgave.store.records import record, values

_t = tables.decision
_sound = tables.sound_choice
_style = tables.style_choice


class Decisions:
    """The decisions of a release. Those of earlier revisions hold in later ones until somebody decides anew."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, release_id: str, revision: int, decision: Decision) -> None:
        """Record a decision about a track."""
        self._connection.execute(insert(_t).values(release_id=release_id, revision=revision, **values(decision)))

    def choose_sound(
        self, release_id: str, revision: int, sound: Sound, *, actor: str, reason: str, at: datetime
    ) -> None:
        """Record what happens to the sound."""
        self._connection.execute(
            insert(_sound).values(
                release_id=release_id, revision=revision, sound=sound, actor=actor, reason=reason, at=at
            )
        )

    def choose_style(
        self, release_id: str, revision: int, style: CoverStyle, *, actor: str, reason: str, at: datetime
    ) -> None:
        """Record how covered faces look."""
        self._connection.execute(
            insert(_style).values(
                release_id=release_id, revision=revision, style=style, actor=actor, reason=reason, at=at
            )
        )

    def list(self, release_id: str, revision: int) -> list[Decision]:
        """All decisions up to and with ``revision``, oldest first."""
        query = select(_t).where(_t.c.release_id == release_id, _t.c.revision <= revision).order_by(_t.c.number)
        return [record(Decision, row) for row in self._connection.execute(query)]

    def plan(self, release_id: str, revision: int) -> Plan:
        """What holds for the release's original in ``revision``; unless somebody chose otherwise, sound is muted and
        covers are opaque.

        Raises ``NotFound`` when no original was recorded.
        """
        original = Assets(self._connection).latest(release_id, AssetKind.ORIGINAL)
        return Plan(
            source_sha256=original.sha256,
            decisions=tuple(self.list(release_id, revision)),
            sound=self._latest(_sound.c.sound, release_id, revision) or Sound.MUTE,
            style=self._latest(_style.c.style, release_id, revision) or CoverStyle.OPAQUE,
        )

    def _latest(self, chosen: Column[Any], release_id: str, revision: int) -> Any:
        """The last choice in that column up to and with ``revision``, or None."""
        table = chosen.table.c
        query = select(chosen).where(table.release_id == release_id, table.revision <= revision)
        return self._connection.scalar(query.order_by(table.number.desc()).limit(1))
