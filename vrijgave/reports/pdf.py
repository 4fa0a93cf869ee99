"""From a report to a PDF: tagged for those who have it read aloud (PDF/UA), and without a way to the network."""

from __future__ import annotations

import logging
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from vrijgave.errors import ActionRequired
from vrijgave.i18n import _
from vrijgave.reports.document import Document

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "reports"
VARIANT = "pdf/ua-1"
OURS = "vrijgave:"
"""What every address in a report begins with."""
FONTS = ("SourceSansPro-Regular.ttf", "SourceSansPro-Semibold.ttf", "SourceSansPro-Bold.ttf")


def make_pdf(report: Document) -> bytes:
    """The report as PDF. Raises ``ActionRequired`` where the system lacks what sets the text."""
    weasyprint = _weasyprint()
    html = weasyprint.HTML(string=make_html(report), base_url=OURS, url_fetcher=_fetch)
    made: bytes = html.write_pdf(pdf_variant=VARIANT)
    return made


def make_html(report: Document) -> str:
    """The report as the page that is printed."""
    return _environment().get_template("report.html.j2").render(report=report)


@cache
def _environment() -> Environment:
    """Escapes everything, and knows no field that was not given."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["_"] = _
    return made


def _weasyprint() -> Any:
    """Here and not above: it loads Pango, which takes longer than most commands run."""
    try:
        import weasyprint
    except OSError as error:
        what = _("PDF reports need Pango; install the Debian packages libpango-1.0-0 and libpangoft2-1.0-0.")
        raise ActionRequired("administrator", what) from error
    logging.getLogger("fontTools").setLevel(logging.WARNING)  # tells what it leaves out of every font
    return weasyprint


def _files() -> dict[str, Path]:
    """Address -> file, for all that a report may ask for."""
    fonts = Path(str(files("font_source_sans_pro"))) / "files"
    return {f"{OURS}report.css": TEMPLATES / "report.css"} | {f"{OURS}{name}": fonts / name for name in FONTS}


def _fetch(url: str, **_options: object) -> Any:
    """Hands out the style and the fonts; whatever else is asked for is left out."""
    from weasyprint.urls import URLFetcherResponse

    path = _files().get(url)
    if path is None:
        raise ValueError("not a file of ours")
    kind = "text/css" if path.suffix == ".css" else "font/ttf"
    return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": kind})
