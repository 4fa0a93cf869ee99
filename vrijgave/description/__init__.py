"""The words of a release: filled in from typed facts, checked against what each platform takes."""

from vrijgave.description.context import ContactData, public_context
from vrijgave.description.limits import LIMITS, TextLimits, Violation, check_limits
from vrijgave.description.render import TEMPLATE_FOLDER, render_texts

__all__ = [
    "LIMITS",
    "TEMPLATE_FOLDER",
    "ContactData",
    "TextLimits",
    "Violation",
    "check_limits",
    "public_context",
    "render_texts",
]
