"""Lead times as plain columns, and the views of them for other programs (docs/bi.md)."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

WAY = ("received", "analysed", "reviewed", "rendered", "approved", "published", "ended")
COUNTS = ("review_rounds", "times_sent_back", "times_returned_by_check", "tips", "usable_tips")
WHOLE = (
    "incident_to_uploaded", "incident_to_public", "working", "waiting", "held", "public_to_first_tip",
    "public_to_first_usable_tip", "public_to_identified",
)  # fmt: skip
LENGTHS = ("low", "high", "held", "office_low", "office_high", "office_held")
KNOWN = "('exact', 'interval')"
CUT_OFF = "('open', 'stopped')"
PUBLISHED = (
    "(SELECT stage FROM publication WHERE release_id = r.id "
    "ORDER BY CASE stage WHEN 'recognisable' THEN 3 WHEN 'covered' THEN 2 ELSE 1 END DESC LIMIT 1)"
)
PERMITTED = "(SELECT stage FROM permission WHERE release_id = r.id AND granted ORDER BY number DESC LIMIT 1)"
HELD = "SELECT 1 FROM hold h LEFT JOIN hold_end e ON e.hold = h.number WHERE h.release_id = r.id"


def upgrade() -> None:
    _tables()
    op.execute(
        "INSERT INTO clock_mark (release_id, times) "
        "SELECT id, 1 FROM release WHERE id NOT IN (SELECT release_id FROM clock_mark)"
    )
    dialect = op.get_bind().dialect.name
    op.execute(f"CREATE VIEW bi_release AS {_release(dialect)}")
    op.execute(f"CREATE VIEW bi_stage AS {_stage(dialect)}")


def _tables() -> None:
    op.create_table(
        "plain_release",
        sa.Column("release_id", sa.String(length=32), nullable=False),
        *(sa.Column(f"{name}_at", sa.DateTime(timezone=True)) for name in WAY),
        sa.Column("in_stage", sa.String(length=64)),
        sa.Column("in_stage_since", sa.DateTime(timezone=True)),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in COUNTS),
        sa.Column("identified", sa.Boolean(), nullable=False),
        *(
            column
            for measure in WHOLE
            for column in (
                sa.Column(f"{measure}_kind", sa.String(length=32), nullable=False),
                sa.Column(f"{measure}_low", sa.BigInteger()),
                sa.Column(measure, sa.BigInteger()),
            )
        ),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f("fk_plain_release_release_id_release")),
        sa.PrimaryKeyConstraint("release_id", name=op.f("pk_plain_release")),
    )
    op.create_table(
        "plain_stage",
        sa.Column("release_id", sa.String(length=32), nullable=False),
        sa.Column("stage", sa.String(length=64), nullable=False),
        sa.Column("platform", sa.String(length=32), nullable=False),
        sa.Column("nature", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("of_first", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.BigInteger()) for name in LENGTHS),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f("fk_plain_stage_release_id_release")),
        sa.PrimaryKeyConstraint("release_id", "stage", "platform", name=op.f("pk_plain_stage")),
    )


def _release(dialect: str) -> str:
    """A row for each release, whether its lead times were worked out or not."""
    now = "now()" if dialect == "postgresql" else "strftime('%Y-%m-%d %H:%M:%f', 'now')"
    columns = [
        "r.id AS release_id",
        "r.public_case_number AS case_number",
        "r.unit AS unit",
        "r.offence AS offence",
        "r.footage_kind AS footage",
        f"coalesce({PUBLISHED}, {PERMITTED}) AS publication_stage",
        "r.state AS state",
        *(f"{_utc(dialect, f'p.{name}_at')} AS {name}_at" for name in WAY),
        "p.in_stage AS in_stage",
        f"{_utc(dialect, 'p.in_stage_since')} AS in_stage_since",
        _yes(f"EXISTS ({HELD} AND h.begins <= {now} AND (e.at IS NULL OR e.at > {now}))", "held_now"),
        *(f"p.{name} AS {name}" for name in COUNTS),
        "(SELECT count(*) FROM permission WHERE release_id = r.id AND NOT granted) AS times_refused",
        "CASE WHEN p.identified THEN 1 WHEN NOT p.identified THEN 0 END AS identified",
    ]
    for measure in WHOLE:
        columns += _measure(dialect, measure)
    columns += [
        _yes("EXISTS (SELECT 1 FROM clock_mark WHERE release_id = r.id)", "behind"),
        _yes("EXISTS (SELECT 1 FROM example_history)", "example"),
    ]
    return f"SELECT {', '.join(columns)} FROM release r LEFT JOIN plain_release p ON p.release_id = r.id"  # noqa: S608


def _stage(dialect: str) -> str:
    """A row for each stage that a release began; for what differs by platform, one for each platform."""
    elapsed = ("seconds_low", "low"), ("seconds", "high")
    office = ("office_seconds_low", "office_low"), ("office_seconds", "office_high")
    columns = [
        "s.release_id AS release_id",
        "s.stage AS stage",
        "nullif(s.platform, '') AS platform",
        _yes("s.of_first", "on_first_platform"),
        "s.nature AS nature",
        "s.kind AS kind",
        _yes("s.kind = 'open'", "is_open"),
        "s.rounds AS rounds",
        *(_when(f"s.kind IN {KNOWN}", _told(dialect, f"s.{column}"), name) for name, column in elapsed),
        _when(f"s.kind IN {CUT_OFF}", _told(dialect, "s.high"), "so_far_seconds"),
        f"{_told(dialect, 's.held')} AS held_seconds",
        *(_when(f"s.kind IN {KNOWN}", _told(dialect, f"s.{column}"), name) for name, column in office),
        _when(f"s.kind IN {KNOWN}", _told(dialect, "s.office_held"), "office_held_seconds"),
        _yes("EXISTS (SELECT 1 FROM clock_mark WHERE release_id = s.release_id)", "behind"),
        _yes("EXISTS (SELECT 1 FROM example_history)", "example"),
    ]
    return f"SELECT {', '.join(columns)} FROM plain_stage s"  # noqa: S608


def _measure(dialect: str, measure: str) -> list[str]:
    kind, low, high = f"p.{measure}_kind", f"p.{measure}_low", f"p.{measure}"
    return [
        f"{kind} AS {measure}_kind",
        _when(f"{kind} IN {KNOWN}", _told(dialect, low), f"{measure}_seconds_low"),
        _when(f"{kind} IN {KNOWN}", _told(dialect, high), f"{measure}_seconds"),
        _when(f"{kind} IN {CUT_OFF}", _told(dialect, high), f"{measure}_so_far_seconds"),
    ]


def _told(dialect: str, packed: str) -> str:
    """A packed length in seconds, as of now: an odd one grows with the time. Of nothing it makes nothing."""
    now = "floor(extract(epoch FROM now()))::bigint" if dialect == "postgresql" else "CAST(strftime('%s') AS INTEGER)"
    grown = f"({packed} >> 1) + {now}"
    return f"CASE WHEN {packed} & 1 = 0 THEN {packed} >> 1 WHEN {grown} > 0 THEN {grown} ELSE 0 * {packed} END"


def _when(condition: str, then: str, name: str) -> str:
    return f"CASE WHEN {condition} THEN {then} END AS {name}"


def _yes(condition: str, name: str) -> str:
    return f"CASE WHEN {condition} THEN 1 ELSE 0 END AS {name}"


def _utc(dialect: str, column: str) -> str:
    """In UTC whatever the zone of the session; without a zone, as most programs want it."""
    return f"{column} AT TIME ZONE 'UTC'" if dialect == "postgresql" else column
