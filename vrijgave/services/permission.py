"""What of a release still lacks permission, and whether somebody's mandate reaches as far as they allow."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from vrijgave.domain.cases import Permission, PublicationStage
from vrijgave.domain.releases import State
from vrijgave.errors import Rejected
from vrijgave.i18n import _
from vrijgave.services.approval import area_of, authorise, publication_stage
from vrijgave.store.unit_of_work import UnitOfWork

CLOSED = frozenset({State.WITHDRAWN, State.TAKING_DOWN, State.TAKEN_DOWN})
"""States in which there is nothing left to permit."""


def lacks(uow: UnitOfWork, release_id: str, today: date) -> tuple[str, ...]:
    """Sentences that say why the release may not go out today as it was reviewed; none where it may."""
    release = uow.releases.get(release_id)
    given = uow.permissions.latest(release_id)
    if given is None:
        return (_("There is no permission yet; the public prosecutor has to decide."),)
    stage = publication_stage(uow, release)
    found: dict[str, None] = {}
    for target in release.targets:
        try:
            given.check_covers(target.value, stage, area_of(target), today)
        except Rejected as refusal:
            found[str(refusal)] = None
    return tuple(found)


def decide(uow: UnitOfWork, permission: Permission, mandates: Mapping[str, str], today: date) -> None:
    """Record a permission or a refusal that an authoriser gives themselves.

    ``mandates``: each mandate with the widest stage that it reaches. Raises ``Rejected`` for a mandate that does not
    exist or does not reach so far, for an end that lies behind us, and where nothing is left to permit.
    """
    release = uow.releases.get(permission.release_id)
    if release.state in CLOSED:
        raise Rejected(
            "state",
            _("Release {id} is «{state}»; there is nothing left to permit.").format(
                id=release.id, state=_(release.state.value)
            ),
        )
    if permission.mandate not in mandates:
        raise Rejected("permission", _("Choose the mandate under which you decide."))
    order = list(PublicationStage)
    widest = PublicationStage(mandates[permission.mandate])
    if permission.granted and order.index(permission.stage) > order.index(widest):
        raise Rejected(
            "permission",
            _("The mandate «{mandate}» reaches as far as «{widest}»; leave this decision to a wider one.").format(
                mandate=permission.mandate, widest=_(widest.value)
            ),
        )
    if permission.granted and permission.end_date is not None and permission.end_date < today:
        raise Rejected("permission", _("The last day lies in the past; choose a day that is still to come."))
    authorise(uow, permission)
