"""The routes, a file for each subject. A new one needs a line here and its lines in ``permissions.RULES``."""

from vrijgave.web.routes import (
    accounts,
    api_releases,
    board,
    language,
    me,
    provider,
    publication,
    releases,
    sign_in,
    texts,
)

ROUTERS = (
    sign_in.router,
    provider.router,
    me.router,
    language.router,
    board.router,
    releases.router,
    api_releases.router,
    texts.router,
    publication.router,
    accounts.router,
)
