"""The look before publishing: every limit exceeded on each platform, the account, the costs, what cannot be done.

Nothing is sent and nothing is kept.
"""

from __future__ import annotations

from dataclasses import dataclass

from vrijgave.domain.posts import post_text
from vrijgave.domain.publications import Platform
from vrijgave.domain.releases import State
from vrijgave.errors import ActionRequired, Rejected, RetryLater
from vrijgave.i18n import Language, _
from vrijgave.publishing.costs import costs
from vrijgave.publishing.protocol import Bundle, Connected, Publisher
from vrijgave.services.context import Context
from vrijgave.services.publication import bundles


@dataclass(frozen=True, slots=True, kw_only=True)
class Preflight:
    """What is known of one platform before anything is sent there; all are sentences for a person."""

    platform: Platform
    account: str
    """What the platform calls the account; empty where there is none, or it was not reached."""
    problems: tuple[str, ...]
    """Each of them keeps the release from going out there."""
    warnings: tuple[str, ...]
    costs: tuple[str, ...]
    cannot: tuple[str, ...]


def preflight(context: Context, release_id: str) -> tuple[Preflight, ...]:
    """Look at every target of the release. Raises ``Rejected`` for one that is not approved."""
    with context.reading() as uow:
        release = uow.releases.get(release_id)
    if release.state is not State.APPROVED:
        raise Rejected("state", _("Only what is approved can be checked against the platforms."))
    with bundles(context, release_id, release.revision) as bundle_for:
        return tuple(_look(context, target, bundle_for(target)) for target in release.targets)


def demand(context: Context, release_id: str) -> None:
    """Raise ``Rejected`` with every problem on every platform. What is not approved is left to the order itself."""
    with context.reading() as uow:
        if uow.releases.get(release_id).state is not State.APPROVED:
            return
    found = [
        f"{each.platform.value}: {problem}" for each in preflight(context, release_id) for problem in each.problems
    ]
    if found:
        raise Rejected("limits", " ".join(found))


def _look(context: Context, platform: Platform, bundle: Bundle) -> Preflight:
    problems: list[str] = []
    warnings: list[str] = []
    account, cannot = "", _cannot(platform)
    try:
        publisher = context.publisher(platform)
        cannot = (*_unstaged(publisher), *cannot)
        problems += [violation.message for violation in publisher.check(bundle)]
        if isinstance(publisher, Connected):
            state = publisher.account()
            account = state.name
            warnings += state.warnings
    except RetryLater as error:
        warnings.append(
            _("The platform did not answer ({reason}); it is asked again before anything is sent.").format(reason=error)
        )
    except (ActionRequired, Rejected) as error:
        problems.append(str(error))
    return Preflight(
        platform=platform,
        account=account,
        problems=tuple(problems),
        warnings=tuple(warnings),
        costs=costs(platform, post_text(platform, bundle.text(Language.DUTCH))),
        cannot=cannot,
    )


def _unstaged(publisher: Publisher) -> tuple[str, ...]:
    return () if publisher.stages else (_("Cannot be made ready unseen: it is public as soon as it is sent."),)


def _cannot(platform: Platform) -> tuple[str, ...]:
    """What a take-down does not do there by itself."""
    match platform:
        case Platform.TIKTOK:
            return (_("Cannot be deleted by the service: at a take-down a person has to do it there."),)
        case Platform.INSTAGRAM:
            return (_("Instagram may refuse to delete; then a person has to do it there."),)
        case Platform.PEERTUBE | Platform.MASTODON:
            return (_("Copies on other servers may stay for a while after a take-down."),)
        case Platform.PRESS_KIT:
            return (_("What newsrooms have downloaded stays with them; they get a notice to remove it."),)
        case _:
            return ()
