"""The routes, a file for each subject. A new one needs a line here and its lines in ``permissions.RULES``."""

from vrijgave.web.routes import (
    accounts,
    api_hand_in,
    api_releases,
    board,
    hand_in,
    language,
    me,
    provider,
    releases,
    sign_in,
    uploads,
)

ROUTERS = (
    sign_in.router,
    provider.router,
    me.router,
    language.router,
    board.router,
    releases.router,
    api_releases.router,
    accounts.router,
    hand_in.router,
    uploads.router,
    api_hand_in.router,
)
