"""Typed pages: a frozen dataclass for each template, and what the frame around all of them needs.

To add a page: a subclass of ``Page`` with the fields that its template uses, the template in ``templates/pages``, a
route that returns ``show(request, page)``, and a line in ``permissions.RULES``. Tests compare fields and template.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import ClassVar

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined, TemplateError

from vrijgave.domain.people import Account
from vrijgave.errors import ActionRequired, VrijgaveError
from vrijgave.i18n import Language, _, current_language
from vrijgave.services.example import is_example
from vrijgave.settings import Settings
from vrijgave.web import cookies, words
from vrijgave.web.access import app_context, visitor_of
from vrijgave.web.guidance import FOLDER, guidance
from vrijgave.web.permissions import may

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "pages"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What one template shows. Fields hold texts, numbers and small dataclasses that are ready to be shown."""

    template: ClassVar[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class NavigationItem:
    """A link to a main page."""

    path: str
    label: str
    here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What surrounds every page."""

    language: Language
    other_language: Language
    csrf: str
    account: Account | None
    navigation: tuple[NavigationItem, ...]
    practice: bool
    example: bool
    """All that this installation holds is made up."""
    force: str
    here: str
    """Path and query of this page, to come back to."""


def show(request: Request, page: Page, status: int = 200) -> HTMLResponse:
    """The page as an answer, in the visitor's language."""
    settings = app_context(request).settings
    visitor = visitor_of(request)
    html = environment(settings.guidance).get_template(page.template).render(
        {field.name: getattr(page, field.name) for field in fields(page)}, frame=_frame(request, settings)
    )  # fmt: skip
    response = HTMLResponse(html, status)
    if visitor.new:
        cookies.write(response, cookies.BROWSER, visitor.token, settings)
    return response


@cache
def environment(own_guidance: Path | None = None) -> Environment:
    """Escapes everything, and knows no field that was not given.

    Texts in the folder ``own_guidance`` take the place of our guidance of the same name.
    """
    own = {} if own_guidance is None else {FOLDER: FileSystemLoader(own_guidance)}
    made = Environment(
        loader=ChoiceLoader([PrefixLoader(own), FileSystemLoader(TEMPLATES)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["_"] = _
    made.globals["guidance"] = guidance
    made.filters["spoken"] = words.spoken
    return made


def check_guidance(folder: Path | None) -> None:
    """Raise ``ActionRequired`` when a force's own guidance cannot be shown: at the start, not at the decision."""
    if folder is None:
        return
    ours = {path.name for path in (TEMPLATES / FOLDER).glob("*.j2")}
    found = sorted(path.name for path in folder.glob("*")) if folder.is_dir() else []
    if not found:
        raise _unusable(str(folder), _("there are no texts in it"))
    for name in found:
        if name not in ours:
            raise _unusable(name, _("no page asks for it"))
        try:
            environment(folder).get_template(f"{FOLDER}/{name}").render()
        except TemplateError as error:
            raise _unusable(name, str(error)) from error


def _unusable(name: str, reason: str) -> ActionRequired:
    what = _("The guidance {name} cannot be used ({reason}); check VRIJGAVE_GUIDANCE.")
    return ActionRequired("administrator", what.format(name=name, reason=reason))


def _frame(request: Request, settings: Settings) -> Frame:
    visitor = visitor_of(request)
    language = current_language()
    return Frame(
        language=language,
        other_language=Language.ENGLISH if language is Language.DUTCH else Language.DUTCH,
        csrf=visitor.csrf,
        account=visitor.account,
        navigation=_navigation(visitor.account, request.url.path),
        practice=settings.practice,
        example=_example(request),
        force=settings.force_name,
        here=_here(request),
    )


def _example(request: Request) -> bool:
    """Once made up, always made up: asked again only as long as it is not."""
    state = request.app.state
    if not getattr(state, "example", False):
        try:
            with app_context(request).reading() as uow:
                state.example = is_example(uow)
        except VrijgaveError:  # the page that says so has to be shown too
            return False
    return bool(state.example)


def _navigation(account: Account | None, path: str) -> tuple[NavigationItem, ...]:
    main = (
        ("/board", _("Board")),
        ("/hand-in", _("Hand in footage")),
        ("/lead-times", _("Lead times")),
        ("/reports", _("Reports")),
        ("/accounts", _("Accounts")),
    )
    return tuple(
        NavigationItem(path=target, label=label, here=path.startswith(target))
        for target, label in main
        if account is not None and may(account, "GET", target)
    )


def _here(request: Request) -> str:
    """Where to go after switching the language: this page, when it can be asked for again."""
    if request.method != "GET":
        return "/"
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def onward(path: str) -> str:
    """``path`` when it leads to a page of ours, else the start page: nobody is sent elsewhere."""
    safe = path.startswith("/") and not path.startswith("//") and path.isprintable() and "\\" not in path
    return path if safe else "/"
