"""What those who watch the service read, by machine; behind a token of its own and not behind a sign-in."""

from __future__ import annotations

import hmac

from fastapi import APIRouter, Request, Response
from prometheus_client.exposition import choose_encoder

from vrijgave.services.dashboard import dashboard
from vrijgave.services.metrics import measure
from vrijgave.settings import Settings
from vrijgave.web.access import App
from vrijgave.web.metrics import registry

router = APIRouter()


@router.get("/metrics")
def metrics(request: Request, context: App) -> Response:
    """The figures as Prometheus or OpenMetrics text. Without a token in the settings there is nothing here."""
    token = _token(context.settings)
    if not token:
        return Response(status_code=404)
    shown = request.headers.get("authorization", "")
    if not hmac.compare_digest(shown.encode(), f"Bearer {token}".encode()):
        return Response(status_code=401, headers={"www-authenticate": "Bearer"})
    encode, media_type = choose_encoder(request.headers.get("accept", ""))
    return Response(encode(registry(measure(context, dashboard))), headers={"content-type": media_type})


def _token(settings: Settings) -> str:
    return settings.metrics_token.get_secret_value().strip() if settings.metrics_token else ""
