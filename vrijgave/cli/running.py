"""The commands that run things: the service, the demo, the check-up."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import FrameType
from zoneinfo import ZoneInfo

from vrijgave.bootstrap import build
from vrijgave.cli.output import Output
from vrijgave.errors import ActionRequired
from vrijgave.i18n import _
from vrijgave.services import example
from vrijgave.services.doctor import examine
from vrijgave.settings import Settings


def serve(arguments: argparse.Namespace, settings: Settings, output: Output) -> int:
    """Run until Ctrl-C, SIGTERM or the given time; everything that was started is stopped."""
    from vrijgave.supervisor import running  # loads Prefect, which the other commands do without

    stop = _stopped_by_sigterm()
    with running(settings, output.say) as (_context, addresses):
        output.say(_("Pages: {url}").format(url=addresses.web))
        output.say(_("Prefect server: {url}").format(url=addresses.prefect))
        if addresses.practice:
            output.say(_("Practice platforms: {url}").format(url=addresses.practice))
        output.say(_("Logs: {folder}").format(folder=settings.home / "logs"))
        output.say(_("Running; Ctrl-C stops it."))
        with suppress(KeyboardInterrupt):
            stop.wait(arguments.seconds)
        output.say(_("Stopping …"))
    output.say(_("Stopped."))
    return 0


def web(arguments: argparse.Namespace, settings: Settings, output: Output) -> int:
    """The pages alone, in place of this process."""
    output.say(_("Pages: {url}").format(url=f"http://{settings.host}:{settings.web_port}"))
    os.execv(sys.executable, [sys.executable, "-m", "vrijgave.web"])  # noqa: S606  no shell is meant


def dispatch(arguments: argparse.Namespace, settings: Settings, output: Output) -> int:
    """Dispatch and reconcile until Ctrl-C or SIGTERM, against the Prefect server of PREFECT_API_URL."""
    from vrijgave.services.dispatch import keep_dispatching
    from vrijgave.workflow import PrefectTrigger

    if "PREFECT_API_URL" not in os.environ:
        raise ActionRequired("administrator", _("Say where the Prefect server is: set PREFECT_API_URL."))
    stop = _stopped_by_sigterm()
    output.say(_("Running; Ctrl-C stops it."))
    with suppress(KeyboardInterrupt):
        keep_dispatching(build(settings), PrefectTrigger(), stop)
    return 0


def demo(arguments: argparse.Namespace, settings: Settings, output: Output) -> int:
    """The whole way once, in a folder of its own; with --history a made-up year, in this installation."""
    if arguments.history:
        return _history(arguments, settings, output)
    from vrijgave.cli.demo import walk

    folder = arguments.folder or Path("var") / "demo" / datetime.now().strftime("%Y%m%d-%H%M%S")
    walk(settings, output, folder, arguments.footage)
    return 0


def _history(arguments: argparse.Namespace, settings: Settings, output: Output) -> int:
    context = build(settings)
    until = arguments.until or context.now().astimezone(ZoneInfo(settings.time_zone)).date()
    known = example.fill(context, seed=arguments.seed, releases=arguments.releases, until=until)
    if arguments.truth is not None:
        arguments.truth.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
        output.say(_("What is true of it: {file}").format(file=arguments.truth))
    output.say(
        _("Example: {count} made-up releases of the year before {day}; every page here says so from now on.").format(
            count=len(known["releases"]), day=until.isoformat()
        )
    )
    return 0


def doctor(arguments: argparse.Namespace, settings: Settings, output: Output) -> int:
    """Check the installation; exit code 3 when something needs a person."""
    context = build(settings)
    url = os.environ.get("PREFECT_API_URL", f"http://{settings.host}:{settings.prefect_port}/api")
    findings = list(examine(context, url))
    rows = [(f.what, _("right") if f.right else _("wrong"), f.advice) for f in findings]
    output.table(_("Check-up"), (_("what"), _("state"), _("advice")), rows)
    output.data(findings)
    wrong = [f.what for f in findings if not f.right]
    if wrong:
        raise ActionRequired("administrator", _("Needs attention: {names}.").format(names=", ".join(wrong)))
    return 0


def _stopped_by_sigterm() -> threading.Event:
    """An event that SIGTERM sets, so that everything started is stopped; Ctrl-C raises as ever."""
    stop = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    return stop
