"""The adapter to Prefect, against a real server: the same key starts one run, a silent run can be written off."""

from __future__ import annotations

from uuid import uuid4

import pytest
from prefect.client.orchestration import get_client
from prefect.states import Running

from flows.take_down import take_down
from vrijgave.domain.releases import FlowName
from vrijgave.errors import RetryLater
from vrijgave.services.dispatch import RunState
from vrijgave.workflow import PLATFORM_QUEUE, VIDEO_QUEUE, WORK_POOL, PrefectTrigger, ensure_work_pool


@pytest.fixture(scope="module", autouse=True)
def work_pool(prefect_server: None) -> None:
    ensure_work_pool()


@pytest.fixture
def trigger() -> PrefectTrigger:
    deployment = take_down.to_deployment("take_down", work_pool_name=WORK_POOL, work_queue_name=PLATFORM_QUEUE)
    deployment.apply()
    return PrefectTrigger()


def _start(trigger: PrefectTrigger, key: str) -> str:
    return trigger.start(FlowName.TAKE_DOWN, "a" * 32, 1, 1, key)


def test_heavy_work_has_one_place_and_light_work_does_not_wait() -> None:
    ensure_work_pool()
    with get_client(sync_client=True) as client:
        limits = {
            name: client.read_work_queue_by_name(name, work_pool_name=WORK_POOL).concurrency_limit
            for name in (VIDEO_QUEUE, PLATFORM_QUEUE)
        }
    assert limits == {VIDEO_QUEUE: 1, PLATFORM_QUEUE: None}


def test_the_same_key_finds_the_same_run(trigger: PrefectTrigger) -> None:
    key = uuid4().hex
    first = _start(trigger, key)
    assert _start(trigger, key) == first
    assert _start(trigger, uuid4().hex) != first
    assert trigger.state(first) is RunState.WAITING


def test_a_silent_run_is_written_off(trigger: PrefectTrigger) -> None:
    run = _start(trigger, uuid4().hex)
    with get_client(sync_client=True) as client:
        client.set_flow_run_state(run, Running(), force=True)
    assert trigger.state(run) is RunState.RUNNING
    trigger.abandon(run)
    assert trigger.state(run) is RunState.ENDED


def test_an_unknown_run_is_missing(trigger: PrefectTrigger) -> None:
    for run in (str(uuid4()), "no id"):
        assert trigger.state(run) is RunState.MISSING
        trigger.abandon(run)


def test_a_flow_that_is_not_deployed_waits(trigger: PrefectTrigger) -> None:
    with get_client(sync_client=True) as client:  # other tests of the same server may have deployed it
        for deployment in client.read_deployments():
            if deployment.name == FlowName.RENDER.value:
                client.delete_deployment(deployment.id)
    with pytest.raises(RetryLater, match="prefect deploy"):
        trigger.start(FlowName.RENDER, "a" * 32, 1, 1, uuid4().hex)
