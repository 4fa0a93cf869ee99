"""The tables of handing in: drafts, and what was asked of the authoriser with a release."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Column, Date, ForeignKey, Integer, String, Table, Text

from vrijgave.domain.cases import Area, Medium, PublicationStage
from vrijgave.domain.hand_in import Upload, marks_from_plain, marks_to_plain
from vrijgave.store.columns import JsonValue, UtcDateTime, enum_type
from vrijgave.store.tables import ID_LENGTH, metadata

hand_in = Table(
    "hand_in",
    metadata,
    Column("id", String(ID_LENGTH), primary_key=True),
    Column("owner", Text, nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("facts", JsonValue(dict, dict), nullable=False),
    Column("marks", JsonValue(marks_to_plain, marks_from_plain), nullable=False),
    Column("upload", JsonValue(asdict, lambda plain: Upload(**plain))),
    Column("upload_id", String(ID_LENGTH), unique=True),
    Column("release_id", String(ID_LENGTH), ForeignKey("release.id")),
)

permission_request = Table(
    "permission_request",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("release_id", String(ID_LENGTH), ForeignKey("release.id"), nullable=False, index=True),
    Column("requester", Text, nullable=False),
    Column("zaaksofficier", Text, nullable=False),
    Column("platforms", JsonValue(sorted, frozenset), nullable=False),
    Column("stage", enum_type(PublicationStage), nullable=False),
    Column("medium", enum_type(Medium), nullable=False),
    Column("area", enum_type(Area), nullable=False, server_default=Area.REGIONAL.value),
    Column("lighter_means", Text, nullable=False),
    Column("proportionality", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("self_report_until", Date),
    Column("end_date", Date),
    Column("conditions", Text, nullable=False),
)
