"""Warnings of releases that wait in a stage for longer than its target: once for each wait, without facts of a case."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from vrijgave import words
from vrijgave.errors import ActionRequired, Conflict
from vrijgave.i18n import _
from vrijgave.leadtime import Stage, label
from vrijgave.leadtime.view import AgeingStage, Hours, Query, Waiting
from vrijgave.services.asking import Ask
from vrijgave.services.context import Context
from vrijgave.settings import Settings

log = logging.getLogger(__name__)

Targets = Mapping[Stage, timedelta]


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """A release that waits for longer than ``target``."""

    wait: Waiting
    target: timedelta


def targets(settings: Settings) -> Targets:
    """The targets that the force has set. Raises ``ActionRequired`` for a stage that there is not."""
    unknown = sorted(set(settings.stage_targets) - set(Stage))
    if unknown:
        what = _("There is no stage «{name}»; check VRIJGAVE_STAGE_TARGETS.").format(name=unknown[0])
        raise ActionRequired("administrator", what)
    return {Stage(name): target for name, target in settings.stage_targets.items()}


def late(ageing: Iterable[AgeingStage], targets: Targets) -> Iterator[Late]:
    """What waits for too long. What is held waits on purpose, and what was held before does not count in the age."""
    for stage in ageing:
        target = targets.get(stage.stage)
        if target is None:
            continue
        for wait in stage.waiting:
            if not wait.held and timedelta(seconds=wait.age) > target:
                yield Late(wait=wait, target=target)


def warn(context: Context, ask: Ask) -> int:
    """Tell of everything that waits for too long and was not told yet, in one message; answers of how many.

    What could not be sent is not recorded, so that the next call tries again. A process that dies between the two
    makes the message come twice, and never makes it get lost.
    """
    urls, wanted = context.settings.alert_urls, targets(context.settings)
    if urls is None or not wanted:
        return 0
    shown = ask(context, Query(hours=Hours(context.settings.alert_hours)))
    with context.reading() as uow:
        untold = [
            found
            for found in late(shown.ageing, wanted)
            if not uow.alerts.told(found.wait.release_id, found.wait.stage.value, found.wait.since)
        ]
    if not untold or not send(urls.get_secret_value().split(), _title(untold), _text(untold, context.settings)):
        return 0
    for found in untold:
        with suppress(Conflict), context.unit_of_work() as uow:  # another run may have told of it meanwhile
            uow.alerts.add(found.wait.release_id, found.wait.stage.value, found.wait.since, context.now())
            uow.commit()
    return len(untold)


def send(urls: Iterable[str], title: str, text: str) -> bool:
    """Send a message to each of ``urls`` (as Apprise writes them); True where at least one took it."""
    # Here and not above: it loads more than a hundred ways to send a message.
    import apprise

    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)  # its lines name addresses and what they answered
    taken = failed = 0
    for url in urls:
        one = apprise.Apprise()
        if one.add(url) and one.notify(title=title, body=text, body_format=apprise.NotifyFormat.TEXT):
            taken += 1
        else:
            failed += 1
    if failed:
        log.warning("alerts: %d of %d addresses did not take the message", failed, failed + taken)
    return taken > 0


def _title(found: list[Late]) -> str:
    return _("Vrijgave: {count} waiting for longer than the target").format(count=len(found))


def _text(found: list[Late], settings: Settings) -> str:
    """A line for each: the public number, where it waits, for how long, and where to go on."""
    line = _("{number}: «{stage}» for {age}, the target is {target}. {address}")
    root = (settings.web_url or f"http://{settings.host}:{settings.web_port}").rstrip("/")
    return "\n".join(
        line.format(
            number=one.wait.number,
            stage=label(one.wait.stage),
            age=words.age(timedelta(seconds=one.wait.age)),
            target=words.age(one.target),
            address=f"{root}/releases/{one.wait.release_id}",
        )
        for one in found
    )
