"""The fixed words on cards, in each language of the public."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from babel.dates import format_date

from vrijgave.i18n import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class CardWords:
    """Words in one language: the language of the publication, not of whoever makes it."""

    locale: str
    appeal: str
    question: str
    """Asked where the case has no question of its own."""
    know_more: str
    call: str
    anonymous: str
    online: str
    emergency: str
    case_number: str

    def day(self, day: date) -> str:
        """The date in full."""
        return format_date(day, "full", locale=self.locale)


WORDS: Mapping[Language, CardWords] = MappingProxyType(
    {
        Language.DUTCH: CardWords(
            locale="nl_NL",
            appeal="Oproep van {unit}",
            question="Herkent u de persoon op deze beelden?",
            know_more="Weet u meer?",
            call="Bel de politie",
            anonymous="Meld Misdaad Anoniem",
            online="Geef uw tip online",
            emergency="Nu gezien of gevaar?",
            case_number="Zaaknummer {number}",
        ),
        Language.ENGLISH: CardWords(
            locale="en_GB",
            appeal="Appeal from {unit}",
            question="Do you recognise the person in this footage?",
            know_more="Do you know more?",
            call="Call the police",
            anonymous="Report anonymously",
            online="Send a tip online",
            emergency="Seen now, or danger?",
            case_number="Case number {number}",
        ),
    }
)
