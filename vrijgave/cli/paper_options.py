"""The options of ``vrijgave report``."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from vrijgave.i18n import _


def add(reports: Any, command: Callable[..., argparse.ArgumentParser]) -> None:
    """A sub-command for each report."""
    month = command(reports, "monthly", "paper:of_month", _("the lead times of a month that is over, as PDF"))
    month.add_argument("--month", metavar=_("MONTH"), help=_("such as 2026-10 (default: the one before this)"))
    _output(month)
    release = command(reports, "release", "paper:of_release", _("the account of one publication, as PDF"), acts=True)
    release.add_argument("release", metavar=_("RELEASE"), help=_("id of the release, or its first characters"))
    _output(release)
    year = command(reports, "year", "paper:of_year", _("the account of a year, as PDF"))
    year.add_argument("--year", type=int, metavar=_("YEAR"), help=_("which year (default: this one)"))
    _output(year)


def _output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--output", type=Path, required=True, metavar=_("FILE"), help=_("write the PDF there"))
