"""The tables of accounts and of signing in."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Integer, String, Table, Text

from vrijgave.domain.people import Role
from vrijgave.store.columns import JsonValue, UtcDateTime
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
