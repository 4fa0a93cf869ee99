"""The tables of people's accounts, of signing in, and of the force's accounts on platforms."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Integer, String, Table, Text, UniqueConstraint

from vrijgave.domain.people import Role
from vrijgave.domain.publications import Platform
from vrijgave.store.columns import JsonValue, UtcDateTime, enum_type
from vrijgave.store.tables import ID_LENGTH, SHA256_LENGTH, metadata

account = Table(
    "account",
    metadata,
    Column("id", String(ID_LENGTH), primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("display_name", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("roles", JsonValue(sorted, lambda plain: frozenset(Role(p) for p in plain)), nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("external_id", Text, unique=True),
    Column("password_hash", Text),
    CheckConstraint("name = lower(trim(name))", name="name"),
)

sign_in_session = Table(
    "sign_in_session",
    metadata,
    Column("token_sha256", String(SHA256_LENGTH), primary_key=True),
    Column("account_id", String(ID_LENGTH), ForeignKey("account.id"), nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
)

sign_in_attempts = Table(
    "sign_in_attempts",
    metadata,
    Column("key", String(SHA256_LENGTH), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("first_at", UtcDateTime, nullable=False),
)
"""Attempts since ``first_at``, by the hash of a name or of an address: a password typed as a name stays secret."""

sign_in_request = Table(
    "sign_in_request",
    metadata,
    Column("state_sha256", String(SHA256_LENGTH), primary_key=True),
    Column("browser_sha256", String(SHA256_LENGTH), nullable=False),
    Column("nonce", Text, nullable=False),
    Column("verifier", Text, nullable=False),
    Column("onward", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)
"""Sign-ins under way at the OpenID provider, each bound to the browser that began it."""

platform_account = Table(
    "platform_account",
    metadata,
    Column("id", String(ID_LENGTH), primary_key=True),
    Column("platform", enum_type(Platform), nullable=False),
    Column("unit", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("root", Text, nullable=False),
    Column("public_root", Text, nullable=False),
    Column("facts", JsonValue(dict, dict), nullable=False),
    Column("sealed", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
    Column("added_by", Text, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("disabled_at", UtcDateTime),
    Column("checked_at", UtcDateTime),
    Column("problem", Text, nullable=False),
    Column("warned_of", UtcDateTime),
    UniqueConstraint("platform", "name"),
)
"""Rows are never removed: what was published by an account is taken down by it."""
