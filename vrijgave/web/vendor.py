"""The front-end packages: npm fetches them as ``package-lock.json`` says, this module lays their files beside ours.

``python -m vrijgave.web.vendor FOLDER`` copies from the ``node_modules`` in FOLDER; ``make pages`` does both.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
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


def check() -> None:
    """Raise ``ActionRequired`` when a file is missing."""
    missing = [name for name in (*SCRIPTS, *FONTS) if not (VENDOR / name).is_file()]
    if missing:
        raise ActionRequired(
            "administrator",
            _("The pages lack {names}; run «make pages», or install the packaged version.").format(
                names=", ".join(missing)
            ),
        )


if __name__ == "__main__":
    copy(Path(sys.argv[1]))
