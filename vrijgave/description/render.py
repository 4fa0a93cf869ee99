"""Texts from Jinja2 templates that see a ``PublicContext`` and nothing else.

Each ``templates/descriptions/<platform>.<language>.j2`` has four blocks: ``title``, ``description``, ``tags``
(separated by commas or lines) and ``alternative_text``. What goes out on a platform without a title or tags of its own
is told by ``domain/posts.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import date
from functools import cache
from pathlib import Path

from babel.dates import format_date
from babel.units import format_unit
from jinja2 import FileSystemLoader, StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from vrijgave.domain.publications import Platform
from vrijgave.domain.texts import PublicContext, Texts, one_line, tag_list, tidy
from vrijgave.errors import ActionRequired
from vrijgave.i18n import Language, _

TEMPLATE_FOLDER = Path(__file__).resolve().parents[2] / "templates"

_LOCALES = {Language.DUTCH: "nl_NL", Language.ENGLISH: "en_GB"}


def render_texts(
    platform: Platform, language: Language, context: PublicContext, *, folder: Path = TEMPLATE_FOLDER
) -> Texts:
    """The texts for ``platform`` in ``language``; they may still exceed a limit, see ``check_limits``.

    Raises ``ActionRequired`` for the administrator when the template is missing, broken or asks for a variable
    that is no field of ``PublicContext``.
    """
    name = f"descriptions/{platform.value}.{language.value}.j2"
    try:
        block = _blocks(_environment(folder, language).get_template(name), context)
        return Texts(
            platform=platform.value,
            language=language.value,
            title=one_line(block("title")),
            description=tidy(block("description")),
            tags=tag_list(block("tags")),
            alternative_text=tidy(block("alternative_text")),
        )
    except (TemplateError, KeyError) as error:
        what = _("The template {name} cannot be used ({reason}); restore the one that came with this version.")
        raise ActionRequired("administrator", what.format(name=name, reason=error)) from error


@cache
def _environment(folder: Path, language: Language) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        autoescape=False,  # plain text, not HTML
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["long_date"] = _long_date(language)
    environment.filters["day"] = _day(language)
    environment.filters["duration"] = _duration(language)
    environment.filters["short"] = shortened
    environment.filters["tag"] = _tag
    return environment


def _long_date(language: Language) -> Callable[[date], str]:
    return lambda day: format_date(day, "full", locale=_LOCALES[language])


def _day(language: Language) -> Callable[[date], str]:
    return lambda day: format_date(day, "d MMMM y", locale=_LOCALES[language])


def shortened(text: str, most: int) -> str:
    """At most that many characters, cut between words; an ellipsis says that something was left out."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    if not text[most - 1].isspace():
        cut = (cut.rsplit(maxsplit=1) or [""])[0] if " " in cut.strip() else cut
    return cut.rstrip(" ,;:.") + "…"


def _tag(text: str, most: int) -> str:
    """One tag of a fact: what stands before its first comma; none of a single letter, which no platform needs."""
    tag = shortened(text.split(",")[0].strip(), most).rstrip("…")
    return tag if len(tag) > 1 else ""


def _duration(language: Language) -> Callable[[int], str]:
    joint = {Language.DUTCH: " en ", Language.ENGLISH: " and "}[language]

    def duration(seconds: int) -> str:
        parts = zip(divmod(max(seconds, 1), 60), ("minute", "second"), strict=True)
        return joint.join(format_unit(n, unit, "long", locale=_LOCALES[language]) for n, unit in parts if n)

    return duration


def _blocks(template: Template, context: PublicContext) -> Callable[[str], str]:
    values = {field.name: getattr(context, field.name) for field in fields(context)}

    def render(block: str) -> str:
        return "".join(template.blocks[block](template.new_context(values)))

    return render
