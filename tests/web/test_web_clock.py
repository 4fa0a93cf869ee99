"""The page of the stage clock: who may change which time, and what stays visible of a correction."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from web_clients import Browser

from vrijgave.domain.cases import Certainty
from vrijgave.domain.clock import Milestone, Stamp
from vrijgave.domain.people import Role
from vrijgave.domain.releases import Release
from vrijgave.services.context import Context

ATTACK = "<script>alert(1)</script>"


@pytest.fixture
def path(context: Context, new_release: Callable[..., Release]) -> str:
    with context.unit_of_work() as uow:
        release = uow.releases.add(new_release())
        uow.stamps.add(
            Stamp(
                release_id=release.id, milestone=Milestone.RECEIVED, earliest=context.now(), latest=context.now(),
                certainty=Certainty.EXACT, source="person:anna", recorded_at=context.now(),
            )
        )  # fmt: skip
        uow.commit()
    return f"/releases/{release.id}/clock"


def test_a_time_is_entered_and_corrected_with_the_old_one_visible(path: str, signed_in: Callable[..., Browser]) -> None:
    detective, chief = signed_in(Role.RECHERCHE), signed_in(Role.LEIDING)
    assert f'href="{path}"' in detective.get(path.removesuffix("/clock")).text
    said = {"what": "incident::1", "begin": "2026-01-02T03:04"}
    assert detective.submit(path, seen="1", **said).status_code == 303
    unsaid = detective.submit(path, seen="2", **said | {"begin": "2026-01-02T02:00"})
    assert (unsaid.status_code, "Say why" in unsaid.text, "2026-01-02T02:00" in unsaid.text) == (422, True, True)
    more = {"begin": "2026-01-02T02:00", "end": "2026-01-02T02:30", "reason": ATTACK}
    assert detective.submit(path, seen="1", **said | more).status_code == 409
    assert detective.submit(path, seen="2", **said | more).status_code == 303
    page = detective.get(path).text
    assert "<s>02-01-2026 03:04</s>" in page
    assert "between 02-01-2026 02:00 and 02-01-2026 02:30" in page
    assert ATTACK not in page
    assert "alert(1)" in page
    read = chief.get(path).text
    assert "02-01-2026 02:00" in read
    assert "alert(1)" not in read
    assert '<form method="post" action="/releases' not in read


def test_each_changes_only_their_own_times(path: str, signed_in: Callable[..., Browser]) -> None:
    detective, staff = signed_in(Role.RECHERCHE), signed_in(Role.COMMUNICATIE)
    said = {"begin": "2026-01-02T03:04", "reason": "x", "seen": "1"}
    assert staff.submit(path, what="incident::1", **said).status_code == 422
    assert detective.submit(path, what="received::1", **said).status_code == 422
    assert detective.submit(path, what="nothing", **said).status_code == 422
    assert staff.submit(path, what="received::1", **said).status_code == 303
    assert signed_in(Role.LEIDING).submit(path, what="received::1", **said).status_code == 403
    assert signed_in(Role.RECHERCHE, name="ver", unit="Elders").get(path).status_code == 404
