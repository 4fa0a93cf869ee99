"""How times, sizes and names are said to people, on pages and on paper."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from vrijgave.domain.cases import FootageKind, Medium
from vrijgave.domain.clock import Milestone
from vrijgave.domain.holds import HoldReason
from vrijgave.domain.publications import Platform
from vrijgave.domain.tips import Attribution, Outcome, TipChannel, Usability
from vrijgave.i18n import _, current_language
from vrijgave.settings import Settings


def spoken(what: StrEnum) -> str:
    """The name of a value for a person."""
    if isinstance(what, Milestone):
        return _(what.value.replace("_", " "))
    return _(what.value).replace("_", " ")


def platform_name(platform: Platform) -> str:
    """What a platform is called."""
    match platform:
        case Platform.YOUTUBE:
            return "YouTube"
        case Platform.PEERTUBE:
            return "PeerTube"
        case Platform.MASTODON:
            return "Mastodon"
        case Platform.BLUESKY:
            return "Bluesky"
        case Platform.X:
            return "X"
        case Platform.FACEBOOK:
            return "Facebook"
        case Platform.FACEBOOK_REELS:
            return "Facebook Reels"
        case Platform.INSTAGRAM:
            return "Instagram"
        case Platform.TIKTOK:
            return "TikTok"
        case Platform.PRESS_KIT:
            return _("Press kit")


def age(span: timedelta) -> str:
    """A length of time in its two largest units."""
    minutes = max(0, int(span.total_seconds() // 60))
    days, hours = divmod(minutes // 60, 24)
    if days:
        return _("{days} d {hours} h").format(days=days, hours=hours)
    if hours:
        return _("{hours} h {minutes} min").format(hours=hours, minutes=minutes % 60)
    return _("{minutes} min").format(minutes=minutes)


def moment(at: datetime, settings: Settings) -> str:
    """A time on the clock of the force."""
    return at.astimezone(ZoneInfo(settings.time_zone)).strftime("%d-%m-%Y %H:%M")


def day(on: date) -> str:
    """A day in full, such as «2 March 2026»."""
    # Here and not above: the commands that only cover a file do not wait for it.
    from babel.dates import format_date

    return format_date(on, "d MMMM y", locale=current_language().value)


def short_day(on: date) -> str:
    """A day where there is little room, such as «2 Mar ’26»."""
    from babel.dates import format_date

    return format_date(on, "d MMM ’yy", locale=current_language().value)


def size(octets: int) -> str:
    """A file's size."""
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if octets >= factor:
            return f"{octets / factor:.1f} {unit}"
    return f"{octets} B"


def medium(chosen: Medium) -> str:
    """What is allowed to be shown."""
    return _("Moving images") if chosen is Medium.VIDEO else _("Stills only")


def footage_kind(kind: FootageKind) -> str:
    """What kind of camera it was."""
    match kind:
        case FootageKind.UNKNOWN:
            return _("unknown")
        case FootageKind.CCTV:
            return _("Fixed camera")
        case FootageKind.PHONE:
            return _("Telephone")
        case FootageKind.BODYCAM:
            return _("Bodycam")
        case FootageKind.DOORBELL:
            return _("Doorbell camera")
        case FootageKind.DASHCAM:
            return _("Dashcam")
        case FootageKind.OTHER:
            return _("Other camera")


def hold_reason(reason: HoldReason) -> str:
    """Why a release waits on purpose."""
    match reason:
        case HoldReason.INVESTIGATION:
            return _("In the interest of the investigation")
        case HoldReason.SELF_REPORT:
            return _("Term in which the suspect can report")
        case HoldReason.RELATIVES:
            return _("Victims or relatives are told first")
        case HoldReason.OTHER:
            return _("Another reason")


def tip_channel(channel: TipChannel) -> str:
    """How a tip came in."""
    match channel:
        case TipChannel.PHONE:
            return _("By telephone")
        case TipChannel.ANONYMOUS:
            return _("Meld Misdaad Anoniem")
        case TipChannel.FORM:
            return _("Tip form")
        case TipChannel.MAIL:
            return _("By mail")
        case TipChannel.PLATFORM:
            return _("Message on a platform")
        case TipChannel.DESK:
            return _("At the desk")
        case TipChannel.OTHER:
            return _("In another way")


def usability(found: Usability) -> str:
    """Whether the investigation can go on with a tip."""
    match found:
        case Usability.NOT_JUDGED:
            return _("Not judged yet")
        case Usability.USABLE:
            return _("Usable")
        case Usability.NOT_USABLE:
            return _("Not usable")


def outcome(what: Outcome) -> str:
    """What following a tip up brought."""
    match what:
        case Outcome.OPEN:
            return _("Not known yet")
        case Outcome.NOTHING:
            return _("Brought nothing")
        case Outcome.CONTRIBUTED:
            return _("Contributed to the investigation")
        case Outcome.IDENTIFIED:
            return _("Person identified")
        case Outcome.ARRESTED:
            return _("Person arrested")


def attribution(how_sure: Attribution) -> str:
    """How sure it is that the claimed medium brought a tip."""
    match how_sure:
        case Attribution.UNKNOWN:
            return _("unknown")
        case Attribution.WEAK:
            return _("weak")
        case Attribution.PLAUSIBLE:
            return _("plausible")
        case Attribution.STRONG:
            return _("strong")
