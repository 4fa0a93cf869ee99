"""What happens in a flow when a step fails: passing failures are tried again, others wait for a person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from prefect import flow, task

from flows.prepare import prepare
from tasks.running import RETRYING
from vrijgave.domain.assets import AssetKind
from vrijgave.domain.releases import FlowName, Release, State
from vrijgave.errors import Rejected, RetryLater, UnreadableMedia
from vrijgave.services import stages
from vrijgave.services.context import Context
from vrijgave.services.files import add_assets, store_file

pytestmark = pytest.mark.usefixtures("prefect_server")


@pytest.fixture
def broken(context: Context, tmp_path: Path, new_release: Callable[..., Release]) -> Release:
    """A release whose footage is no video."""
    original = tmp_path / "original.mp4"
    original.write_text("this is no video")
    with context.unit_of_work() as uow:
        release = uow.releases.add(new_release(created_at=context.now()), start=FlowName.PREPARE)
        add_assets(uow, release, [store_file(context.blobs, AssetKind.ORIGINAL, original, parent=None)], context.now())
        uow.commit()
    return release


def _now(context: Context, release: Release) -> Release:
    with context.reading() as uow:
        return uow.releases.get(release.id)


@pytest.mark.parametrize(
    ("error", "calls"),
    [(RetryLater("later", timedelta(0)), 5), (Rejected("rule", "never"), 1), (ValueError("a bug"), 1)],
)
def test_only_what_may_pass_is_tried_again(error: Exception, calls: int) -> None:
    seen: list[int] = []

    @task(**(RETRYING | {"retry_delay_seconds": 0, "retry_jitter_factor": None}))
    def work() -> None:
        seen.append(1)
        raise error

    @flow
    def once() -> None:
        work()

    with pytest.raises(type(error)):
        once()
    assert len(seen) == calls


def test_a_failure_is_left_to_a_person_with_its_message(context: Context, broken: Release) -> None:
    with pytest.raises(UnreadableMedia):
        prepare(broken.id, 1, 1)
    failed = _now(context, broken)
    assert (failed.state, failed.failed_flow) == (State.FAILED, FlowName.PREPARE)
    assert "not a video" in (failed.message or "")


def test_a_failed_stage_can_be_run_again(context: Context, broken: Release) -> None:
    with pytest.raises(UnreadableMedia):
        prepare(broken.id, 1, 1)
    with context.unit_of_work() as uow:
        again = stages.retry(uow, broken.id, "bas", context.now())
        uow.commit()
    assert (again.state, again.attempt) == (State.RECEIVED, 2)


def test_an_overtaken_run_changes_nothing(context: Context, broken: Release) -> None:
    with context.unit_of_work() as uow:
        stages.begin(uow, broken.id, 1, FlowName.PREPARE, 2, context.now())
        uow.commit()
    before = _now(context, broken)
    prepare(broken.id, 1, 1)
    assert _now(context, broken) == before


def test_an_unexpected_error_does_not_leak_into_the_message(
    context: Context, broken: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(*_arguments: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("vrijgave.services.review_media.make_proxy", explode)
    with pytest.raises(RuntimeError):
        prepare(broken.id, 1, 1)
    message = _now(context, broken).message or ""
    assert "unexpected" in message
    assert "secret" not in message
