"""The commands and their options. Built when a command runs, so that the help speaks the reader's language."""

from __future__ import annotations

import argparse
import pkgutil
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from vrijgave import __version__
from vrijgave.cli import account_options, clock_options, export_options, paper_options, record_options
from vrijgave.cli.output import Output
from vrijgave.domain.cases import Area, Certainty, FootageKind, Medium, PublicationStage, Urgency
from vrijgave.domain.publications import Platform
from vrijgave.domain.releases import State
from vrijgave.domain.tracks import SubjectKind
from vrijgave.i18n import _
from vrijgave.settings import Settings


class Parser(argparse.ArgumentParser):
    """A parser whose headings are translated."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            formatter_class=argparse.RawDescriptionHelpFormatter, add_help=False, allow_abbrev=False, **options
        )
        self.add_argument("-h", "--help", action="help", help=_("show this help and stop"))
        self._positionals.title = _("arguments")
        self._optionals.title = _("options")


def build_parser() -> Parser:
    """The whole command line."""
    parser = Parser(prog="vrijgave", description=_(DESCRIPTION), epilog=_(EXIT_CODES))
    parser.add_argument("--version", action="version", version=f"vrijgave {__version__}", help=_("show the version"))
    commands = parser.add_subparsers(title=_("commands"), metavar=_("COMMAND"), required=True, parser_class=Parser)
    for add in (
        _submit, _releases, _show, _review, _edit, _note, _track_region, _approve, _authorise, _publish, _take_down,
        _retry, _withdraw, _clock, _tip, _hold, _lead_times, _report, _redact, _inspect, _serve, _web, _dispatch,
        _demo, _doctor, _audit, _account,
    ):  # fmt: skip
        add(commands)
    return parser


DESCRIPTION = "From camera footage of an incident to a published, safe and accountable appeal to the public."
EXIT_CODES = (
    "exit codes: 0 done, 1 unexpected, 2 wrong usage, 3 a person has to act, 4 refused by a rule, 5 not found, "
    "6 somebody else was first, 7 unreadable footage, 8 something is not covered, 75 try again later, 130 stopped"
)

Commands = Any  # argparse gives its sub-parsers no public type


def _command(commands: Commands, name: str, run: str, help_: str, *, acts: bool = False) -> Parser:
    """``run`` names the function as ``module:function`` of this package; it is loaded when the command runs, so that
    covering a file does not wait for the database, the server and the platforms."""
    parser: Parser = commands.add_parser(name, help=help_, description=help_)
    parser.set_defaults(run=run)
    if acts:
        parser.add_argument(
            "--actor", metavar=_("NAME"), help=_("who acts (default: VRIJGAVE_ACTOR or your user name)")
        )
    return parser


def _kinds(parser: Parser, *, required: bool = True) -> Commands:
    """Room for the sub-commands of a command."""
    return parser.add_subparsers(title=_("commands"), metavar=_("COMMAND"), required=required, parser_class=Parser)


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help=_("print JSON for a script"))


def _release(parser: Parser) -> None:
    parser.add_argument("release", metavar=_("RELEASE"), help=_("id of the release, or its first characters"))


def _submit(commands: Commands) -> None:
    parser = _command(
        commands, "submit", "submit:submit", _("hand in footage; opens a release for each file"), acts=True
    )
    parser.add_argument("file", nargs="+", type=Path, metavar=_("FILE"), help=_("camera footage"))
    parser.add_argument(
        "--case", type=Path, metavar=_("FILE"), help=_("JSON with the facts below, named as the options")
    )
    text = parser.add_argument_group(_("facts of the case"))
    for name, help_ in (
        ("--registration-number", _("internal registration number; never leaves the service")),
        ("--public-case-number", _("case number as the public may see it")),
        ("--unit", _("unit of the force")),
        ("--team", _("team")),
        ("--offence", _("offence, as the public may read it")),
        ("--offence-article", _("article of law")),
        ("--place", _("exact place; internal")),
        ("--public-place", _("place as the public may read it, for instance the town")),
        ("--question", _("what the public is asked, in Dutch")),
        ("--question-en", _("the same in English")),
        ("--scene", _("what is to be seen, in Dutch; the text alternative of silent footage")),
        ("--scene-en", _("the same in English")),
    ):
        text.add_argument(name, metavar=_("TEXT"), help=help_)
    for name, help_ in (
        ("--incident-from", _("start of the incident, with time zone: 2026-03-01T22:15+01:00")),
        ("--incident-to", _("end of the incident; equal to the start where the moment is known")),
        ("--reported-at", _("when it was reported")),
        ("--secured-at", _("when the footage was secured")),
    ):
        text.add_argument(name, metavar=_("TIME"), type=moment, help=help_)
    text.add_argument("--incident-certainty", choices=[c.value for c in Certainty], help=_("how sure the time is"))
    text.add_argument("--footage-kind", choices=[k.value for k in FootageKind], help=_("what kind of camera it was"))
    text.add_argument("--urgency", choices=[u.value for u in Urgency], help=_("how soon the public has to see it"))
    parser.add_argument(
        "--target",
        action="append",
        choices=[p.value for p in Platform],
        help=_("where it goes out (default: everywhere)"),
    )
    _json(parser)


def _releases(commands: Commands) -> None:
    parser = _command(commands, "releases", "releases:list_releases", _("list the releases and who has to act"))
    parser.add_argument("--state", choices=[s.value for s in State], help=_("only releases in this state"))
    _json(parser)


def _show(commands: Commands) -> None:
    parser = _command(commands, "show", "releases:show", _("show one release: state, history, files, publications"))
    _release(parser)
    _json(parser)


def _review(commands: Commands) -> None:
    parser = _command(
        commands,
        "review",
        "review:review",
        _("list what was found; decide what stays visible; declare it done"),
        acts=True,
    )
    _release(parser)
    parser.add_argument("--show", type=int, action="append", metavar=_("TRACK"), help=_("leave this track visible"))
    parser.add_argument(
        "--frame",
        type=int,
        metavar=_("NUMBER"),
        help=_("with --show: where you saw the subject (default: at its clearest)"),
    )
    parser.add_argument("--cover", type=int, action="append", metavar=_("TRACK"), help=_("cover this track"))
    parser.add_argument("--sound", choices=["mute", "keep"], help=_("mute the sound or keep it"))
    parser.add_argument("--style", metavar=_("STYLE"), help=_("how covered faces look: opaque or mosaic"))
    parser.add_argument(
        "--sheet", type=Path, metavar=_("FILE"), help=_("write a picture of all tracks (JPEG); is logged")
    )
    parser.add_argument(
        "--pictures", type=Path, metavar=_("FOLDER"), help=_("write pictures of the riskiest moments there; is logged")
    )
    parser.add_argument("--reason", default="", metavar=_("TEXT"), help=_("why; needed for a decision or a look"))
    parser.add_argument("--done", action="store_true", help=_("the review is done; make the covered video"))
    _json(parser)


def _edit(commands: Commands) -> None:
    parser = _command(
        commands, "edit", "edits:edit", _("list the edits of a review; add to them, take back, do again"), acts=True
    )
    _release(parser)
    parser.add_argument("--change", action="append", metavar="JSON", help=_("an edit, for instance {example}").format(
        example='{"kind": "split", "track": 3, "frame": 120}'
    ))  # fmt: skip
    parser.add_argument("--undo", action="store_true", help=_("take back your last edit"))
    parser.add_argument("--redo", action="store_true", help=_("do again what you took back"))
    parser.add_argument("--reason", default="", metavar=_("TEXT"), help=_("why"))
    _json(parser)


def _note(commands: Commands) -> None:
    parser = _command(
        commands,
        "note",
        "edits:note",
        _("list the notes of a release; write, answer, resolve or reopen one"),
        acts=True,
    )
    _release(parser)
    parser.add_argument("--frame", type=int, metavar="N", help=_("write a note at this frame, with --text"))
    parser.add_argument("--answer", type=int, metavar=_("NOTE"), help=_("answer this note, with --text"))
    parser.add_argument("--text", default="", metavar=_("TEXT"), help=_("what you write"))
    parser.add_argument("--resolve", type=int, metavar=_("NOTE"), help=_("it has been dealt with"))
    parser.add_argument("--reopen", type=int, metavar=_("NOTE"), help=_("it has not been dealt with after all"))
    _json(parser)


def _track_region(commands: Commands) -> None:
    parser = _command(
        commands,
        "track-region",
        "regions:track_region",
        _("have something covered that was not found: draw a box on a frame, it is followed from there"),
        acts=True,
    )
    parser.add_argument("target", metavar=_("RELEASE_OR_FILE"), help=_("a release in review, or a file with --out"))
    parser.add_argument(
        "--frame", type=int, action="append", default=[], metavar="N", help=_("frame, from 0; once for each --box")
    )
    parser.add_argument(
        "--box", action="append", default=[], metavar="X,Y,W,H", help=_("box around it on that frame, in pixels")
    )
    parser.add_argument("--first", type=int, metavar="N", help=_("cover from this frame on, no earlier"))
    parser.add_argument("--last", type=int, metavar="N", help=_("cover up to this frame, no later"))
    parser.add_argument(
        "--kind", choices=[k.value for k in SubjectKind], default=SubjectKind.FACE.value, help=_("what it is")
    )
    parser.add_argument("--out", type=Path, metavar=_("FILE"), help=_("add it to this plan for «vrijgave redact»"))
    parser.add_argument("--drop", type=int, metavar=_("REGION"), help=_("give up a region that is not followed yet"))
    parser.add_argument("--reason", default="", metavar=_("TEXT"), help=_("why"))
    _json(parser)


def _approve(commands: Commands) -> None:
    parser = _command(
        commands,
        "approve",
        "releases:approve",
        _("approve exactly the files that will go out, or send them back"),
        acts=True,
    )
    _release(parser)
    parser.add_argument(
        "--save", type=Path, metavar=_("FOLDER"), help=_("first write the files that will go out there")
    )
    parser.add_argument("--look", action="store_true", help=_("only look (with --save); decide nothing"))
    parser.add_argument("--send-back", action="store_true", help=_("ask for changes instead"))
    parser.add_argument("--reason", default="", metavar=_("TEXT"), help=_("what has to change"))
    _json(parser)


def _authorise(commands: Commands) -> None:
    parser = _command(
        commands, "authorise", "releases:authorise", _("record the permission to publish, or its refusal"), acts=True
    )
    _release(parser)
    parser.add_argument("--authoriser", required=True, metavar=_("NAME"), help=_("who gave or refused it"))
    parser.add_argument("--mandate", default="", metavar=_("TEXT"), help=_("on which mandate"))
    parser.add_argument("--requester", default="", metavar=_("NAME"), help=_("who asked for it (default: you)"))
    parser.add_argument("--zaaksofficier", default="", metavar=_("NAME"), help=_("prosecutor of the case"))
    parser.add_argument("--platform", action="append", choices=[p.value for p in Platform], help=_("platform allowed"))
    parser.add_argument(
        "--stage", choices=[s.value for s in PublicationStage], default=PublicationStage.RECOGNISABLE.value,
        help=_("how far publication may go"),
    )  # fmt: skip
    parser.add_argument(
        "--area", choices=[a.value for a in Area], default=Area.REGIONAL.value, help=_("how widely it may be seen")
    )
    parser.add_argument(
        "--medium", choices=[m.value for m in Medium], default=Medium.VIDEO.value, help=_("stills or video")
    )
    parser.add_argument("--lighter-means", default="", metavar=_("TEXT"), help=_("lighter means that were tried"))
    parser.add_argument("--proportionality", default="", metavar=_("TEXT"), help=_("why it is proportionate"))
    parser.add_argument(
        "--self-report-until", type=day, metavar=_("DATE"), help=_("term in which the suspect may report")
    )
    parser.add_argument("--end-date", type=day, metavar=_("DATE"), help=_("last day of publication"))
    parser.add_argument("--conditions", default="", metavar=_("TEXT"), help=_("conditions"))
    parser.add_argument("--refused", metavar=_("REASON"), help=_("it was refused, and why"))
    _json(parser)


def _publish(commands: Commands) -> None:
    parser = _command(commands, "publish", "releases:publish", _("order publication of an approved release"), acts=True)
    _release(parser)
    parser.add_argument("--check", action="store_true", help=_("only ask the platforms whether they take it"))
    _json(parser)


def _take_down(commands: Commands) -> None:
    parser = _command(
        commands,
        "take-down",
        "releases:take_down",
        _("order take-down everywhere, with proof that it is gone"),
        acts=True,
    )
    _release(parser)
    parser.add_argument("--reason", required=True, metavar=_("TEXT"), help=_("why, for instance: suspect identified"))
    _json(parser)


def _retry(commands: Commands) -> None:
    parser = _command(commands, "retry", "releases:retry", _("run the failed stage of a release again"), acts=True)
    _release(parser)
    _json(parser)


def _withdraw(commands: Commands) -> None:
    parser = _command(
        commands, "withdraw", "releases:withdraw", _("stop a release before anything is public"), acts=True
    )
    _release(parser)
    parser.add_argument("--reason", required=True, metavar=_("TEXT"), help=_("why"))
    _json(parser)


def _clock(commands: Commands) -> None:
    parser = _command(commands, "clock", "clock:show", _("when a release reached each moment; enter and correct times"))
    for kind in clock_options.add(_kinds(parser), _command, moment):
        _json(kind)


def _tip(commands: Commands) -> None:
    parser = _command(commands, "tip", "records:list_tips", _("record and judge tips from the public"))
    record_options.add_tip(_kinds(parser), _command, moment)


def _hold(commands: Commands) -> None:
    parser = _command(commands, "hold", "records:list_holds", _("let a release wait on purpose, or go on"))
    record_options.add_hold(_kinds(parser), _command)


def _lead_times(commands: Commands) -> None:
    parser = _command(
        commands, "lead-times", "reports:lead_times", _("how long it takes from incident to public, and where")
    )
    parser.add_argument("--csv", action="store_true", help=_("print CSV: a row for each release and stage"))
    _json(parser)
    kinds = _kinds(parser, required=False)
    anew = _("throw away what was worked out for the dashboard and work it out again")
    _json(_command(kinds, "rebuild", "reports:lead_times_rebuild", anew))
    _json(_command(kinds, "verify", "reports:lead_times_verify", _("compare it with the stage clock itself")))
    _json(export_options.add(kinds, _command, day))


def _report(commands: Commands) -> None:
    parser = _command(commands, "report", "paper:of_year", _("reports as PDF"))
    paper_options.add(_kinds(parser), _command)


def _redact(commands: Commands) -> None:
    parser = _command(
        commands, "redact", "files:redact", _("cover all faces and plates in one file; needs no database and no server")
    )
    parser.add_argument("source", type=Path, metavar=_("SOURCE"), help=_("camera footage; is never altered"))
    parser.add_argument("output", type=Path, metavar=_("OUTPUT"), help=_("the covered video (MP4)"))
    parser.add_argument(
        "--show", action="append", default=[], metavar="FRAME@X,Y",
        help=_("leave visible the one person or plate under that pixel, as long as it is surely the same"),
    )  # fmt: skip
    parser.add_argument("--plan", type=Path, metavar=_("FILE"), help=_("JSON with what to show, cover and hear"))
    parser.add_argument("--manifest", type=Path, metavar=_("FILE"), help=_("write down what was found and done (JSON)"))
    parser.add_argument("--style", metavar=_("STYLE"), help=_("how covered faces look: opaque or mosaic"))
    parser.add_argument("--review", type=Path, metavar=_("FILE"), help=_("write down where to look first (JSON)"))
    parser.add_argument("--overwrite", action="store_true", help=_("replace an existing output"))
    parser.add_argument(
        "--workers",
        type=positive,
        metavar="N",
        help=_("processes for long footage (default: VRIJGAVE_SEGMENT_WORKERS)"),
    )
    _json(parser)


def _inspect(commands: Commands) -> None:
    parser = _command(
        commands, "inspect", "files:inspect", _("show what a file says of itself, and what of it would leak")
    )
    parser.add_argument("file", type=Path, metavar=_("FILE"), help=_("camera footage"))
    _json(parser)


def _serve(commands: Commands) -> None:
    parser = _command(
        commands,
        "serve",
        "running:serve",
        _("run the service on this machine: server, worker, dispatcher, pages, practice platforms"),
    )
    parser.add_argument("--seconds", type=float, metavar="N", help=_("stop by itself after this time"))


def _web(commands: Commands) -> None:
    _command(commands, "web", "running:web", _("serve the pages alone, beside a service that runs elsewhere"))


def _dispatch(commands: Commands) -> None:
    _command(
        commands,
        "dispatch",
        "running:dispatch",
        _("start flows and repair lost ones, beside a Prefect server of your own"),
    )


def _demo(commands: Commands) -> None:
    parser = _command(
        commands, "demo", "running:demo", _("the whole way once, as three people, on the practice platforms")
    )
    parser.add_argument("--footage", type=Path, metavar=_("FILE"), help=_("your own footage instead of the made clip"))
    parser.add_argument("--folder", type=Path, metavar=_("FOLDER"), help=_("where to put it all (default: var/demo)"))
    year = parser.add_argument_group(_("a made-up year"))
    year.add_argument(
        "--history", action="store_true", help=_("instead, fill this empty installation with a made-up year")
    )
    year.add_argument("--seed", type=int, default=1, metavar="N", help=_("another number makes another year"))
    year.add_argument("--releases", type=positive, default=400, metavar="N", help=_("how many releases"))
    year.add_argument("--until", type=day, metavar=_("DATE"), help=_("the day before which it ends (default: today)"))
    year.add_argument("--truth", type=Path, metavar=_("FILE"), help=_("write down what is true of it (JSON)"))


def _doctor(commands: Commands) -> None:
    _json(
        _command(
            commands, "doctor", "running:doctor", _("check this installation; says what to do about what is wrong")
        )
    )


def _audit(commands: Commands) -> None:
    parser = _command(commands, "audit", "reports:audit_verify", _("the audit log"))
    actions = _kinds(parser)
    verify = _command(
        actions, "verify", "reports:audit_verify", _("prove that no entry was altered, removed or put in between")
    )
    _json(verify)


def _account(commands: Commands) -> None:
    parser = _command(commands, "account", "accounts:every", _("who may sign in to the pages"))
    actions = _kinds(parser)
    account_options.add(actions, _command)
    _json(_command(actions, "list", "accounts:every", _("all accounts")))


def loaded(run: str) -> Callable[[argparse.Namespace, Settings, Output], int]:
    """The function that ``run`` of a parsed command names."""
    function: Callable[[argparse.Namespace, Settings, Output], int] = pkgutil.resolve_name(f"{__package__}.{run}")
    return function


def positive(text: str) -> int:
    """A whole number from 1 on."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(_("choose a number from 1 on"))
    return value


def moment(text: str) -> datetime:
    """An ISO 8601 time with its zone."""
    value = datetime.fromisoformat(text)
    if value.tzinfo is None:
        raise argparse.ArgumentTypeError(_("a time needs its time zone, for instance 2026-03-01T22:15+01:00"))
    return value


def day(text: str) -> date:
    """An ISO 8601 date."""
    return date.fromisoformat(text)
