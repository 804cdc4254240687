"""Invented posts in quantity, with kinds, entities and lengths in the shares that real accounts have."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

OWNER, HANDLE = "4815162342", "figures_account"
EPOCH_MS = 1288834974657
START = datetime(2012, 5, 1, tzinfo=UTC)
YEARS = timedelta(days=4400)
TALK = """the bridge opens at noon and nobody knows who holds the key today une lampe deux barques la rivière
monte doucement pendant que le musée ferme ses portes un enfant compte les planches again until evening comes
with rain light paper rope ink stone l’été arrive «enfin» café naïve jardin Straße mañana 東京 🌉 ⛵️"""
WORDS = tuple(TALK.split())
PEOPLE = ("ferry_club", "old_library", "the_archivist", "pont_noir", "lighthouse7", "riverwatch")
LANGUAGES = ("fr", "fr", "en", "en", "en", "de", "und")
SITES = ("example.org/reports", "museum.example/events", "library.example/item")

TWEET = """
  {{
    "tweet" : {{
      "edit_info" : {{
        "initial" : {{
          "editTweetIds" : [
            "{id}"
          ],
          "editableUntil" : "{until}",
          "editsRemaining" : "5",
          "isEditEligible" : true
        }}
      }},
      "retweeted" : false,
      "source" : "<a href=\\"https://mobile.twitter.com\\" rel=\\"nofollow\\">Twitter Web App</a>",
      "entities" : {{
        "hashtags" : {hashtags},
        "symbols" : [ ],
        "user_mentions" : {mentions},
        "urls" : {urls}{media}
      }},
      "display_text_range" : [
        "0",
        "{length}"
      ],
      "favorite_count" : "{likes}",{reply_1}
      "id_str" : "{id}",{reply_2}
      "truncated" : false,
      "retweet_count" : "{retweets}",
      "id" : "{id}",{reply_3}{sensitive}
      "created_at" : "{created}",
      "favorited" : false,
      "full_text" : "{text}",
      "lang" : "{lang}"{reply_4}{extended}
    }}
  }}"""
URL = """
          {{
            "url" : "{url}",
            "expanded_url" : "{expanded}",
            "display_url" : "{shown}",
            "indices" : [
              "{start}",
              "{end}"
            ]
          }}"""
MENTION = """
          {{
            "name" : "{name}",
            "screen_name" : "{name}",
            "indices" : [
              "{start}",
              "{end}"
            ],
            "id_str" : "{id}",
            "id" : "{id}"
          }}"""
HASHTAG = """
          {{
            "text" : "{tag}",
            "indices" : [
              "{start}",
              "{end}"
            ]
          }}"""
MEDIA = """
          {{
            "expanded_url" : "https://twitter.com/{handle}/status/{id}/photo/1",
            "indices" : [
              "{start}",
              "{end}"
            ],
            "url" : "{url}",
            "media_url" : "http://pbs.twimg.com/media/{name}.jpg",
            "id_str" : "{media}",
            "id" : "{media}",
            "media_url_https" : "https://pbs.twimg.com/media/{name}.jpg",
            "sizes" : {{
              "large" : {{
                "w" : "1200",
                "h" : "900",
                "resize" : "fit"
              }},
              "thumb" : {{
                "w" : "150",
                "h" : "150",
                "resize" : "crop"
              }},
              "medium" : {{
                "w" : "1200",
                "h" : "900",
                "resize" : "fit"
              }},
              "small" : {{
                "w" : "680",
                "h" : "510",
                "resize" : "fit"
              }}
            }},
            "type" : "photo",
            "display_url" : "pic.twitter.com/{name}"
          }}"""
EXTENDED = """,
      "extended_entities" : {{
        "media" : {}
      }}"""
NOTE = """
  {{
    "noteTweet" : {{
      "noteTweetId" : "{id}",
      "updatedAt" : "{at}",
      "lifecycle" : {{
        "value" : "1",
        "name" : "Active",
        "originalName" : "Active",
        "annotations" : {{ }}
      }},
      "createdAt" : "{at}",
      "core" : {{
        "styletags" : [ ],
        "urls" : [ ],
        "text" : "{text}",
        "mentions" : [ ],
        "cashtags" : [ ],
        "hashtags" : [ ]
      }}
    }}
  }}"""


HEADER = """
  {{
    "tweet" : {{
      "tweet_id" : "{id}",
      "user_id" : "{owner}",
      "created_at" : "{at}"
    }}
  }}"""


def listed(items: list[str]) -> str:
    return f"[{','.join(items)}\n        ]" if items else "[ ]"


class Tweets:
    """`newest_first` yields the records and fills `notes` and `files` on its way."""

    def __init__(self, count: int, chance: random.Random, *, plain: bool) -> None:
        self._count, self._chance, self._plain = count, chance, plain
        self.notes: list[str] = []
        self.files: list[str] = []

    def newest_first(self) -> Iterator[str]:
        for index in range(self._count - 1, -1, -1):
            yield self._record(index)

    def headers(self) -> Iterator[str]:
        """Every archive since October 2022 has them: an id and a date for each tweet."""
        for index in reversed(range(self._count)):
            at = self._at(index).strftime("%a %b %d %H:%M:%S +0000 %Y")
            yield HEADER.format(id=self._id(index), owner=OWNER, at=at)

    def _at(self, index: int) -> datetime:
        return START + YEARS * (index / self._count)

    def _id(self, index: int) -> str:
        return str(((round(self._at(index).timestamp() * 1000) - EPOCH_MS) << 22) | (index & 0xFFFFF))

    def _code(self) -> str:
        return f"{self._chance.getrandbits(50):010x}"[-10:]

    def _record(self, index: int) -> str:
        """One post: 8 % retweets, 12 % answers to others, 15 % threads, 14 % with media, 35 % with a link."""
        chance, post_id, at = self._chance, self._id(index), self._at(index)
        lot = 0.5 if self._plain else chance.random()
        text, hashtags, mentions, urls, media = "", [], [], [], ""
        if lot < 0.2:
            name = chance.choice(PEOPLE)
            text = f"RT @{name}" if lot < 0.08 else f"@{name}"
            where = {"start": len(text) - len(name) - 1, "end": len(text)}
            mentions.append(MENTION.format(name=name, id=20_000_000 + len(name), **where))
            text += ": " if lot < 0.08 else " "
        text += " ".join(chance.choices(WORDS, k=chance.randrange(8, 32)))
        if chance.random() < 0.1:
            text += " tea &amp; rope"
        if chance.random() < 0.2:
            hashtags.append(HASHTAG.format(tag="bridges", start=len(text) + 1, end=len(text) + 9))
            text += " #bridges"
        if chance.random() < 0.35:
            url, page = f"https://t.co/{self._code()}", f"{chance.choice(SITES)}/{index}?utm_source=twitter"
            where = {"start": len(text) + 1, "end": len(text) + 1 + len(url)}
            urls.append(URL.format(url=url, expanded=f"https://{page}", shown=page[:26] + "…", **where))
            text += " " + url
        if not self._plain and chance.random() < 0.14:
            url, name = f"https://t.co/{self._code()}", f"F{self._code()}xYz1"
            where = {"start": len(text) + 1, "end": len(text) + 1 + len(url)}
            media = MEDIA.format(
                handle=HANDLE, id=post_id, url=url, name=name, media=int(post_id) - 9, **where
            )
            self.files.append(f"{post_id}-{name}.jpg")
            text += " " + url
        if not self._plain and not mentions and chance.random() < 0.005:
            self._note(index, at, text)
        return TWEET.format(
            id=post_id,
            until=(at + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            created=at.strftime("%a %b %d %H:%M:%S +0000 %Y"),
            hashtags=listed(hashtags),
            mentions=listed(mentions),
            urls=listed(urls),
            media=f',\n        "media" : {listed([media])}' if media else "",
            extended=f',\n      "extended_entities" : {{\n        "media" : {listed([media])}\n      }}'
            if media
            else "",
            length=len(text),
            likes=0 if lot < 0.08 else chance.randrange(30),
            retweets=chance.randrange(5),
            sensitive='\n      "possibly_sensitive" : false,' if urls or media else "",
            text=text,
            lang=chance.choice(LANGUAGES),
            **self._reply(index, lot),
        )

    def _reply(self, index: int, lot: float) -> dict[str, str]:
        """The four places where the fields of an answer stand: to a stranger, or to the post before."""
        if 0.08 <= lot < 0.2:
            post, user, name = str(int(self._id(index)) - (1 << 30)), "20000009", "old_library"
        elif (0.2 <= lot < 0.35 or (self._plain and index % 5 == 0)) and index:
            post, user, name = self._id(index - 1), OWNER, HANDLE
        else:
            return dict.fromkeys(("reply_1", "reply_2", "reply_3", "reply_4"), "")
        return {
            "reply_1": f'\n      "in_reply_to_status_id_str" : "{post}",',
            "reply_2": f'\n      "in_reply_to_user_id" : "{user}",',
            "reply_3": f'\n      "in_reply_to_status_id" : "{post}",',
            "reply_4": f',\n      "in_reply_to_screen_name" : "{name}"'
            f',\n      "in_reply_to_user_id_str" : "{user}"',
        }

    def _note(self, index: int, at: datetime, text: str) -> None:
        whole = text.replace("&amp;", "&").split(" https://")[0]
        whole += " " + " ".join(self._chance.choices(WORDS, k=120))
        note_id = int(self._id(index)) - (21 << 22)
        self.notes.append(NOTE.format(id=note_id, at=at.strftime("%Y-%m-%dT%H:%M:%S.000Z"), text=whole))
