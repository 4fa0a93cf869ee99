"""Errors cross from one process to another as they are."""

import pickle
from datetime import timedelta

import pytest

from vrijgave.errors import (
    ActionRequired,
    Conflict,
    NotFound,
    RedactionIncomplete,
    Rejected,
    RetryLater,
    UnreadableMedia,
    VrijgaveError,
)


@pytest.mark.parametrize(
    "error",
    [
        RetryLater("later", timedelta(minutes=3)),
        ActionRequired("administrator", "install it"),
        Rejected("rule", "because"),
        NotFound("nothing there"),
        Conflict("overtaken"),
        UnreadableMedia("no video"),
        RedactionIncomplete("a face"),
    ],
    ids=lambda e: type(e).__name__,
)
def test_an_error_comes_out_of_another_process_as_it_went_in(error: VrijgaveError) -> None:
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))
