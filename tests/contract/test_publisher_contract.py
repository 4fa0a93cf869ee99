"""One contract for every publisher: out once, seen, repeated without effect, taken down, proven gone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from publishing_world import FAST, FileBook, HurriedClock, make_row, no_progress

from vrijgave.domain.publications import EvidenceKind, LedgerState, Publication
from vrijgave.errors import Conflict, Rejected
from vrijgave.publishing.ledger import go_live, publish, stage, take_down
from vrijgave.publishing.protocol import Bundle, Publisher


@pytest.fixture(params=["youtube", "press_kit"])
def publisher(request: pytest.FixtureRequest) -> Publisher:
    made: Publisher = request.getfixturevalue(request.param)
    return made


@pytest.fixture
def row(book: FileBook, bundle: Bundle, publisher: Publisher) -> Publication:
    return book.add(make_row(bundle, publisher.platform))


def test_from_planned_to_live_to_gone(
    row: Publication, bundle: Bundle, publisher: Publisher, book: FileBook, clock: HurriedClock
) -> None:
    done: list[tuple[int, int | None]] = []
    live = publish(row, bundle, publisher, book, clock, lambda a, b: done.append((a, b)), FAST)
    assert live.state is LedgerState.LIVE
    assert live == book.get(row.id)
    assert live.remote_id is not None
    assert live.session is None
    assert done[-1] == (row.file_size, row.file_size)
    assert publisher.sight(live.remote_id).visible
    assert [copy.size for copy in publisher.find(live)] == [row.file_size]
    assert [kind for kind, _ in book.proofs()] == [EvidenceKind.UPLOADED, EvidenceKind.READ_BACK, EvidenceKind.PUBLIC]

    gone = take_down(live, publisher, book, clock, FAST)
    assert gone.state is LedgerState.GONE
    assert not publisher.sight(live.remote_id).visible
    assert publisher.inspect(live.remote_id) is None
    assert publisher.find(live) == ()
    assert [kind for kind, _ in book.proofs()][3:] == [
        EvidenceKind.HIDDEN,
        EvidenceKind.DELETED,
        EvidenceKind.READ_BACK,
        EvidenceKind.READ_BACK,
    ]


def test_second_calls_change_nothing(
    row: Publication, bundle: Bundle, publisher: Publisher, book: FileBook, clock: HurriedClock
) -> None:
    live = publish(row, bundle, publisher, book, clock, no_progress, FAST)
    assert publish(live, bundle, publisher, book, clock, no_progress, FAST) == live
    assert len(publisher.find(live)) == 1
    gone = take_down(live, publisher, book, clock, FAST)
    assert take_down(gone, publisher, book, clock, FAST) == gone
    with pytest.raises(Rejected):
        publish(gone, bundle, publisher, book, clock, no_progress, FAST)


def test_staged_is_complete_and_not_visible(
    row: Publication, bundle: Bundle, publisher: Publisher, book: FileBook, clock: HurriedClock
) -> None:
    staged = stage(row, bundle, publisher, book, clock, no_progress, FAST)
    assert staged.state is LedgerState.STAGED
    assert staged.remote_id is not None
    assert not publisher.sight(staged.remote_id).visible
    assert go_live(staged, bundle, publisher, book, clock, no_progress, FAST).state is LedgerState.LIVE
    assert publisher.sight(staged.remote_id).visible


def test_going_live_needs_staging(
    row: Publication, bundle: Bundle, publisher: Publisher, book: FileBook, clock: HurriedClock
) -> None:
    with pytest.raises(Rejected):
        go_live(row, bundle, publisher, book, clock, no_progress, FAST)


def test_intent_is_written_before_anything_is_sent(
    row: Publication, bundle: Bundle, publisher: Publisher, book: FileBook, clock: HurriedClock
) -> None:
    publish(row, bundle, publisher, book, clock, no_progress, FAST)
    first = book.history[0]
    assert (first.state, first.remote_id, first.session) == (LedgerState.UPLOADING, None, None)
    assert first.intent_at is not None


@pytest.mark.parametrize("position", [0, 700_000, -1])
def test_a_changed_byte_stops_everything_before_the_first_byte(
    position: int, row: Publication, bundle: Bundle, publisher: Publisher, book: FileBook, clock: HurriedClock
) -> None:
    content = bytearray(bundle.rendition.read_bytes())
    content[position] ^= 1
    bundle.rendition.write_bytes(content)
    with pytest.raises(Rejected):
        publish(row, bundle, publisher, book, clock, no_progress, FAST)
    stored = book.get(row.id)
    assert (stored.state, stored.intent_at) == (LedgerState.NEEDS_PERSON, None)
    assert publisher.find(row) == ()

    content[position] ^= 1
    bundle.rendition.write_bytes(content)
    assert publish(stored, bundle, publisher, book, clock, no_progress, FAST).state is LedgerState.LIVE


def test_a_bundle_of_another_approval_is_refused(
    row: Publication, bundle: Bundle, publisher: Publisher, book: FileBook, clock: HurriedClock
) -> None:
    with pytest.raises(Rejected):
        publish(row, replace(bundle, sha256="0" * 64), publisher, book, clock, no_progress, FAST)


def test_a_row_that_another_process_moved_is_left_alone(
    row: Publication, bundle: Bundle, publisher: Publisher, book: FileBook, clock: HurriedClock
) -> None:
    theirs = book.save(row, replace(row, state=LedgerState.UPLOADING, version=2))
    with pytest.raises(Conflict):
        publish(row, bundle, publisher, book, clock, no_progress, FAST)
    assert book.get(row.id) == theirs
    assert publisher.find(row) == ()


def test_take_down_of_what_was_never_sent(
    row: Publication, publisher: Publisher, book: FileBook, clock: HurriedClock
) -> None:
    assert take_down(row, publisher, book, clock, FAST).state is LedgerState.GONE
    assert book.proofs() == []


def test_take_down_of_a_staged_publication(
    row: Publication, bundle: Bundle, publisher: Publisher, book: FileBook, clock: HurriedClock
) -> None:
    staged = stage(row, bundle, publisher, book, clock, no_progress, FAST)
    assert take_down(staged, publisher, book, clock, FAST).state is LedgerState.GONE
    assert publisher.find(row) == ()


def test_take_down_when_only_the_marker_is_left(
    row: Publication, bundle: Bundle, publisher: Publisher, book: FileBook, clock: HurriedClock
) -> None:
    live = publish(row, bundle, publisher, book, clock, no_progress, FAST)
    lost = book.save(live, replace(live, state=LedgerState.UNKNOWN, remote_id=None, version=live.version + 1))
    gone = take_down(lost, publisher, book, clock, FAST)
    assert (gone.state, gone.remote_id) == (LedgerState.GONE, live.remote_id)
    assert publisher.find(row) == ()


def test_take_down_of_what_is_already_away(
    row: Publication, bundle: Bundle, publisher: Publisher, book: FileBook, clock: HurriedClock
) -> None:
    live = publish(row, bundle, publisher, book, clock, no_progress, FAST)
    assert live.remote_id is not None
    publisher.hide(live.remote_id)
    publisher.delete(live.remote_id)
    assert take_down(live, publisher, book, clock, FAST).state is LedgerState.GONE
