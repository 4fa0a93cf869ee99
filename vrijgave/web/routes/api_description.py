"""The description of the JSON interface (OpenAPI), for those who run the service."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi

from vrijgave.web.api import PROBLEMS

router = APIRouter(prefix="/api")


@router.get("/openapi.json", responses=PROBLEMS)
def description(request: Request) -> dict[str, Any]:
    """All routes under ``/api/``."""
    return describe(request.app)


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI description of what ``app`` serves under ``/api/``."""
    whole = get_openapi(title="Vrijgave", version="1", routes=app.routes)
    whole["paths"] = {path: operations for path, operations in whole["paths"].items() if path.startswith("/api/")}
    return whole
