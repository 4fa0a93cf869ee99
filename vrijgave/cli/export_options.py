"""The options of ``vrijgave lead-times export``."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from vrijgave.domain.cases import FootageKind, PublicationStage
from vrijgave.domain.publications import Platform
from vrijgave.i18n import _
from vrijgave.leadtime.view import Hours


def add(
    kinds: Any, command: Callable[..., argparse.ArgumentParser], day: Callable[[str], date]
) -> argparse.ArgumentParser:
    """The sub-command, with the filters of the dashboard."""
    parser = command(
        kinds, "export", "export:export", _("the releases behind the lead times as a file, a row for each")
    )
    parser.add_argument("--format", choices=["csv", "parquet"], default="csv", help=_("how the file is written"))
    parser.add_argument("--out", type=Path, required=True, metavar=_("FILE"), help=_("write it there"))
    since, until = _("public, or else received, on this day or later"), _("public, or else received, by this day")
    parser.add_argument("--since", type=day, metavar=_("DATE"), help=since)
    parser.add_argument("--until", type=day, metavar=_("DATE"), help=until)
    parser.add_argument("--unit", metavar=_("TEXT"), help=_("only of this unit"))
    parser.add_argument("--platform", choices=[p.value for p in Platform], help=_("only on this platform"))
    parser.add_argument("--offence", metavar=_("TEXT"), help=_("only of this offence"))
    parser.add_argument("--footage", choices=[k.value for k in FootageKind], help=_("only of this kind of camera"))
    parser.add_argument("--stage", choices=[s.value for s in PublicationStage], help=_("only of this stage"))
    parser.add_argument(
        "--hours", choices=[h.value for h in Hours], default=Hours.ELAPSED.value, help=_("which hours count")
    )
    return parser
