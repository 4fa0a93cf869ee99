"""The one place in the domain that knows Prefect: it starts flow runs and asks how they stand."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import httpx
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.deployments import run_deployment
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound, PrefectHTTPStatusError
from prefect.states import Crashed

from vrijgave.domain.releases import FlowName
from vrijgave.errors import RetryLater
from vrijgave.i18n import _
from vrijgave.services.dispatch import RunState

WORK_POOL = "vrijgave"
VIDEO_QUEUE = "video"
"""Heavy work: one run at a time takes all cores of its machine."""
PLATFORM_QUEUE = "platforms"
"""Light work that must not wait behind hours of video: a take-down above all."""
QUEUES = {VIDEO_QUEUE: 1, PLATFORM_QUEUE: None}
"""Queue -> how many of its runs may be under way at once."""


def ensure_work_pool() -> None:
    """Make the work pool and the queues of ``prefect.yaml`` when they are missing. Raises ``RetryLater``."""
    try:
        with get_client(sync_client=True) as client:
            with suppress(ObjectAlreadyExists):
                client.create_work_pool(WorkPoolCreate(name=WORK_POOL, type="process"))
            for name, limit in QUEUES.items():
                with suppress(ObjectAlreadyExists):
                    client.create_work_queue(name, concurrency_limit=limit, work_pool_name=WORK_POOL)
    except (httpx.HTTPError, PrefectHTTPStatusError) as error:
        raise _unreachable() from error


class PrefectTrigger:
    """Starts the deployments of ``prefect.yaml`` on the server that ``PREFECT_API_URL`` names."""

    def start(self, flow: FlowName, release_id: str, revision: int, attempt: int, key: str) -> str:
        """See ``WorkflowTrigger``. Parameters are opaque: ids and counters only."""
        try:
            run = run_deployment(
                name=f"{flow.value}/{flow.value}",
                parameters={"release_id": release_id, "revision": revision, "attempt": attempt},
                timeout=0,
                idempotency_key=key,
                as_subflow=False,
                tags=[f"release:{release_id}"],
            )
        except ObjectNotFound as error:
            raise RetryLater(
                _("The deployment «{flow}» does not exist yet; run «prefect deploy --all».").format(flow=flow.value),
                timedelta(seconds=30),
            ) from error
        except (httpx.HTTPError, PrefectHTTPStatusError) as error:
            raise _unreachable() from error
        return str(run.id)  # type: ignore[union-attr]  # declared for async callers too

    def state(self, run_id: str) -> RunState:
        """See ``WorkflowTrigger``."""
        try:
            with get_client(sync_client=True) as client:
                run = client.read_flow_run(UUID(run_id))
        except (ObjectNotFound, ValueError):
            return RunState.MISSING
        except (httpx.HTTPError, PrefectHTTPStatusError) as error:
            raise _unreachable() from error
        if run.state is None or run.state.is_scheduled() or run.state.is_pending():
            return RunState.WAITING
        return RunState.ENDED if run.state.is_final() else RunState.RUNNING

    def abandon(self, run_id: str) -> None:
        """See ``WorkflowTrigger``."""
        try:
            with suppress(ObjectNotFound, ValueError), get_client(sync_client=True) as client:
                client.set_flow_run_state(UUID(run_id), Crashed(message="gave no sign of life"), force=True)
        except (httpx.HTTPError, PrefectHTTPStatusError) as error:
            raise _unreachable() from error


def _unreachable() -> RetryLater:
    return RetryLater(_("The Prefect server does not answer; is «vrijgave serve» running?"))
