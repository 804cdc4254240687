"""Small invented archives that hold what is easily carried twice: equal texts, equal pictures, threads.

What each of them should become is written down while it is made, so that the oracle need not ask the
program what the program should have done.
"""

from __future__ import annotations

import random
import struct
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.sources import archives as made

OWNER = f"https://twitter.com/{made.HANDLE}/status/"
STRANGER = "99"


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """A post that has to be on the account in the end."""

    post_id: str
    says: str  #: how its (first) status begins
    media: int = 0
    parent: str | None = None
    long: bool = False  #: takes several statuses


@dataclass(frozen=True, slots=True, kw_only=True)
class Invented:
    path: Path
    carried: tuple[Carried, ...]  #: oldest first

    @property
    def media(self) -> int:
        return sum(post.media for post in self.carried)


@dataclass(slots=True)
class _Growing:
    dice: random.Random
    tweets: list[made.Tweet] = field(default_factory=list)
    files: dict[str, str | bytes] = field(default_factory=dict)
    carried: list[Carried] = field(default_factory=list)
    number: int = 0

    def add(
        self, text: str, *, pictures: tuple[bytes, ...] = (), parent: str | None = None, **more: Any
    ) -> str:
        self.number += 1
        tweet_id = made.day(self.number, self.dice.randrange(1000))
        says = text[:40]
        if pictures:
            text = f"{text} https://t.co/mmmmmmmmmm".strip()
            names = [f"p{self.number}x{place}.png" for place in range(len(pictures))]
            more["media"] = [made.photo(tweet_id, text, "https://t.co/mmmmmmmmmm", name=n) for n in names]
            for name, picture in zip(names, pictures, strict=True):
                self.files[f"data/tweets_media/{tweet_id}-{name}"] = picture
        if parent is not None:
            more |= made.answering(parent)
        self.tweets.append(made.y_tweet(tweet_id, text, **more))
        self.carried.append(
            Carried(
                post_id=tweet_id,
                says=says,
                media=len(pictures),
                parent=parent,
                long="full_text" in more or len(text) > 460,
            )
        )
        return tweet_id

    def left_out(self, text: str, **more: Any) -> None:
        """A post that is not to be carried."""
        self.add(text, **more)
        self.carried.pop()


def invent(seed: int, folder: Path, *, only_media: bool = False) -> Invented:
    """An archive of about ten posts; `only_media`: as Pixelfed takes them."""
    growing = _Growing(random.Random(f"archive {seed} {only_media}"))
    if seed < 0:
        for kind in (_picture, _same_words_in_a_thread, _twins, _same_picture):
            kind(growing, png(growing.dice))
    elif only_media:
        _album(growing)
    else:
        _diary(growing)
    files = made.y2(growing.tweets) | growing.files
    path = made.write_zip(folder / f"archive-{seed}-{'album' if only_media else 'diary'}.zip", files)
    return Invented(path=path, carried=tuple(growing.carried))


def _diary(growing: _Growing) -> None:
    dice = growing.dice
    picture = png(dice)
    kinds = dice.sample([_plain, _thread, _same_words_in_a_thread, _picture, _quote, _stranger], 3)
    kinds += [_twins, dice.choice([_long, _same_picture, _pictures])]
    dice.shuffle(kinds)
    for kind in kinds:
        kind(growing, picture)


def _album(growing: _Growing) -> None:
    picture = png(growing.dice)
    kinds = [_picture, _same_picture, _pictures]
    for kind in (*kinds, *growing.dice.choices(kinds, k=2)):
        kind(growing, picture)


def _plain(growing: _Growing, _picture: bytes) -> None:
    growing.add(f"Entry {growing.number} about the bridge, {growing.dice.randrange(10**6)}")


def _twins(growing: _Growing, _picture: bytes) -> None:
    for _ in range(growing.dice.randint(2, 3)):
        growing.add("Good morning, river.")


def _thread(growing: _Growing, _picture: bytes) -> None:
    parent = growing.add(f"A thread begins here: {growing.number}")
    for step in range(growing.dice.randint(1, 3)):
        parent = growing.add(f"and goes on, {step} after {growing.number}", parent=parent)


def _same_words_in_a_thread(growing: _Growing, _picture: bytes) -> None:
    root = growing.add(f"Counting boats {growing.number}")
    parent = growing.add("Another boat.", parent=root)
    growing.add("Another boat.", parent=parent)


def _picture(growing: _Growing, _picture: bytes) -> None:
    growing.add(f"A picture of pier {growing.number}", pictures=(png(growing.dice),))


def _same_picture(growing: _Growing, picture: bytes) -> None:
    growing.add("The same view again.", pictures=(picture,))
    growing.add("The same view again.", pictures=(picture,))


def _pictures(growing: _Growing, picture: bytes) -> None:
    more = tuple(png(growing.dice) for _ in range(growing.dice.randint(1, 3)))
    growing.add(f"Several views {growing.number}", pictures=(picture, *more))


def _quote(growing: _Growing, _picture: bytes) -> None:
    quoted = growing.add(f"To be quoted, {growing.number}")
    text = f"As I said {growing.number}: https://t.co/qqqqqqqqqq"
    links = {"https://t.co/qqqqqqqqqq": OWNER + quoted}
    growing.add(text, entities=made.entities(text, urls=links))


def _long(growing: _Growing, _picture: bytes) -> None:
    words = " ".join(f"word{growing.number}x{n}" for n in range(70))
    growing.add(f"A long story. {words}")


def _stranger(growing: _Growing, _picture: bytes) -> None:
    """Somebody who has an account of that name on the server must not be disturbed."""
    text = f"Thanks to @visitor for the {growing.number} planks"
    growing.add(text, entities=made.entities(text, mentions={"visitor": STRANGER}))
    growing.carried[-1] = Carried(post_id=growing.carried[-1].post_id, says="Thanks to")
    growing.left_out("@visitor quite so", **made.answering("1", STRANGER, "visitor"))
    shared = "RT @visitor: the bridge is open"
    growing.left_out(shared, entities=made.entities(shared, mentions={"visitor": STRANGER}), favorite_count=0)


def png(dice: random.Random) -> bytes:
    """A picture of four by four pixels that no other one is equal to."""
    rows = b"".join(b"\0" + dice.randbytes(12) for _ in range(4))
    head = struct.pack(">IIBBBBB", 4, 4, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in chunks)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
