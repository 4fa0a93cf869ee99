"""What the views for other programs (``bi_release``, ``bi_stage``) stand on; see docs/bi.md.

All of it is worked out from the stage clock, written together with the packed lead times, and can be made anew.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, String, Table

from vrijgave.store.columns import UtcDateTime
from vrijgave.store.tables import ID_LENGTH, metadata

WAY = ("received", "analysed", "reviewed", "rendered", "approved", "published", "ended")
WHOLE = (
    "incident_to_uploaded", "incident_to_public", "working", "waiting", "held", "public_to_first_tip",
    "public_to_first_usable_tip", "public_to_identified",
)  # fmt: skip
NAME = String(64)
SHORT = String(32)


def _release_id() -> Column[str]:
    return Column("release_id", String(ID_LENGTH), ForeignKey("release.id"), primary_key=True)


plain_release = Table(
    "plain_release",
    metadata,
    _release_id(),
    *(Column(f"{name}_at", UtcDateTime) for name in WAY),
    Column("in_stage", NAME),
    Column("in_stage_since", UtcDateTime),
    *(
        Column(name, Integer, nullable=False)
        for name in ("review_rounds", "times_sent_back", "times_returned_by_check", "tips", "usable_tips")
    ),
    Column("identified", Boolean, nullable=False),
    *(
        column
        for measure in WHOLE
        for column in (
            Column(f"{measure}_kind", SHORT, nullable=False),
            Column(f"{measure}_low", BigInteger),
            Column(measure, BigInteger),
        )
    ),
)

plain_stage = Table(
    "plain_stage",
    metadata,
    _release_id(),
    Column("stage", NAME, primary_key=True),
    Column("platform", SHORT, primary_key=True),
    Column("nature", SHORT, nullable=False),
    Column("kind", SHORT, nullable=False),
    Column("rounds", Integer, nullable=False),
    Column("of_first", Boolean, nullable=False),
    *(Column(name, BigInteger) for name in ("low", "high", "held", "office_low", "office_high", "office_held")),
)
"""A row for each stage that a release began; ``platform`` is empty where all platforms share it, and
``of_first`` tells those that the dashboard counts on «all platforms»: the shared ones and those of the first."""
