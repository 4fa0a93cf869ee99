"""The routes, a file for each subject. A new one needs a line here and its lines in ``permissions.RULES``."""

from vrijgave.web.routes import (
    accounts,
    api_releases,
    api_watched,
    approve,
    board,
    language,
    me,
    permission,
    provider,
    releases,
    sign_in,
)

ROUTERS = (
    sign_in.router,
    provider.router,
    me.router,
    language.router,
    board.router,
    releases.router,
    api_releases.router,
    approve.router,
    api_watched.router,
    permission.router,
    accounts.router,
)
