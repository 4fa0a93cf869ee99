"""The front-end packages, from ``node_modules`` as ``package-lock.json`` says and from Python's, beside our own files.

``python -m vrijgave.web.vendor FOLDER`` copies from the ``node_modules`` in FOLDER; ``make pages`` does both.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

import font_source_sans_pro

from vrijgave.errors import ActionRequired
from vrijgave.i18n import _

VENDOR = Path(__file__).resolve().parent / "static" / "vendor"
SCRIPTS: Mapping[str, str] = MappingProxyType(
    {
        "htmx.js": "htmx.org/dist/htmx.min.js",
        "htmx-ext-sse.js": "htmx-ext-sse/dist/sse.min.js",
        "konva.js": "konva/konva.min.js",
        "tus.js": "tus-js-client/dist/tus.min.js",
    }
)
"""Our name -> file in ``node_modules``."""
PLOTLY = "plotly.js"
"""From Python's package; it comes under the MIT licence, which its first lines say."""
FONTS = ("SourceSansPro-Regular.ttf", "SourceSansPro-Semibold.ttf", "SourceSansPro-Bold.ttf")


def copy(folder: Path) -> None:
    """Lay all files in place; what was there before is gone."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    VENDOR.mkdir(parents=True)
    for name, source in SCRIPTS.items():
        shutil.copyfile(folder / "node_modules" / source, VENDOR / name)
    fonts = Path(font_source_sans_pro.__file__).parent / "files"
    for name in FONTS:
        shutil.copyfile(fonts / name, VENDOR / name)
    shutil.copyfile(str(files("plotly") / "package_data" / "plotly.min.js"), VENDOR / PLOTLY)


def check() -> None:
    """Raise ``ActionRequired`` when a file is missing."""
    missing = [name for name in (*SCRIPTS, PLOTLY, *FONTS) if not (VENDOR / name).is_file()]
    if missing:
        raise ActionRequired(
            "administrator",
            _("The pages lack {names}; run «make pages», or install the packaged version.").format(
                names=", ".join(missing)
            ),
        )


if __name__ == "__main__":
    copy(Path(sys.argv[1]))
