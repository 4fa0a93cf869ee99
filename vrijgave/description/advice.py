"""How well an appeal can be found and understood: advice with its reason, never a condition.

The figures are our own judgement, to be sharpened by what a force measures; limits of platforms are in ``limits``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from babel.dates import format_date

from vrijgave.domain.limits import LIMITS
from vrijgave.domain.posts import TAGGED, TITLED, hashtags_of
from vrijgave.domain.publications import Platform
from vrijgave.domain.texts import PublicContext, TextField, Texts
from vrijgave.i18n import _

TITLE_LENGTH = range(25, 71)
TAG_COUNT = range(5, 16)
HASHTAG_COUNT = range(1, 4)
SHORTEST_ALTERNATIVE = 80
LOUD = 5
"""Letters from which a word in capitals is no abbreviation."""
SHORTEST_WORD = 4
"""Letters of a word that says something: not «de», «in», «van»."""


class Standing(StrEnum):
    """How a piece of advice stands."""

    FOLLOWED = "followed"
    OPEN = "open"
    BY_HAND = "by_hand"
    """Only a person on the platform itself can do it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """One piece of advice. ``field``: the part that it is about; None: the video itself."""

    field: TextField | None
    standing: Standing
    what: str
    why: str
    how: str


def advise(platform: Platform, texts: Texts, facts: PublicContext) -> tuple[Advice, ...]:
    """All advice on the texts of one platform, in the order of the page. In the language of the reader."""
    return (
        *(_title(texts.title, facts) if platform in TITLED else ()),
        *_description(texts, facts),
        *(_tags(platform, texts.tags, facts) if platform in TAGGED else _hashtags(texts.tags)),
        *_alternative(texts.alternative_text),
        *_video(platform, facts),
    )


def _title(title: str, facts: PublicContext) -> Iterator[Advice]:
    yield _piece(
        TextField.TITLE,
        len(title) in TITLE_LENGTH,
        _("The title has {least} to {most} characters").format(least=TITLE_LENGTH[0], most=TITLE_LENGTH[-1]),
        _("Phones and lists of results cut long titles off; very short ones say too little."),
        _("Put the offence and the place first, and leave out what the description tells."),
    )
    yield _piece(
        TextField.TITLE,
        _names(title, facts.offence),
        _("The title names the offence"),
        _("People search by what happened."),
        _("Use a word of «{words}».").format(words=facts.offence),
    )
    yield _piece(
        TextField.TITLE,
        _names(title, _town(facts)),
        _("The title names the place"),
        _("Who lives there knows the people there, and searches by the name of the place."),
        _("Use «{words}».").format(words=_town(facts)),
    )
    yield _piece(
        TextField.TITLE,
        "!" not in title and not any(len(w) >= LOUD and w.isupper() for w in re.findall(r"[^\W\d_]+", title)),
        _("The title is calm"),
        _("Capitals and exclamation marks look like advertising, not like the police."),
        _("Write without words in capitals and without exclamation marks."),
    )


def _description(texts: Texts, facts: PublicContext) -> Iterator[Advice]:
    yield _piece(
        TextField.DESCRIPTION,
        _names(texts.description, _town(facts)),
        _("The description names the place"),
        _("Viewers want to know whether it was near them, and search engines read it."),
        _("Use «{words}».").format(words=_town(facts)),
    )
    if facts.incident_date is not None:
        yield _piece(
            TextField.DESCRIPTION,
            _tells(texts.description, facts.incident_date, texts.language),
            _("The description tells the date"),
            _("Viewers remember where they were on a day; without a date an old appeal looks new."),
            _("Write the day, for instance «{day}».").format(
                day=format_date(facts.incident_date, "d MMMM y", locale=texts.language)
            ),
        )
    yield _piece(
        TextField.DESCRIPTION,
        facts.police_phone in texts.description and facts.anonymous_phone in texts.description,
        _("The description tells how to give a tip"),
        _("Without a number people write what they know in the comments, where everybody reads it."),
        _("Name {phone}, and {anonymous} for those who want to stay anonymous.").format(
            phone=facts.police_phone, anonymous=facts.anonymous_phone
        ),
    )


def _hashtags(tags: tuple[str, ...]) -> Iterator[Advice]:
    yield _piece(
        TextField.TAGS,
        len(hashtags_of(tags)) in HASHTAG_COUNT,
        _("There are {least} to {most} hashtags").format(least=HASHTAG_COUNT[0], most=HASHTAG_COUNT[-1]),
        _("One or two help people to find the post; more look like advertising and take room from the question."),
        _("Take words that people follow: «police», «appeal for witnesses», the place."),
    )


def _tags(platform: Platform, tags: tuple[str, ...], facts: PublicContext) -> Iterator[Advice]:
    most = min(TAG_COUNT[-1], LIMITS[platform].tags_count)
    least = min(TAG_COUNT[0], most)
    yield _piece(
        TextField.TAGS,
        least <= len(tags) <= most,
        _("There are {least} to {most} tags").format(least=least, most=most),
        _("Tags help with other spellings and with related videos; many of them say nothing any more."),
        _("Take words that people search for: offence, place, «police», «appeal for witnesses»."),
    )
    together = " ".join(tags)
    yield _piece(
        TextField.TAGS,
        _names(together, _town(facts)) and _names(together, facts.offence),
        _("Place and offence are among the tags"),
        _("People search by them."),
        _("Add «{place}» and «{offence}».").format(place=_town(facts), offence=facts.offence),
    )


def _alternative(text: str) -> Iterator[Advice]:
    yield _piece(
        TextField.ALTERNATIVE_TEXT,
        len(text) >= SHORTEST_ALTERNATIVE,
        _("The alternative text tells what is to be seen"),
        _("Who cannot see the video has only this text; public bodies have to offer it."),
        _("Describe person, clothing, what happens and where, in at least {least} characters.").format(
            least=SHORTEST_ALTERNATIVE
        ),
    )


def _video(platform: Platform, facts: PublicContext) -> Iterator[Advice]:
    if platform is Platform.YOUTUBE:
        yield Advice(
            field=None,
            standing=Standing.FOLLOWED,
            what=_("The thumbnail shows the clearest moment"),
            why=_("It is what people see first; without it the platform picks a moment itself."),
            how=_("The service takes it from the covered video, where the person shown is clearest."),
        )
        yield Advice(
            field=None,
            standing=Standing.BY_HAND,
            what=_("Put the video in a playlist"),
            why=_("Who watches one appeal sees the next one beside it."),
            how=_("Add it to the playlist of your region on YouTube once it is public."),
        )
    if facts.silent:
        yield Advice(
            field=None,
            standing=Standing.FOLLOWED,
            what=_("No captions are needed"),
            why=_("The video has no sound; the alternative text says what is to be seen."),
            how=_("Keep the sentence in the description that says so."),
        )
    else:
        yield Advice(
            field=None,
            standing=Standing.BY_HAND,
            what=_("Add captions"),
            why=_("The video has sound: who does not hear needs captions, and public bodies have to offer them."),
            how=_("Write down what is said and add it as captions on the platform before you share the link."),
        )


def _piece(field: TextField, followed: bool, what: str, why: str, how: str) -> Advice:
    standing = Standing.FOLLOWED if followed else Standing.OPEN
    return Advice(field=field, standing=standing, what=what, why=why, how=how)


def _town(facts: PublicContext) -> str:
    """«Den Haag» of «Den Haag, Centrum»."""
    return facts.public_place.split(",")[0].strip()


def _names(text: str, words: str) -> bool:
    """Whether a word of ``words`` that says something stands in the text, also as part of a longer one."""
    wanted = [w for w in re.findall(r"\w+", words.casefold()) if len(w) >= SHORTEST_WORD] or [words.casefold()]
    return any(word in text.casefold() for word in wanted)


def _tells(text: str, day: date, language: str) -> bool:
    """Whether the text has the day, in words or figures."""
    words = format_date(day, "d MMMM", locale=language).casefold()
    figures = rf"(?<!\d)0?{day.day}[-/.]0?{day.month}(?!\d)|{day.isoformat()}"
    return words in text.casefold() or re.search(figures, text) is not None
