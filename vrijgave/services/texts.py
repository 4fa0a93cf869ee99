"""The texts of a release: drafted from its facts, written anew by persons, held against what each platform takes."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from vrijgave.description import ContactData, check_limits, public_context, render_texts
from vrijgave.domain.cases import Case
from vrijgave.domain.publications import Platform
from vrijgave.domain.texts import TextEdit, Texts, as_written
from vrijgave.errors import Rejected
from vrijgave.i18n import Language


def draft(
    contact: ContactData, case: Case, duration: Fraction, *, silent: bool, targets: Sequence[Platform]
) -> tuple[Texts, ...]:
    """Texts for every target in Dutch and English, from the facts alone.

    Raises ``Rejected`` naming every limit that is passed and by how much.
    """
    return final(contact, case, duration, silent=silent, targets=targets, edits=())


def final(
    contact: ContactData,
    case: Case,
    duration: Fraction,
    *,
    silent: bool,
    targets: Sequence[Platform],
    edits: Sequence[TextEdit],
) -> tuple[Texts, ...]:
    """The drafts with what persons wrote in their place. ``edits`` are oldest first. Raises as ``draft`` does."""
    written = []
    violations = []
    for platform in targets:
        for language in Language:
            context = public_context(case, language=language, silent=silent, seconds=round(duration), contact=contact)
            texts = as_written(render_texts(platform, language, context), edits)
            violations += [f"{platform.value}/{language.value}: {v.message}" for v in check_limits(platform, texts)]
            written.append(texts)
    if violations:
        raise Rejected("texts", " ".join(violations))
    return tuple(written)


def file_name(texts: Texts) -> str:
    """Name under which texts are kept and approved."""
    return f"texts-{texts.platform}-{texts.language}.json"
