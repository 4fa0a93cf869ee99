"""Guidance texts: each subject that a page names is there in both languages."""

from __future__ import annotations

import re

import pytest

from vrijgave.i18n import Language, use_language
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
