"""Guidance texts: each subject that a page names is there in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from vrijgave.errors import ActionRequired
from vrijgave.i18n import Language, use_language
from vrijgave.services.context import Context
from vrijgave.web.app import create_app
from vrijgave.web.guidance import FOLDER, file_name, guidance
from vrijgave.web.pages import TEMPLATES, environment

WRITTEN = {path.name.split(".")[0] for path in (TEMPLATES / FOLDER).glob("*.j2")}


@pytest.mark.parametrize("subject", sorted(WRITTEN))
@pytest.mark.parametrize("language", list(Language))
def test_each_subject_is_written_in_each_language(subject: str, language: Language) -> None:
    text = environment().get_template(file_name(subject, language)).render()
    assert len(text) > 40
    assert len(text) < 1500, "guidance is read at the decision: keep it short"


def test_pages_name_only_subjects_that_are_written() -> None:
    sources = [path.read_text(encoding="utf-8") for path in TEMPLATES.glob("*.j2")]
    named = {subject for source in sources for subject in re.findall(r'why\("(\w+)"', source)}
    assert named <= WRITTEN


def test_guidance_speaks_the_language_of_the_visitor() -> None:
    use_language(Language.DUTCH)
    assert guidance("hand_in_place") == "guidance/hand_in_place.nl.j2"
    html = environment().from_string(
        '{% import "forms.html.j2" as forms with context %}{{ forms.why("hand_in_place") }}'
    ).render()  # fmt: skip
    assert "Waarom vragen we dit?" in html
    assert "Het publiek leest" in html


def test_a_force_puts_its_own_words_in_place(with_settings: Callable[..., Context], tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "hand_in_place.nl.j2").write_text("<p>Zo doen wij dat in deze eenheid.</p>", encoding="utf-8")
    create_app(with_settings(guidance=own))
    use_language(Language.DUTCH)
    ask = '{% import "forms.html.j2" as forms with context %}{{ forms.why("hand_in_place") }}{{ forms.why("texts") }}'
    shown = environment(own).from_string(ask).render()
    assert "Zo doen wij dat" in shown
    assert "Het publiek leest" not in shown
    assert "niets van de zaak weet" in shown, "what the force did not write is as it was"
    assert "Het publiek leest" in environment().from_string(ask).render()


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [("texts.nl.j2", "{{ secret }}", "secret"), ("texts.nl.j2", "{% if %}", "texts.nl.j2"), ("text.nl.j2", "a", "asks"),
     ("", "", "no texts")],
)  # fmt: skip
def test_own_words_that_cannot_be_shown_are_refused_at_the_start(
    name: str, text: str, said: str, with_settings: Callable[..., Context], tmp_path: Path
) -> None:
    folder = tmp_path / "guidance"
    folder.mkdir()
    if name:
        (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(ActionRequired, match=said):
        create_app(with_settings(guidance=folder))
