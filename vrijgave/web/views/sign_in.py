"""Signing in, and one's own account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from vrijgave.web.pages import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInPage(Page):
    """Name and password, or the force's own sign-in."""

    template: ClassVar[str] = "sign_in.html.j2"
    name: str = ""
    onward: str = "/"
    error: str = ""
    provider: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MePage(Page):
    """Who I am here, and a new password."""

    template: ClassVar[str] = "me.html.j2"
    name: str
    unit: str
    roles: tuple[str, ...]
    has_password: bool
    error: str = ""
    notice: str = ""
