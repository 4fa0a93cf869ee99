"""The routes, a file for each subject. A new one needs a line here and its lines in ``permissions.RULES``."""

from vrijgave.web.routes import (
    accounts,
    api_description,
    api_hand_in,
    api_releases,
    api_review,
    board,
    hand_in,
    language,
    me,
    provider,
    releases,
    review,
    review_media,
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
    review.router,
    api_review.router,
    review_media.router,
    api_description.router,
    accounts.router,
    hand_in.router,
    uploads.router,
    api_hand_in.router,
)
