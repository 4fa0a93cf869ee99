"""The tables, as SQLAlchemy Core sees them; ``migrations`` makes them in a database.

Core and not the ORM: the repositories hand out frozen values of the domain, and a session that remembers rows would
answer a second read from memory, which a compare-and-swap must never get.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from vrijgave.domain.assets import AssetKind
from vrijgave.domain.audit import AuditAction
from vrijgave.domain.cases import Area, Certainty, FootageKind, Medium, PublicationStage, Urgency
from vrijgave.domain.clock import Milestone
from vrijgave.domain.edits import change_from_dict, change_to_dict
from vrijgave.domain.notes import NoteAction
from vrijgave.domain.publications import EvidenceKind, LedgerState, ManualKind, Platform
from vrijgave.domain.regions import End, Region, RegionState
from vrijgave.domain.releases import FlowName, State
from vrijgave.domain.texts import TextField
from vrijgave.i18n import Language
from vrijgave.store.columns import JsonValue, UtcDateTime, enum_type

ID_LENGTH = 32
SHA256_LENGTH = 64

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _number(name: str = "number") -> Column[int]:
    return Column(name, Integer, primary_key=True, autoincrement=True)


def _release_id() -> Column[str]:
    return Column("release_id", String(ID_LENGTH), ForeignKey("release.id"), nullable=False, index=True)


release = Table(
    "release",
    metadata,
    Column("id", String(ID_LENGTH), primary_key=True),
    Column("state", enum_type(State), nullable=False, index=True),
    Column("revision", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("submitted_by", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column(
        "targets",
        JsonValue(lambda targets: [t.value for t in targets], lambda plain: tuple(Platform(p) for p in plain)),
        nullable=False,
    ),
    Column("reviewer", Text),
    Column("failed_flow", enum_type(FlowName)),
    Column("message", Text),
    Column("heartbeat_at", UtcDateTime),
    # The case, field by field.
    Column("registration_number", Text, nullable=False),
    Column("public_case_number", Text, nullable=False, index=True),
    Column("unit", Text, nullable=False),
    Column("offence", Text, nullable=False),
    Column("public_place", Text, nullable=False),
    Column("incident_from", UtcDateTime),
    Column("incident_to", UtcDateTime),
    Column("incident_certainty", enum_type(Certainty), nullable=False),
    Column("reported_at", UtcDateTime),
    Column("secured_at", UtcDateTime),
    Column("team", Text, nullable=False),
    Column("offence_article", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("footage_source", Text, nullable=False, server_default=""),
    Column("footage_kind", enum_type(FootageKind), nullable=False, server_default="unknown"),
    Column("urgency", enum_type(Urgency), nullable=False),
    Column("question", Text, nullable=False),
    Column("question_en", Text, nullable=False),
    Column("scene", Text, nullable=False),
    Column("scene_en", Text, nullable=False),
    CheckConstraint("(state = 'failed') = (failed_flow IS NOT NULL)", name="failed_flow"),
)

transition = Table(
    "transition",
    metadata,
    _number(),
    _release_id(),
    Column("revision", Integer, nullable=False),
    Column("from_state", enum_type(State)),
    Column("to_state", enum_type(State), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", Text, nullable=False),
    Column("reason", Text, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    _number("id"),
    Column("release_id", String(ID_LENGTH), ForeignKey("release.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("flow", enum_type(FlowName), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("dispatched_at", UtcDateTime, index=True),
    Column("flow_run_id", Text),
    UniqueConstraint("release_id", "revision", "flow", "attempt"),
)

asset = Table(
    "asset",
    metadata,
    _number(),
    Column("id", String(ID_LENGTH), nullable=False, unique=True),
    _release_id(),
    Column("revision", Integer, nullable=False),
    Column("kind", enum_type(AssetKind), nullable=False),
    Column("name", Text, nullable=False),
    Column("sha256", String(SHA256_LENGTH), nullable=False, index=True),
    Column("size", BigInteger, nullable=False),
    Column("parent_sha256", String(SHA256_LENGTH)),
    Column("created_at", UtcDateTime, nullable=False),
    CheckConstraint("kind = 'texts' OR (kind = 'original') = (parent_sha256 IS NULL)", name="parent"),
)
Index(
    "uq_asset_one_original",
    asset.c.release_id,
    unique=True,
    sqlite_where=text("kind = 'original'"),
    postgresql_where=text("kind = 'original'"),
)

edit = Table(
    "edit",
    metadata,
    Column("release_id", String(ID_LENGTH), ForeignKey("release.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("revision", Integer, nullable=False),
    Column("change", JsonValue(change_to_dict, change_from_dict), nullable=False),
    Column("reason", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

note = Table(
    "note",
    metadata,
    _number(),
    _release_id(),
    Column("revision", Integer, nullable=False),
    Column("frame", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("box", JsonValue(list, tuple)),
)

note_entry = Table(
    "note_entry",
    metadata,
    _number(),
    Column("note", Integer, ForeignKey("note.number"), nullable=False, index=True),
    Column("action", enum_type(NoteAction), nullable=False),
    Column("text", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

text_edit = Table(
    "text_edit",
    metadata,
    _number(),
    _release_id(),
    Column("revision", Integer, nullable=False),
    Column("platform", enum_type(Platform), nullable=False),
    Column("language", enum_type(Language), nullable=False),
    Column("field", enum_type(TextField), nullable=False),
    Column("version", Integer, nullable=False),
    Column("text", Text),
    Column("draft_sha256", String(SHA256_LENGTH), nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("release_id", "platform", "language", "field", "version"),
)

region = Table(
    "region",
    metadata,
    _number(),
    _release_id(),
    Column("revision", Integer, nullable=False),
    Column("region", JsonValue(Region.to_dict, Region.from_dict), nullable=False),
    Column("reason", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("state", enum_type(RegionState), nullable=False),
    Column("track_id", Integer),
    Column("begins", enum_type(End)),
    Column("ends", enum_type(End)),
)

stamp = Table(
    "stamp",
    metadata,
    _number(),
    _release_id(),
    Column("revision", Integer, nullable=False),
    Column("milestone", enum_type(Milestone), nullable=False),
    Column("earliest", UtcDateTime, nullable=False),
    Column("latest", UtcDateTime, nullable=False),
    Column("certainty", enum_type(Certainty), nullable=False),
    Column("source", Text, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("platform", Text),
    Column("reason", Text, nullable=False, server_default=""),
)

permission = Table(
    "permission",
    metadata,
    _number(),
    _release_id(),
    Column("requester", Text, nullable=False),
    Column("zaaksofficier", Text, nullable=False),
    Column("authoriser", Text, nullable=False),
    Column("mandate", Text, nullable=False),
    Column("platforms", JsonValue(sorted, frozenset), nullable=False),
    Column("stage", enum_type(PublicationStage), nullable=False),
    Column("medium", enum_type(Medium), nullable=False),
    Column("area", enum_type(Area), nullable=False, server_default=Area.REGIONAL.value),
    Column("lighter_means", Text, nullable=False),
    Column("proportionality", Text, nullable=False),
    Column("granted", Boolean, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("self_report_until", Date),
    Column("end_date", Date),
    Column("conditions", Text, nullable=False),
    Column("refusal_reason", Text, nullable=False),
)

approval = Table(
    "approval",
    metadata,
    _number(),
    _release_id(),
    Column("revision", Integer, nullable=False),
    Column("reviewer", Text, nullable=False),
    Column("approver", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("covers", JsonValue(list, lambda plain: tuple((name, sha256) for name, sha256 in plain)), nullable=False),
    Column("voided_at", UtcDateTime),
    Column("voided_because", Text),
    CheckConstraint("lower(trim(reviewer)) <> lower(trim(approver))", name="four_eyes"),
    CheckConstraint("(voided_at IS NULL) = (voided_because IS NULL)", name="voided"),
)
Index(
    "uq_approval_one_live",
    approval.c.release_id,
    approval.c.revision,
    unique=True,
    sqlite_where=text("voided_at IS NULL"),
    postgresql_where=text("voided_at IS NULL"),
)

publication = Table(
    "publication",
    metadata,
    Column("id", String(ID_LENGTH), primary_key=True),
    Column("release_id", String(ID_LENGTH), ForeignKey("release.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("platform", enum_type(Platform), nullable=False),
    Column("stage", enum_type(PublicationStage), nullable=False),
    Column("state", enum_type(LedgerState), nullable=False),
    Column("version", Integer, nullable=False),
    Column("marker", Text, nullable=False),
    Column("file_sha256", String(SHA256_LENGTH), nullable=False),
    Column("file_size", BigInteger, nullable=False),
    Column("remote_id", Text),
    Column("url", Text),
    Column("session", Text),
    Column("message", Text),
    Column("intent_at", UtcDateTime),
    Column("account", String(ID_LENGTH)),
    Column("staged_id", Text),
    Column("release_at", UtcDateTime),
    UniqueConstraint("release_id", "platform", "stage"),
)

manual_task = Table(
    "manual_task",
    metadata,
    Column("id", String(ID_LENGTH), primary_key=True),
    Column("publication_id", String(ID_LENGTH), ForeignKey("publication.id"), nullable=False),
    Column("kind", enum_type(ManualKind), nullable=False),
    Column("what", Text, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
    Column("closed_by", Text),
    Column("note", Text, nullable=False),
    Column("proof_sha256", String(SHA256_LENGTH)),
    UniqueConstraint("publication_id", "kind"),
)

evidence = Table(
    "evidence",
    metadata,
    _number(),
    Column("publication_id", String(ID_LENGTH), ForeignKey("publication.id"), nullable=False, index=True),
    Column("kind", enum_type(EvidenceKind), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("detail", Text, nullable=False),
)

watched = Table(
    "watched",
    metadata,
    Column("actor", Text, primary_key=True),
    Column("sha256", String(SHA256_LENGTH), primary_key=True),
    Column(
        "stretches",
        JsonValue(lambda found: [list(one) for one in found], lambda plain: tuple((a, b) for a, b in plain)),
        nullable=False,
    ),
)

watch_pace = Table(
    "watch_pace",
    metadata,
    Column("actor", Text, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("credit_ms", Integer, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", enum_type(AuditAction), nullable=False),
    Column("subject", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("previous", String(SHA256_LENGTH), nullable=False, unique=True),
    Column("hash", String(SHA256_LENGTH), nullable=False, unique=True),
)

Index(None, audit.c.actor, audit.c.subject)

room_presence = Table(
    "room_presence",
    metadata,
    Column("release_id", String(ID_LENGTH), ForeignKey("release.id"), primary_key=True),
    Column("actor", Text, primary_key=True),
    Column("seen_at", UtcDateTime, nullable=False),
)
"""Who has a review room open; written every few seconds, cleared by whoever comes next."""

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),
    Column("hash", String(SHA256_LENGTH), nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)
"""One row: the last entry of the audit log. Whoever appends locks it, so that the chain never forks."""
