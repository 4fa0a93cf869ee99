"""The words that go out with a video."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """Texts of one platform in one language, ready to send."""

    platform: str
    language: str
    title: str
    description: str
    tags: tuple[str, ...]
    alternative_text: str

    def to_json(self) -> str:
        """Stable JSON: the bytes that an approval covers."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    @property
    def sha256(self) -> str:
        """Hash of ``to_json`` in UTF-8."""
        return sha256(self.to_json().encode()).hexdigest()

    @classmethod
    def from_json(cls, text: str) -> Texts:
        """Inverse of ``to_json``."""
        value = json.loads(text)
        value["tags"] = tuple(value["tags"])
        return cls(**value)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicContext:
    """All that a template may know of a case; there is no field for an internal number, exact place or name."""

    public_case_number: str
    unit: str
    offence: str
    public_place: str
    incident_date: date | None
    question: str
    scene: str
    silent: bool
    seconds: int
    police_phone: str
    anonymous_phone: str
    tip_url: str
