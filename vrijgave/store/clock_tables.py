"""The tables around the stage clock: holds, tips, reach, the lead times worked out from it, and reports."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from vrijgave.domain.holds import HoldReason
from vrijgave.domain.reports import ReportKind
from vrijgave.domain.tips import Attribution, Outcome, TipChannel, Usability
from vrijgave.store.columns import UtcDateTime, enum_type
from vrijgave.store.tables import ID_LENGTH, SHA256_LENGTH, metadata

hold = Table(
    "hold",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("release_id", String(ID_LENGTH), ForeignKey("release.id"), nullable=False, index=True),
    Column("reason", enum_type(HoldReason), nullable=False),
    Column("note", Text, nullable=False),
    Column("begins", UtcDateTime, nullable=False),
    Column("actor", Text, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
)

hold_end = Table(
    "hold_end",
    metadata,
    Column("hold", Integer, ForeignKey("hold.number"), primary_key=True, autoincrement=False),
    Column("release_id", String(ID_LENGTH), ForeignKey("release.id"), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", Text, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
)

tip = Table(
    "tip",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("release_id", String(ID_LENGTH), ForeignKey("release.id"), nullable=False, index=True),
    Column("received_at", UtcDateTime, nullable=False),
    Column("channel", enum_type(TipChannel), nullable=False),
    Column("medium", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
)

tip_judgement = Table(
    "tip_judgement",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("tip", Integer, ForeignKey("tip.number"), nullable=False, index=True),
    Column("release_id", String(ID_LENGTH), ForeignKey("release.id"), nullable=False, index=True),
    Column("usability", enum_type(Usability), nullable=False),
    Column("outcome", enum_type(Outcome), nullable=False),
    Column("attribution", enum_type(Attribution), nullable=False),
    Column("follow_up", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", Text, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
)

reach = Table(
    "reach",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("publication_id", String(ID_LENGTH), ForeignKey("publication.id"), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("views", BigInteger, nullable=False),
    Column("source", Text, nullable=False),
    CheckConstraint("views >= 0", name="views"),
)

clock_mark = Table(
    "clock_mark",
    metadata,
    Column("release_id", String(ID_LENGTH), ForeignKey("release.id"), primary_key=True),
    Column("times", BigInteger, nullable=False),
)
"""Releases of which something was recorded since their lead times were last worked out; triggers write it."""

lead_time = Table(
    "lead_time",
    metadata,
    Column("release_id", String(ID_LENGTH), ForeignKey("release.id"), primary_key=True),
    Column("platform", String(32), primary_key=True),
    Column("seq", BigInteger, nullable=False, index=True),
    Column("figures", LargeBinary, nullable=False),
)
"""Worked out from the stage clock, and only from that; can be thrown away and made anew. ``platform`` is empty in the
row of the whole release; ``seq`` grows with every row that is written; ``figures`` as ``leadtime.packing`` has them."""

lead_time_head = Table(
    "lead_time_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("basis", String(SHA256_LENGTH), nullable=False, server_default=""),
    CheckConstraint("id = 1", name="one_row"),
)
"""One row: the last ``seq``, and by what the rows were made. Whoever writes lead times locks it, so that no reader
misses a row that came late."""

example_history = Table(
    "example_history",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("made_at", UtcDateTime, nullable=False),
    Column("seed", Integer, nullable=False),
    Column("releases", Integer, nullable=False),
)
"""With a row here, all that this installation holds is made up, and every page says so."""

alert = Table(
    "alert",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("release_id", String(ID_LENGTH), ForeignKey("release.id"), nullable=False),
    Column("stage", String(64), nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("release_id", "stage", "since"),
)
"""Of what was warned, so that nobody is told twice of one wait."""

report = Table(
    "report",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("kind", enum_type(ReportKind), nullable=False),
    Column("period", String(10), nullable=False),
    Column("sha256", String(SHA256_LENGTH), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    UniqueConstraint("kind", "period"),
)
"""What was made on paper and kept; the bytes lie in the file store."""
