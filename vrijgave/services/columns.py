"""All releases as arrays, from the store."""

from __future__ import annotations

from vrijgave.leadtime import columns as arrays
from vrijgave.leadtime.calendar import WorkingHours
from vrijgave.leadtime.columns import Columns
from vrijgave.leadtime.packing import FAR, FARTHER
from vrijgave.services.lead_times import records
from vrijgave.store.unit_of_work import UnitOfWork


def columns(uow: UnitOfWork, office: WorkingHours) -> Columns:
    """Every release, worked out anew."""
    pairs = zip(records(uow, FAR, office), records(uow, FARTHER, office), strict=True)
    return arrays.columns(tuple(pairs), office)
