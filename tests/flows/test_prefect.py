"""What the service asks of Prefect: its server can be imported, its deployments name real flows, ids stay opaque."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect import Flow

from vrijgave.domain.releases import FlowName
from vrijgave.workflow import PLATFORM_QUEUE, VIDEO_QUEUE, WORK_POOL

ROOT = Path(__file__).resolve().parents[2]
DEPLOYMENTS: list[dict[str, Any]] = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]

BY_THE_CLOCK = {"monthly_report": ["0 6 1 * *"], "alerts": ["*/15 * * * *"]}
BY_ITSELF: dict[str, list[str]] = {"monthly_report": ["month"], "alerts": []}


def test_the_server_of_prefect_imports() -> None:
    """From fastapi 0.155 on it does not."""
    server = importlib.import_module("prefect.server.api.server")
    assert server.create_app is not None


def test_every_flow_that_a_release_needs_is_deployed() -> None:
    assert {d["name"] for d in DEPLOYMENTS} == {f.value for f in FlowName} | set(BY_THE_CLOCK)


def test_what_runs_by_the_clock_has_its_schedule() -> None:
    schedules = {d["name"]: d.get("schedules", []) for d in DEPLOYMENTS}
    assert {name: [s["cron"] for s in found] for name, found in schedules.items() if found} == BY_THE_CLOCK


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda d: d["name"])
def test_a_deployment_names_a_flow_with_opaque_parameters(deployment: dict[str, Any]) -> None:
    module, name = deployment["entrypoint"].rsplit(".", 1)
    flow = getattr(importlib.import_module(module), name)
    assert isinstance(flow, Flow)
    assert flow.name == deployment["name"]
    parameters = BY_ITSELF.get(flow.name, ["release_id", "revision", "attempt"])
    assert list(inspect.signature(flow.fn).parameters) == parameters
    assert deployment["work_pool"]["name"] == WORK_POOL
    light = deployment["name"] in ("publish", "take_down", *BY_THE_CLOCK)
    assert deployment["work_pool"]["work_queue_name"] == (PLATFORM_QUEUE if light else VIDEO_QUEUE)
