"""The description of the JSON interface (OpenAPI), for those who run the service."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from vrijgave.web.api import PROBLEMS, Problem

router = APIRouter(prefix="/api")


@router.get("/openapi.json")
def description(request: Request) -> dict[str, Any]:
    """All routes under ``/api/``."""
    return describe(request.app)


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI description of what ``app`` serves under ``/api/``; errors are answered in one way everywhere."""
    whole = get_openapi(title="Vrijgave", version="1", routes=app.routes)
    whole["paths"] = {path: operations for path, operations in whole["paths"].items() if path.startswith("/api/")}
    whole["components"]["schemas"]["Problem"] = TypeAdapter(Problem).json_schema()
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    problems = {str(status): {"description": words, "content": content} for status, words in PROBLEMS.items()}
    for operations in whole["paths"].values():
        for operation in operations.values():
            operation["responses"] |= problems
    return whole
