"""The Dutch catalogue says everything that the code can say, and nothing else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from string import Formatter
from threading import Thread

import pytest
from babel.messages.pofile import read_po
from jinja2 import nodes

from vrijgave.cli.parser import DESCRIPTION, EXIT_CODES
from vrijgave.cli.releases import NEXT
from vrijgave.domain.assets import AssetKind
from vrijgave.domain.cases import Area, PublicationStage
from vrijgave.domain.clock import Milestone
from vrijgave.domain.publications import EvidenceKind, LedgerState
from vrijgave.domain.regions import End, RegionState
from vrijgave.domain.releases import State
from vrijgave.domain.spans import Sound
from vrijgave.domain.tracks import Action, CoverStyle, SubjectKind
from vrijgave.i18n import LOCALE_FOLDER, Language, _, catalogue, set_process_language, use_language
from vrijgave.redaction.review_data import Cause
from vrijgave.reports import pdf
from vrijgave.web.pages import TEMPLATES, environment

PAGES = (*sorted(TEMPLATES.glob("*.j2")), *sorted(pdf.TEMPLATES.glob("*.j2")))
"""Templates of the pages in the browser and of those on paper."""
ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("vrijgave", "flows", "tasks")
LOOKED_UP_BY_VALUE: tuple[type[StrEnum], ...] = (
    Action, Area, AssetKind, Cause, CoverStyle, End, EvidenceKind, LedgerState, PublicationStage, RegionState, Sound,
    State, SubjectKind,
)  # fmt: skip
SPOKEN_WITH_SPACES = (*Milestone, State.CHANGES_REQUESTED)
"""What a contradiction between two times can name."""
SAME_IN_BOTH = {"Vrijgave"}
UNFRIENDLY = re.compile(r"\b(None|null|True|False|NaN|[Tt]raceback|[Ee]xception|[Ii]nvalid|[Ii]llegal|[Ff]atal)\b")


def test_every_message_has_a_dutch_translation() -> None:
    assert sorted(used_messages() - set(catalogue(Language.DUTCH))) == []


def test_the_catalogue_holds_no_message_that_nobody_uses() -> None:
    assert sorted(set(catalogue(Language.DUTCH)) - used_messages()) == []


def test_each_look_up_at_run_time_is_one_that_this_test_knows() -> None:
    known = re.compile(r"[\w.]+\.value|what\.value\.replace\('_', ' '\)|NEXT\[[\w.]+\]|DESCRIPTION|EXIT_CODES")
    assert [text for text in map(ast.unparse, _variable_arguments()) if not known.fullmatch(text)] == []


def test_templates_look_up_literal_texts_only() -> None:
    assert [call.args for call in _template_calls() if not isinstance(call.args[0], nodes.Const)] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_templates_hold_no_text_that_is_not_looked_up(path: Path) -> None:
    words = _Words()
    words.feed(re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL))
    assert [text for text in words.found if text not in SAME_IN_BOTH] == []


def test_translations_keep_the_placeholders() -> None:
    wrong = [
        (english, dutch)
        for english, dutch in catalogue(Language.DUTCH).items()
        if _placeholders(english) != _placeholders(dutch)
    ]
    assert wrong == []


def test_translations_end_as_the_message_ends() -> None:
    wrong = [
        (english, dutch)
        for english, dutch in catalogue(Language.DUTCH).items()
        if re.search(r"[.:?…]?$", english)[0] != re.search(r"[.:?…]?$", dutch)[0]  # type: ignore[index]
    ]
    assert wrong == []


def test_no_message_speaks_to_programmers() -> None:
    texts = catalogue(Language.DUTCH)
    assert [text for text in (*texts, *texts.values()) if UNFRIENDLY.search(text)] == []


def test_the_catalogue_changes_only_where_a_text_changes() -> None:
    path = LOCALE_FOLDER / "nl" / "LC_MESSAGES" / "vrijgave.po"
    with path.open("rb") as file:
        messages = [m for m in read_po(file, abort_invalid=True) if m.id]
    ids = [str(m.id) for m in messages]
    assert ids == sorted(set(ids)), "sort the catalogue by message, each message once"
    assert [m.id for m in messages if m.locations or m.fuzzy] == []
    assert "-Date:" not in path.read_text(encoding="utf-8")


def test_dutch_is_spoken_unless_english_is_asked_for(dutch: None) -> None:
    assert _("Approved.") == "Goedgekeurd."
    use_language(Language.ENGLISH)
    assert _("Approved.") == "Approved."


def test_a_message_without_a_translation_is_shown_in_english(dutch: None) -> None:
    assert _("A sentence of tomorrow.") == "A sentence of tomorrow."


def test_a_thread_speaks_the_language_of_the_process(dutch: None) -> None:
    heard: list[str] = []
    for language in (Language.ENGLISH, Language.DUTCH):
        set_process_language(language)
        thread = Thread(target=lambda: heard.append(_("Approved.")))
        thread.start()
        thread.join()
    assert heard == ["Approved.", "Goedgekeurd."]


@pytest.fixture
def dutch() -> Iterator[None]:
    use_language(Language.DUTCH)
    yield
    use_language(Language.ENGLISH)


class _Words(HTMLParser):
    """What of a template a person would read or hear."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("alt", "aria-label", "placeholder", "title", "data-label", "data-on", "data-off"):
                self.handle_data(value or "")

    def handle_data(self, data: str) -> None:
        self.found += re.findall(r"[^\W\d_]{2,}", data)


@cache
def _template_calls() -> tuple[nodes.Call, ...]:
    """Each ``_(...)`` in a template."""
    sources = (path.read_text(encoding="utf-8") for path in PAGES)
    calls = (call for source in sources for call in environment().parse(source).find_all(nodes.Call))
    return tuple(call for call in calls if isinstance(call.node, nodes.Name) and call.node.name == "_")


@cache
def used_messages() -> frozenset[str]:
    """Every message that the code and the templates can look up."""
    shown = {str(call.args[0].value) for call in _template_calls() if isinstance(call.args[0], nodes.Const)}
    literal = {str(argument.value) for argument in _arguments() if isinstance(argument, ast.Constant)}
    values = {member.value for enum in LOOKED_UP_BY_VALUE for member in enum}
    spoken = {what.value.replace("_", " ") for what in SPOKEN_WITH_SPACES}
    return frozenset(literal | shown | values | spoken | set(NEXT.values()) | {DESCRIPTION, EXIT_CODES})


def _variable_arguments() -> list[ast.expr]:
    return [argument for argument in _arguments() if not isinstance(argument, ast.Constant)]


@cache
def _arguments() -> tuple[ast.expr, ...]:
    """What stands between the brackets of each ``_(...)``, also inside an f-string; literals are joined."""
    paths = (path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py")))
    nodes = (node for path in paths for node in ast.walk(ast.parse(path.read_bytes())))
    return tuple(
        node.args[0]
        for node in nodes
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_"
    )


def _placeholders(text: str) -> list[str]:
    return sorted(name for _text, name, _spec, _conversion in Formatter().parse(text) if name is not None)
