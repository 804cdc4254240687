"""Turns entries into tweet objects in the dialect of 2022 and later: numbers are strings, text is escaped.

Facts: field order, units of indices, ids and edit records follow what real archives of that time hold.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.sample.script import Entry

OWNER_ID, HANDLE, NAME = "132087457", "MuseePasserelle", "Musée de la Passerelle"
OLD_HANDLE, RENAMED = "MuseeDuPont", datetime(2014, 2, 3, 9, 58, tzinfo=UTC)
TWITTER_EPOCH = 1288834974657  # ms; ids before 4 November 2010 are sequential
SNOWFLAKES = datetime(2010, 11, 4, 22, tzinfo=UTC)
AMPERSANDS = datetime(2012, 3, 8, tzinfo=UTC)  # bare `&` until then
CLIENTS = {
    "web": ("http://twitter.com", "Twitter Web Client"),
    "app": ("https://mobile.twitter.com", "Twitter Web App"),
    "iphone": ("http://twitter.com/download/iphone", "Twitter for iPhone"),
}
NAMES = {
    "libdeuxrives": "Librairie des Deux Rives", "HollowFerryClub": "Hollow Ferry Rowing Club",
    "atelierpontnoir": "Atelier du Pont Noir", "ArchValSonnant": "Archives du Val-Sonnant",
    "zoe_marelle": "Zoé Marelle", "fanfaredugue": "La Fanfare du Gué", "benoit_traverse": "Benoît Traverse",
    "guelibre_asso": "Gué Libre", "pontschansons": "Ponts & chansons", "smallmusguild": "Small Museums Guild",
    "VilleDeSonnant": "Ville de Sonnant", "pontonnier_am": "Pontonnier amateur",
}  # fmt: skip
LAST_KEYS = {"in_reply_to_screen_name", "in_reply_to_user_id_str"}
TOKEN = re.compile(r"\{([^}]*)\}|(?<!\w)@(\w+)|(?<!\w)#(\w*[^\W\d]\w*)")


def word(
    *of: object,
    length: int = 10,
    alphabet: str = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ0123456789",
) -> str:
    """A name that looks random and never changes."""
    number = int.from_bytes(hashlib.sha256(repr(of).encode()).digest(), "big")
    letters = []
    for _ in range(length):
        number, rest = divmod(number, len(alphabet))
        letters.append(alphabet[rest])
    return "".join(letters)


def user_id(handle: str) -> str:
    return (
        OWNER_ID
        if handle in {HANDLE, OLD_HANDLE}
        else str(20_000_000 + int(word(handle, length=8, alphabet="123456789")))
    )


def moment(entry: Entry) -> datetime:
    """The minute of the script with seconds and milliseconds added, the same every time."""
    return entry.at + timedelta(milliseconds=random.Random(entry.number).randrange(60_000))


def snowflake(at: datetime, low: int) -> str:
    return str(((round(at.timestamp() * 1000) - TWITTER_EPOCH) << 22) | low)


def tweet_id(entry: Entry) -> str:
    at = moment(entry)
    if at >= SNOWFLAKES:
        return snowflake(at, random.Random(~entry.number).randrange(1 << 22))
    days = (at - datetime(2010, 1, 1, tzinfo=UTC)) / timedelta(days=1)
    return str(round(7_200_000_000 + days * 73_000_000))


def classic(at: datetime) -> str:
    return at.strftime("%a %b %d %H:%M:%S +0000 %Y")


@dataclass(slots=True)
class Writer:
    """Builds the escaped text of one tweet and its entities, whose indices are code points of that text."""

    bare_ampersands: bool
    text: str = ""
    entities: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {"hashtags": [], "symbols": [], "user_mentions": [], "urls": []}
    )

    def say(self, plain: str) -> None:
        escaped = plain if self.bare_ampersands else plain.replace("&", "&amp;")
        self.text += escaped.replace("<", "&lt;").replace(">", "&gt;")

    def put(self, literal: str) -> list[str]:
        start = len(self.text)
        self.text += literal
        return [str(start), str(len(self.text))]

    def mention(self, handle: str) -> None:
        name = NAME if user_id(handle) == OWNER_ID else NAMES[handle]
        self.entities["user_mentions"].append(
            {
                "name": name,
                "screen_name": handle,
                "indices": self.put(f"@{handle}"),
                "id_str": user_id(handle),
                "id": user_id(handle),
            }
        )

    def hashtag(self, tag: str) -> None:
        self.entities["hashtags"].append({"text": tag, "indices": self.put(f"#{tag}")})

    def link(self, short: str, target: str) -> None:
        shown = re.sub(r"https?://(www\.)?", "", target)
        shown = shown if len(shown) <= 26 else shown[:26] + "…"
        self.entities["urls"].append(
            {"url": short, "expanded_url": target, "display_url": shown, "indices": self.put(short)}
        )


class Museum:
    """All entries together: ids by key, edit chains, addresses of own and foreign posts."""

    def __init__(self, script: Sequence[Entry]) -> None:
        self.script = script
        self.ids = {entry.key: tweet_id(entry) for entry in script if "edit" not in entry.facts}
        self.chains: dict[str, list[str]] = {}
        for entry in script:
            chain = entry.facts.get("edit", entry.key)
            self.chains.setdefault(chain, []).append(tweet_id(entry))

    def address(self, handle: str, post_id: str, at: datetime) -> str:
        if at >= datetime(2023, 8, 1, tzinfo=UTC):
            return f"https://x.com/{handle}/status/{post_id}"
        return f"https://twitter.com/{handle}/status/{post_id}" + ("?s=20" if at.year >= 2019 else "")

    def target(self, entry: Entry, token: str) -> str:
        if token.startswith(">"):
            handle = OLD_HANDLE if entry.at.year == 2014 else HANDLE
            return self.address(handle, self.ids[token[1:]], entry.at)
        if token == "quote":
            handle = entry.facts["quote"].removeprefix("@")
            return self.address(handle, foreign(entry), entry.at)
        return token

    def write(self, entry: Entry, text: str, media_link: str | None) -> Writer:
        writer, done = Writer(entry.at < AMPERSANDS), 0
        for match in TOKEN.finditer(text):
            writer.say(text[done : match.start()])
            done = match.end()
            token, handle, tag = match.groups()
            if token == "media":
                writer.put(str(media_link))
            elif token is not None:
                writer.link(f"https://t.co/{word(entry.number, token)}", self.target(entry, token))
            elif handle:
                writer.mention(handle)
            else:
                writer.hashtag(tag)
        writer.say(text[done:])
        if media_link and "{media}" not in text:
            writer.put((" " if writer.text else "") + media_link)
        return writer

    def edit_info(self, entry: Entry) -> dict[str, Any]:
        chain = self.chains[entry.facts.get("edit", entry.key)]
        until = moment(entry) + timedelta(hours=1)
        control = {
            "editTweetIds": chain,
            "editableUntil": until.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "editsRemaining": str(6 - len(chain)),
            "isEditEligible": not {"re", "reply"} & entry.facts.keys(),
        }
        if "edit" in entry.facts:
            return {"edit": {"initialTweetId": chain[0], "editControlInitial": control}}
        return {"initial": control}

    def answered(self, entry: Entry) -> dict[str, str]:
        """The in_reply_to fields; an account that is gone has no name any more."""
        if parent := entry.facts.get("re"):
            post = (
                snowflake(entry.at - timedelta(hours=2), 77) if parent == "gone" else self.chains[parent][-1]
            )
            handle = HANDLE
        elif "reply" in entry.facts:
            post, handle = foreign(entry), entry.facts["reply"].removeprefix("@")
        else:
            return {}
        fields = {
            "in_reply_to_status_id_str": post,
            "in_reply_to_user_id": user_id(handle),
            "in_reply_to_status_id": post,
        }
        if handle != "pontschansons":
            fields["in_reply_to_screen_name"] = handle
        return fields | {"in_reply_to_user_id_str": user_id(handle)}


def foreign(entry: Entry) -> str:
    """Id of somebody else's post, an hour and a half older than the entry."""
    at = max(entry.at - timedelta(minutes=90), SNOWFLAKES - timedelta(days=400))
    if at < SNOWFLAKES:
        return str(int(tweet_id(entry)) - 4_000_000)
    return snowflake(at, 4242)


def tweet(
    museum: Museum, entry: Entry, media: Sequence[dict[str, Any]], text: str | None = None
) -> dict[str, Any]:
    """The object below `"tweet"`, with keys in the order that archives of 2024 have."""
    link = media[0]["url"] if media else None
    writer = museum.write(entry, entry.text if text is None else text, link)
    post_id, at = tweet_id(entry), moment(entry)
    attached = place(media, writer.text)
    href, client = CLIENTS[entry.facts.get("client", "web" if at.year < 2019 else "app")]
    entities: dict[str, Any] = dict(writer.entities)
    if attached:
        poster = {k: v for k, v in attached[0].items() if k not in {"video_info"}} | {"type": "photo"}
        entities["media"] = [poster]
    linked = bool(entities["urls"] or attached)
    return {
        "edit_info": museum.edit_info(entry),
        "retweeted": False,
        "source": f'<a href="{href}" rel="nofollow">{client}</a>',
        "entities": entities,
        "display_text_range": ["0", str(len(writer.text))],
        "favorite_count": entry.facts.get("likes", "1"),
        **{k: v for k, v in museum.answered(entry).items() if k.endswith("status_id_str")},
        "id_str": post_id,
        **{k: v for k, v in museum.answered(entry).items() if k == "in_reply_to_user_id"},
        "truncated": False,
        "retweet_count": entry.facts.get("rts", "0"),
        "id": post_id,
        **{k: v for k, v in museum.answered(entry).items() if k == "in_reply_to_status_id"},
        **({"possibly_sensitive": "sensitive" in entry.facts} if linked else {}),
        "created_at": classic(at),
        "favorited": False,
        "full_text": writer.text,
        "lang": entry.language,
        **{k: v for k, v in museum.answered(entry).items() if k in LAST_KEYS},
        **({"extended_entities": {"media": attached}} if attached else {}),
    }  # fmt: skip


def place(media: Sequence[dict[str, Any]], text: str) -> list[dict[str, Any]]:
    """All media of a tweet share one link; they carry its place in the text."""
    if not media:
        return []
    start = text.index(media[0]["url"])
    indices = [str(start), str(start + len(media[0]["url"]))]
    return [item | {"indices": indices} for item in media]
