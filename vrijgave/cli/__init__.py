"""The command line: ``vrijgave --help``."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence

from pydantic import ValidationError

from vrijgave.cli.output import Output
from vrijgave.cli.parser import build_parser, loaded
from vrijgave.errors import VrijgaveError
from vrijgave.i18n import Language, _, set_process_language
from vrijgave.settings import Settings

UNEXPECTED = 1
BAD_USAGE = 2
INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code (``vrijgave --help`` lists what the codes mean)."""
    logging.basicConfig(
        level=os.environ.get("VRIJGAVE_LOG_LEVEL", "WARNING"), format="%(levelname)s %(name)s: %(message)s"
    )
    english = os.environ.get("VRIJGAVE_LANGUAGE", "").startswith("en")
    set_process_language(Language.ENGLISH if english else Language.DUTCH)
    try:
        settings = Settings()
    except ValidationError as error:
        return _say(_settings_error(error), BAD_USAGE)
    arguments = build_parser().parse_args(argv)
    output = Output(as_json=getattr(arguments, "json", False))
    try:
        return loaded(arguments.run)(arguments, settings, output)
    except VrijgaveError as error:
        return _say(str(error), error.exit_code)
    except KeyboardInterrupt:
        return _say(_("Stopped."), INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNEXPECTED
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        return _say(_("The system refused: {reason}{where}.").format(reason=error.strerror, where=where), UNEXPECTED)


def _say(message: str, code: int) -> int:
    sys.stderr.write(f"vrijgave: {message}\n")
    return code


def _settings_error(error: ValidationError) -> str:
    names = ", ".join(f"VRIJGAVE_{str(e['loc'][0]).upper()} ({e['msg']})" for e in error.errors())
    return _("These settings are not right: {names}.").format(names=names)
