"""``python -m vrijgave.web``: serve the pages of the installation that the settings describe."""

from __future__ import annotations

import sys
from threading import Thread

import uvicorn

from vrijgave.bootstrap import build
from vrijgave.errors import VrijgaveError
from vrijgave.services.dashboard import warm
from vrijgave.settings import Settings
from vrijgave.web.app import create_app


def main() -> int:
    """Serve until told to stop; returns the exit code."""
    settings = Settings()
    try:
        context = build(settings)
        app = create_app(context)
    except VrijgaveError as error:
        sys.stderr.write(f"vrijgave: {error}\n")
        return error.exit_code
    Thread(target=warm, args=(context,), name="figures", daemon=True).start()
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.web_port,
        proxy_headers=bool(settings.web_trusted_proxies),
        forwarded_allow_ips=settings.web_trusted_proxies,
        server_header=False,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=2,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
