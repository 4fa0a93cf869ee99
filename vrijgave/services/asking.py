"""Who answers what reports and warnings ask of the lead times."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable

from vrijgave.leadtime.view import Dashboard, Query
from vrijgave.services.context import Context

Ask = Callable[[Context, Query], Dashboard]


def ask_dashboard(context: Context, query: Query) -> Dashboard:
    """Through the one door to the figures, which is loaded when it is needed."""
    door: Ask = pkgutil.resolve_name("vrijgave.services.dashboard:dashboard")
    return door(context, query)
