"""How many people a publication reached, as a person read it on the platform; a newer reading stands beside the old."""

from __future__ import annotations

from datetime import datetime

from vrijgave.domain.audit import AuditAction
from vrijgave.domain.clock import Milestone
from vrijgave.domain.publications import Platform
from vrijgave.domain.reach import Reach
from vrijgave.errors import NotFound, Rejected
from vrijgave.i18n import _
from vrijgave.store.unit_of_work import UnitOfWork

MOST = 100_000_000_000
"""More views than any video has."""


def add(
    uow: UnitOfWork, release_id: str, platform: Platform, views: str, *, read_at: datetime, actor: str, at: datetime
) -> Reach:
    """Record the views that ``platform`` told at ``read_at``.

    Raises ``NotFound`` where the release never went there, and ``Rejected`` for what is no number of views and for a
    moment before it was public.
    """
    row = next((r for r in uow.publications.for_release(release_id) if r.platform is platform), None)
    if row is None:
        raise NotFound(_("This release did not go out there; load the page again."))
    digits = views.strip().replace(".", "").replace("\u202f", "").replace(" ", "")
    if not digits.isascii() or not digits.isdecimal() or int(digits) > MOST:
        raise Rejected("views", _("Give the number of views as a whole number."))
    stamps = uow.stamps.for_release(release_id)
    public = [s.earliest for s in stamps if s.milestone is Milestone.PUBLIC and s.platform == platform.value]
    if not public:
        raise Rejected("views", _("It has not been public there; there are no views to record."))
    if read_at < min(public):
        raise Rejected("read_at", _("That is before it was public; check the day and the time."))
    reading = Reach(publication_id=row.id, at=read_at, views=int(digits), source=f"person:{actor}")
    uow.reach.add(reading)
    uow.audit.append(
        actor=actor,
        action=AuditAction.COLLECTED,
        subject=f"publication:{row.id}",
        reason=_("Views recorded."),
        at=at,
    )
    return reading
