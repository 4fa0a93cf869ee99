"""What persons write in place of a draft: shaped as it is kept, the last word of each part counts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrijgave.description import Unit, measures
from vrijgave.domain.publications import Platform
from vrijgave.domain.texts import TextEdit, TextField, Texts, as_written, in_shape, latest
from vrijgave.i18n import Language

DRAFT = Texts(
    platform="youtube", language="nl", title="Wie?", description="Bel.", tags=("a", "b c"), alternative_text="Iemand."
)


def edit(field: TextField, text: str | None, **changes: object) -> TextEdit:
    facts: dict[str, object] = {
        "release_id": "r", "revision": 1, "platform": Platform.YOUTUBE, "language": Language.DUTCH, "field": field,
        "version": 1, "text": text, "draft_sha256": "", "actor": "bas", "at": datetime(2026, 3, 2, tzinfo=UTC),
    }  # fmt: skip
    return TextEdit(**(facts | changes))  # type: ignore[arg-type]


def test_nothing_written_leaves_the_draft() -> None:
    assert as_written(DRAFT, ()) == DRAFT


def test_the_last_word_of_each_part_counts() -> None:
    edits = [
        edit(TextField.TITLE, "Een"), edit(TextField.TITLE, "Twee", version=2), edit(TextField.TAGS, "x, y"),
        edit(TextField.DESCRIPTION, "Weg"), edit(TextField.DESCRIPTION, None, version=2),
        edit(TextField.TITLE, "Elders", platform=Platform.PRESS_KIT),
        edit(TextField.TITLE, "E", language=Language.ENGLISH),
    ]  # fmt: skip
    written = as_written(DRAFT, edits)
    assert (written.title, written.tags, written.description) == ("Twee", ("x", "y"), "Bel.")
    assert {field: e.version for field, e in latest(edits, DRAFT).items()} == {
        TextField.TITLE: 2, TextField.TAGS: 1, TextField.DESCRIPTION: 2,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        (TextField.TITLE, "  Wie \n weet\tmeer? ", "Wie weet meer?"),
        (TextField.TITLE, "Wie\x00\x07 is \u202edit\u202c?", "Wie is dit?"),
        (TextField.TITLE, "\ud800Wie", "Wie"),
        (TextField.DESCRIPTION, " a  \r\n\r\n\r\n\r\nb\n", "a\n\nb"),
        (TextField.TAGS, "Politie, politie,\n straat  roof,,", "Politie, straat roof"),
        (TextField.ALTERNATIVE_TEXT, "één 👩‍👧", "één 👩‍👧"),
    ],
)
def test_what_is_kept_of_what_is_typed(field: TextField, typed: str, kept: str) -> None:
    assert in_shape(field, typed) == kept


@given(st.sampled_from(TextField), st.text())
def test_what_is_kept_stays_as_it_is_and_can_be_sent(field: TextField, typed: str) -> None:
    kept = in_shape(field, typed)
    assert in_shape(field, kept) == kept
    assert kept.encode().decode() == kept
    assert DRAFT.with_text(field, typed).text(field) == kept
    assert Texts.from_json(DRAFT.with_text(field, typed).to_json()).text(field) == kept


def test_each_part_is_counted_as_the_platform_counts() -> None:
    texts = DRAFT.with_text(TextField.DESCRIPTION, "één").with_text(TextField.TITLE, "één👩")
    found = {m.field: (m.unit, m.length, m.limit) for m in measures(Platform.YOUTUBE, texts)}
    assert found == {
        TextField.TITLE: (Unit.CHARACTERS, 4, 100),
        TextField.DESCRIPTION: (Unit.BYTES, 5, 5000),
        TextField.TAGS: (Unit.TAGS, 7, 500),
        TextField.ALTERNATIVE_TEXT: (Unit.CHARACTERS, 7, 5000),
    }
