"""Who answers what reports and warnings ask of the lead times."""

from __future__ import annotations

from collections.abc import Callable

from vrijgave.leadtime.view import Dashboard, Query
from vrijgave.services.context import Context

Ask = Callable[[Context, Query], Dashboard]
"""As ``services.dashboard.dashboard`` does."""
