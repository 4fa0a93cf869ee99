"""Holding a release on its page and letting it go on; correcting the kind of camera."""

from __future__ import annotations

from collections.abc import Callable

from web_clients import Browser

from vrijgave.domain.cases import FootageKind
from vrijgave.domain.people import Role
from vrijgave.domain.releases import Release, State
from vrijgave.leadtime.view import Query
from vrijgave.services.context import Context
from vrijgave.services.dashboard import dashboard

ATTACK = "<script>alert(1)</script>"


def test_a_release_is_held_and_goes_on_from_its_page(
    context: Context, signed_in: Callable[..., Browser], new_release: Callable[..., Release]
) -> None:
    with context.unit_of_work() as uow:
        release = uow.releases.add(new_release(state=State.APPROVED, reviewer="bo", created_at=context.now()))
        uow.commit()
    client, reader = signed_in(Role.COMMUNICATIE), signed_in(Role.LEIDING)
    path = f"/releases/{release.id}"
    refused = client.submit(f"{path}/hold", reason="because")
    assert (refused.status_code, "Say why the release has to wait." in refused.text) == (422, True)
    assert client.submit(f"{path}/hold", reason="investigation", note=ATTACK).status_code == 303
    page = client.get(path).text
    assert "In the interest of the investigation" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert ATTACK not in page
    assert "Held on purpose: In the interest of the investigation" in reader.get("/board").text
    seen = reader.get(path).text
    assert 'id="held"' in seen
    assert "/hold/end" not in seen
    assert client.submit(f"{path}/hold/end").status_code == 303
    assert 'id="held"' not in client.get(path).text
    assert "Held on purpose" not in reader.get("/board").text


def test_the_kind_of_camera_is_corrected_and_counts_at_once(
    context: Context, signed_in: Callable[..., Browser], new_release: Callable[..., Release]
) -> None:
    with context.unit_of_work() as uow:
        release = uow.releases.add(new_release(created_at=context.now()))
        uow.commit()
    detective, leiding = signed_in(Role.RECHERCHE), signed_in(Role.LEIDING)
    path = f"/releases/{release.id}/footage-kind"
    assert dashboard(context, Query(footage=FootageKind.BODYCAM)).tiles.received == 0
    assert detective.submit(path, footage_kind="drone").status_code == 422
    for _time in range(2):  # the second time it is so already
        assert detective.submit(path, footage_kind="bodycam").status_code == 303
    assert leiding.submit(path, footage_kind="phone").status_code == 403
    assert signed_in(Role.RECHERCHE, name="eva", unit="Elders").submit(path, footage_kind="phone").status_code == 404
    assert "Bodycam" in leiding.get(f"/releases/{release.id}").text
    assert dashboard(context, Query(footage=FootageKind.BODYCAM)).tiles.received == 1
    with context.reading() as uow:
        told = [entry.reason for entry in uow.audit.entries() if "footage" in entry.reason]
    assert told == ["Kind of footage: unknown became bodycam."]
