"""The publication ledger: each row is driven so that its video is out exactly once, and gone for certain.

Every step is written down before or after it as its retry safety asks:

- reading (inspect, find, sight) is safe: it is repeated at will;
- dress, hide and delete are idempotent: they are repeated, and believed only after a reading;
- release has its intent written first; tried again, it looks for what is public already before it makes anything so;
- sending is reconciled first: after any doubt the row is ``UNKNOWN``, and nothing is sent before the platform has
  been asked, by session or else by marker, what it already has.
"""

from __future__ import annotations

from vrijgave.domain.publications import EvidenceKind, LedgerState, Publication
from vrijgave.errors import Rejected
from vrijgave.i18n import _
from vrijgave.publishing.protocol import Bundle, Clock, LedgerBook, Patience, Progress, Publisher
from vrijgave.publishing.saga import Saga

DEFAULT_PATIENCE = Patience()
_S = LedgerState
_WITHDRAWN = frozenset({_S.HIDING, _S.GONE})
_COMPLETE = frozenset({_S.STAGED, _S.LIVE})


def publish(
    publication: Publication,
    bundle: Bundle,
    publisher: Publisher,
    book: LedgerBook,
    clock: Clock,
    progress: Progress,
    patience: Patience = DEFAULT_PATIENCE,
) -> Publication:
    """Bring one publication to ``LIVE`` from wherever it stands; a second call changes nothing.

    Raises ``RetryLater`` (call again, the row knows how far it is), ``ActionRequired`` and ``Rejected`` (the row is
    ``NEEDS_PERSON`` with the same sentence), ``Conflict`` when another process moves the same row.
    """
    staged = stage(publication, bundle, publisher, book, clock, progress, patience)
    return go_live(staged, bundle, publisher, book, clock, progress, patience)


def stage(
    publication: Publication,
    bundle: Bundle,
    publisher: Publisher,
    book: LedgerBook,
    clock: Clock,
    progress: Progress,
    patience: Patience = DEFAULT_PATIENCE,
) -> Publication:
    """Bring one publication to ``STAGED``: complete on the platform and not public. Raises as ``publish`` does.

    Where the platform cannot hold what nobody sees, it is only checked: ``go_live`` sends it.
    """
    if publication.state in _WITHDRAWN:
        raise Rejected("ledger", _("This publication was taken down; publish a new revision instead."))
    if publication.state in _COMPLETE:
        return publication
    saga = Saga(publication, publisher, book, clock, patience)
    with saga.failure_recorded():
        if publication.intent_at is None:
            saga.check(bundle)
    if not publisher.stages:
        return saga.row
    return _complete(saga, bundle, publisher, progress)


def _complete(saga: Saga, bundle: Bundle, publisher: Publisher, progress: Progress) -> Publication:
    with saga.failure_recorded():
        remote_id = saga.row.remote_id or saga.deliver(bundle, progress)
        if saga.row.state is not _S.PROCESSING:
            saga.move(_S.PROCESSING)
        saga.await_processing(remote_id)
        saga.repeat(lambda: publisher.dress(remote_id, bundle))
        saga.move(_S.STAGED)
    return saga.row


def go_live(
    publication: Publication,
    bundle: Bundle,
    publisher: Publisher,
    book: LedgerBook,
    clock: Clock,
    progress: Progress,
    patience: Patience = DEFAULT_PATIENCE,
) -> Publication:
    """Make a staged publication public, and see it as an anonymous viewer. Raises as ``publish`` does."""
    if publication.state is _S.LIVE:
        return publication
    saga = Saga(publication, publisher, book, clock, patience)
    if publication.state is not _S.STAGED:
        if publisher.stages or publication.state in _WITHDRAWN:
            raise Rejected("ledger", _("This publication is not ready on the platform; publish it first."))
        _complete(saga, bundle, publisher, progress)
    with saga.failure_recorded():
        public_id = saga.release(bundle)
        sighting = saga.await_public(public_id)
        saga.note(EvidenceKind.READ_BACK, sighting.detail)
        saga.note(EvidenceKind.PUBLIC, publisher.url(public_id))
        saga.move(_S.LIVE)
    return saga.row


def take_down(
    publication: Publication,
    publisher: Publisher,
    book: LedgerBook,
    clock: Clock,
    patience: Patience = DEFAULT_PATIENCE,
) -> Publication:
    """Remove all that this publication may have left on the platform, and prove it; ends in ``GONE``.

    Works from any state. Raises ``RetryLater``, ``ActionRequired`` and ``Rejected`` with the row in ``HIDING``: a
    take-down that did not end is never anything else.
    """
    if publication.state is _S.GONE:
        return publication
    saga = Saga(publication, publisher, book, clock, patience)
    if publication.state is not _S.PLANNED:
        saga.move(_S.HIDING)
    with saga.unfinished_recorded():
        if saga.row.intent_at is not None:
            saga.remove_everything()
    saga.move(_S.GONE, session=None)
    return saga.row
