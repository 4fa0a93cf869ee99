"""``python -m vrijgave.practice``: the practice platforms as a service of this machine."""

from __future__ import annotations

import argparse
from contextlib import suppress
from pathlib import Path

from vrijgave.i18n import _
from vrijgave.practice.server import run


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(prog="python -m vrijgave.practice", description=_("The practice platforms."))
    parser.add_argument("--host", default="127.0.0.1", help=_("address to listen on"))
    parser.add_argument("--port", type=int, default=4210, help=_("port to listen on"))
    parser.add_argument("--state", type=Path, required=True, help=_("folder for uploads and state"))
    arguments = parser.parse_args()
    with suppress(KeyboardInterrupt):  # how a terminal and the supervisor ask it to stop
        run(arguments.host, arguments.port, arguments.state)


if __name__ == "__main__":
    main()
