"""Guidance (handreiking): a short text at the decision that it is about, in the force's own words.

Each subject is a file for each language in ``templates/pages/guidance``; to change what people read, change that file.
A page shows one with ``{{ forms.why("subject") }}``.
"""

from __future__ import annotations

from vrijgave.i18n import Language, current_language

FOLDER = "guidance"


def guidance(subject: str) -> str:
    """Name of the template with the text on ``subject``, in the visitor's language."""
    return file_name(subject, current_language())


def file_name(subject: str, language: Language) -> str:
    """Name of the template with the text on ``subject`` in ``language``."""
    return f"{FOLDER}/{subject}.{language.value}.j2"
