"""How commands speak: tables and sentences for people, JSON for scripts, progress only on a terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from vrijgave.media import Progress as ReportProgress


class Output:
    """Standard output of one command."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        wide = None if sys.stdout.isatty() else 160
        self.console = Console(highlight=False, soft_wrap=True, width=wide)
        self.errors = Console(stderr=True, highlight=False)

    def say(self, text: str) -> None:
        """One line for a person; nothing when JSON is asked for."""
        if not self.as_json:
            self.console.print(escape(text))

    def data(self, value: Any) -> None:
        """JSON, when it is asked for."""
        if self.as_json:
            sys.stdout.write(json.dumps(value, default=_plain, ensure_ascii=False, indent=1) + "\n")

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A table for a person; nothing when JSON is asked for."""
        if self.as_json:
            return
        table = Table(title=escape(title), title_justify="left", header_style="bold")
        for column in columns:
            table.add_column(escape(column), overflow="fold")
        for row in rows:
            table.add_row(*(escape(cell) for cell in row))
        self.console.print(table)

    @contextmanager
    def progress(self, what: str) -> Iterator[ReportProgress]:
        """A bar on standard error when that is a terminal, else nothing."""
        if not self.errors.is_terminal or self.as_json:
            yield lambda _done, _total: None
            return
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=self.errors, transient=True) as bar:
            task = bar.add_task(what, total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (frozenset, set)):
        return sorted(value)
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
