"""Between a row and a frozen value of the domain: columns bear the names of the fields."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Row

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    T = TypeVar("T", bound=DataclassInstance)
else:
    T = TypeVar("T")


def values(value: DataclassInstance) -> dict[str, Any]:
    """Column name -> value, for every field of a dataclass."""
    return {field.name: getattr(value, field.name) for field in fields(value)}


def record(kind: type[T], row: Row[Any], **more: Any) -> T:
    """The value of ``kind`` that ``row`` holds; ``more`` gives fields that are no column of their own."""
    stored = row._mapping
    plain = {field.name: stored[field.name] for field in fields(kind) if field.name not in more}
    return kind(**plain, **more)
