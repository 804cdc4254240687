"""When it was said: the stamp that tells so in words, and the instant for servers that can backdate."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from bridge.posts import Post, Precision
from bridge.rendering.options import RenderOptions

if TYPE_CHECKING:
    from babel import Locale

_STAMPS = {
    "ar": "نُشر في الأصل على تويتر في {date}",
    "ca": "Publicat originalment a Twitter: {date}",
    "cs": "Původně zveřejněno {date} na Twitteru",
    "da": "Oprindeligt udgivet den {date} på Twitter",
    "de": "Ursprünglich am {date} auf Twitter veröffentlicht",
    "en": "Originally posted on {date} on Twitter",
    "es": "Publicado originalmente el {date} en Twitter",
    "eu": "Jatorriz Twitterren argitaratua: {date}",
    "fi": "Julkaistu alun perin {date} Twitterissä",
    "fr": "Publié à l’origine le {date} sur Twitter",
    "gl": "Publicado orixinalmente o {date} en Twitter",
    "he": "פורסם במקור בטוויטר: {date}",
    "hu": "Eredetileg a Twitteren jelent meg: {date}",
    "id": "Awalnya diterbitkan pada {date} di Twitter",
    "it": "Pubblicato originariamente il {date} su Twitter",
    "ja": "{date}にTwitterへ投稿",
    "ko": "{date} 트위터에 처음 게시됨",
    "nb": "Opprinnelig publisert {date} på Twitter",
    "nl": "Oorspronkelijk geplaatst op {date} op Twitter",
    "pl": "Pierwotnie opublikowano {date} na Twitterze",
    "pt": "Publicado originalmente em {date} no Twitter",
    "ro": "Publicat inițial pe {date} pe Twitter",
    "ru": "Впервые опубликовано в Твиттере: {date}",
    "sv": "Ursprungligen publicerat den {date} på Twitter",
    "tr": "İlk olarak {date} tarihinde Twitter’da yayımlandı",
    "uk": "Уперше опубліковано у Твіттері: {date}",
    "zh": "最初于{date}发布在 Twitter",
    "zh_Hant": "最初於{date}發佈在 Twitter",
}  # other languages, and posts of other networks, get the date in brackets
_SAME = {"no": "nb", "nn": "nb", "in": "id", "iw": "he"}

_FIRST_SNOWFLAKE = 29_700_859_247  # 4 Nov 2010; older ids are plain numbers in order (twitter-formats §6.1)
_TWITTER_EPOCH = 1_288_834_974_657  # milliseconds
_MS = timedelta(milliseconds=1)
_START = datetime(1970, 1, 1, tzinfo=UTC)
_HALF_DAY = 43_200_000  # milliseconds
_OFF = 20 * 2 * _HALF_DAY  # by how much a guess between two milestones is wrong, about
#: Older ids were given out in order. When some of them were: posts and marks that became known for it.
_MILESTONES = tuple(
    (number, (datetime(*day, tzinfo=UTC) - _START) // _MS)
    for number, day in (
        (20, (2006, 3, 21)),
        (55_281, (2006, 11, 2)),
        (44_240_662, (2007, 4, 29)),
        (223_115_412, (2007, 8, 23)),
        (786_571_964, (2008, 4, 10)),
        (992_176_676, (2008, 11, 5)),
        (1_121_915_133, (2009, 1, 15)),
        (2**31, (2009, 6, 12)),
        (2**32, (2009, 9, 22)),
        (10_000_000_000, (2010, 3, 5)),
        (20_000_000_000, (2010, 7, 31)),
        (_FIRST_SNOWFLAKE, (2010, 11, 4)),
    )
)


def stamp(post: Post, language: str | None, options: RenderOptions) -> str:
    """The sentence that dates a post, in the language of the reader or else of the post."""
    at = post.created_at
    if options.timezone is not None and post.precision is not Precision.DAY:
        at = at.astimezone(options.timezone)  # a bare day is a day, wherever one stands
    network = "twitter" if post.source.startswith("twitter:") else ""
    return _sentence(at.date(), options.locale or language or "en", network)


@lru_cache(maxsize=16_384)
def _sentence(day: date, tag: str, network: str) -> str:
    locale, sentence = _writing(tag)
    text: str = locale.date_formats["long"].apply(day, locale)
    if locale.language == "fr" and text.startswith("1 "):
        text = f"1er{text[1:]}"  # as every Frenchman writes it; CLDR knows no ordinals
    return sentence.format(date=text) if network and sentence else f"({text})"


@lru_cache(maxsize=256)
def _writing(tag: str) -> tuple[Locale, str | None]:
    """The locale that writes the date, and the sentence around it, if there is one in that language."""
    from babel import Locale, UnknownLocaleError  # not at start-up: it would take longer than all the rest

    name = tag.replace("_", "-")
    language = name.partition("-")[0].lower()
    name = _SAME.get(language, language) + name[len(language) :]
    if name.lower() == "en":
        name = "en-GB"  # 12 March 2014: no other order of day and month is understood everywhere
    for attempt in (name, name.partition("-")[0], "en-GB"):
        try:
            locale = Locale.parse(attempt, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
        traditional = locale.language == "zh" and (
            locale.script == "Hant" or locale.territory in {"TW", "HK", "MO"}
        )
        return locale, _STAMPS.get("zh_Hant" if traditional else locale.language)
    raise AssertionError("Babel knows British English")


def instant(post: Post, part: int) -> datetime:
    """When a backdated part is said to have been posted: each status of an account at its own millisecond.

    A server that backdates makes the id from the instant (GoToSocial), and recovery finds a status by it.
    Where a source lost the milliseconds, or the hour, they are made from the id: that keeps a day in order.
    """
    at = post.created_at.astimezone(UTC)
    if post.id.isascii() and post.id.isdigit() and post.source.startswith("twitter:"):
        at = _refined(at, int(post.id), post.precision)
    return at + timedelta(milliseconds=part - 1)


def _refined(at: datetime, number: int, precision: Precision) -> datetime:
    if number >= _FIRST_SNOWFLAKE:
        born = _START + timedelta(milliseconds=(number >> 22) + _TWITTER_EPOCH)
        return born if abs(born - at) <= timedelta(seconds=2) or precision is Precision.DAY else at
    if precision is Precision.DAY:
        return at + timedelta(milliseconds=_within_the_day((at - _START) // _MS, number))
    return at + timedelta(milliseconds=number % 1000) if precision is Precision.SECOND else at


def _within_the_day(midnight: int, number: int) -> int:
    """The millisecond of the day for an id of which nobody knows the hour: it grows with the id, for ever.

    The id tells roughly when it was given out, months off at worst. How long before or after noon that was is
    squeezed into the day, the less the nearer it is: no id falls out of it, and none begins anew. Only ids
    that were given out within a tenth of a second of each other fall together: by one account, none.
    """
    from_noon = _guessed(number) - (midnight + _HALF_DAY)
    return _HALF_DAY + (_HALF_DAY - 1) * from_noon // (_OFF + abs(from_noon))


def _guessed(number: int) -> int:
    """About when an old id was given out, in milliseconds since the epoch: on a line between milestones."""
    at = min(max(bisect_right(_MILESTONES, (number, 0)), 1), len(_MILESTONES) - 1)
    (earlier, began), (later, ended) = _MILESTONES[at - 1 : at + 1]
    return began + (number - earlier) * (ended - began) // (later - earlier)
