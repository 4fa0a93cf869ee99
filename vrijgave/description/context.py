"""From a case, which knows internal things, to what the public may know."""

from __future__ import annotations

from datetime import date
from typing import Protocol
from zoneinfo import ZoneInfo

from vrijgave.domain.cases import Case
from vrijgave.domain.texts import PublicContext
from vrijgave.i18n import Language

LOCAL_TIME = ZoneInfo("Europe/Amsterdam")


class ContactData(Protocol):
    """Where tips go; ``vrijgave.settings.Settings`` is one."""

    @property
    def police_phone(self) -> str: ...
    @property
    def anonymous_phone(self) -> str: ...
    @property
    def tip_url(self) -> str: ...


def public_context(
    case: Case, *, language: Language, silent: bool, seconds: int, contact: ContactData
) -> PublicContext:
    """What a template may know of ``case``.

    ``silent``: the published footage has no sound; ``seconds``: its length. The question and the scene are those
    of ``language`` and empty where the case has none in it: the template then uses a general sentence. The date is
    the day in the Netherlands on which the incident began.
    """
    english = language is Language.ENGLISH
    return PublicContext(
        public_case_number=case.public_case_number.strip(),
        unit=case.unit.strip(),
        offence=case.offence.strip(),
        public_place=case.public_place.strip(),
        incident_date=_local_day(case),
        question=(case.question_en if english else case.question).strip(),
        scene=(case.scene_en if english else case.scene).strip(),
        silent=silent,
        seconds=seconds,
        police_phone=contact.police_phone,
        anonymous_phone=contact.anonymous_phone,
        tip_url=contact.tip_url,
    )


def _local_day(case: Case) -> date | None:
    return None if case.incident_from is None else case.incident_from.astimezone(LOCAL_TIME).date()
