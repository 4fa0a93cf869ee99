"""The texts of a release: written from its facts, and held against what each platform takes."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from vrijgave.description import ContactData, check_limits, public_context, render_texts
from vrijgave.domain.cases import Case
from vrijgave.domain.publications import Platform
from vrijgave.domain.texts import Texts
from vrijgave.errors import Rejected
from vrijgave.i18n import Language


def draft(
    contact: ContactData, case: Case, duration: Fraction, *, silent: bool, targets: Sequence[Platform]
) -> tuple[Texts, ...]:
    """Texts for every target in Dutch and English.

    Raises ``Rejected`` naming every limit that is passed and by how much.
    """
    written = []
    violations = []
    for platform in targets:
        for language in Language:
            context = public_context(case, language=language, silent=silent, seconds=round(duration), contact=contact)
            texts = render_texts(platform, language, context)
            violations += [f"{platform.value}/{language.value}: {v.message}" for v in check_limits(platform, texts)]
            written.append(texts)
    if violations:
        raise Rejected("texts", " ".join(violations))
    return tuple(written)


def file_name(texts: Texts) -> str:
    """Name under which texts are kept and approved."""
    return f"texts-{texts.platform}-{texts.language}.json"
