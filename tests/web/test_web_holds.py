"""Holding a release on its page, and letting it go on."""

from __future__ import annotations

from collections.abc import Callable

from web_clients import Browser

from vrijgave.domain.people import Role
from vrijgave.domain.releases import Release, State
from vrijgave.services.context import Context

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
    seen = reader.get(path).text
    assert 'id="held"' in seen
    assert "/hold/end" not in seen
    assert client.submit(f"{path}/hold/end").status_code == 303
    assert 'id="held"' not in client.get(path).text
