"""Media against the practice server, with the limits of each software: whatever was too much arrives."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from bridge.engine.deliver import pump
from bridge.engine.files import FittedFiles
from bridge.engine.originals import original
from bridge.engine.propose import Wish, actions_of, propose
from bridge.engine.prospects import Prospects
from bridge.engine.terms import Terms
from bridge.fitting import Wanted
from bridge.ledger import open_ledger
from bridge.media.cache import Cache
from bridge.media.fit import Fitter
from bridge.posts import Media, MediaType, Post
from tests.changes import replace
from tests.engine.stage import SOURCE, post
from tests.engine.test_practice import rehearsal
from tests.media.films import FILMS, film
from tests.media.generate import PICTURES, bomb, jpeg, moving, png

PROFILES = ["mastodon", "glitch", "gotosocial", "akkoma", "pixelfed", "takahe", "hollo", "sharkey", "snac"]
READY = Wanted(films=True)
USELESS = {"bomb.png": bomb, "text.jpg": lambda: b"<html>not found</html>", "empty.jpg": bytes}
LARGE = {
    "wide.jpg": lambda: jpeg(8000, 4400),  # 35 megapixels
    "heavy.png": lambda: png(2400, 2400, noise=0.5),  # 17 MB
    "large.gif": lambda: moving("GIF", 1400, 800, frames=2),  # over a megapixel
    "fast.mp4": lambda: film(rate=150, seconds=0.5, sound="aac"),
}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("archive") / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as packed:
        for name, make in {**PICTURES, **FILMS, **LARGE, **USELESS}.items():
            packed.writestr(f"data/tweets_media/{name}", make())
    return path


def posts(archive: Path) -> list[Post]:
    with zipfile.ZipFile(archive) as packed:
        infos = packed.infolist()
    made = []
    for number, info in enumerate(infos, 1):
        name = info.filename.rpartition("/")[2]
        medium = Media(
            type=MediaType.VIDEO if name.endswith((".mp4", ".mov", ".webm")) else MediaType.IMAGE,
            file=info.filename,
            container=str(archive),
            size=info.file_size,
            alt="A test",
        )
        made.append(replace(post(number, text=f"File {name}"), media=(medium,)))
    return made


@pytest.mark.parametrize("profile", PROFILES)
def test_whatever_can_be_made_to_fit_arrives(archive: Path, tmp_path: Path, profile: str) -> None:
    with open_ledger("sqlite://") as ledger, rehearsal(ledger, profile, None) as play:
        limits = play.publisher.limits()
        fitter = Fitter(limits=limits, wanted=READY, cache=Cache(tmp_path / "media", limit=10**9))
        given = posts(archive)
        play.stage.record(given)
        wish = Wish(limits=limits, media=READY, fate=Prospects(limits, READY, original))
        account = play.publisher.account
        proposed = list(propose(ledger, SOURCE, wish, destination=account))
        held = {each.post.text for each in proposed if each.post and each.decision == "hold"}
        ledger.queue.apply(actions_of(proposed), destination=account, source=SOURCE, now=play.time.now())
        with FittedFiles(fitter) as files:
            done = pump(replace(play.ports(), media=files), Terms())
        uploads = [answer for answer in play.sandbox.state.requests if answer[1].endswith("/media")]
        assert [answer for answer in uploads if answer[2] >= 400] == []
        failed = {post_id for post_id, _ in play.notes.failures}
        lost = {each.text for each in given if each.id in failed}
        films = {f"File {name}" for name in [*FILMS, "fast.mp4"]}
        expected = {f"File {name}" for name in USELESS} | (films if profile == "takahe" else set())
        assert held | lost == expected
        assert done.published == len(given) - len(expected)
        assert play.notes.codes == []


def in_groups(given: list[Post], size: int) -> list[Post]:
    """The same media in few posts, pictures beside films."""
    media = [post.media[0] for post in given]
    return [
        replace(post(number, text=f"Group {number}"), media=tuple(media[start : start + size]))
        for number, start in enumerate(range(0, len(media), size), 1)
    ]


@pytest.mark.parametrize("profile", PROFILES)
def test_every_item_of_a_mixed_post_is_attached_or_told(archive: Path, tmp_path: Path, profile: str) -> None:
    with open_ledger("sqlite://") as ledger, rehearsal(ledger, profile, None) as play:
        limits, wanted = play.publisher.limits(), Wanted(too_big="skip", films=True)
        fitter = Fitter(limits=limits, wanted=wanted, cache=Cache(tmp_path / "media", limit=10**9))
        given = in_groups(posts(archive), 7)
        play.stage.record(given)
        wish = Wish(limits=limits, media=wanted, fate=Prospects(limits, wanted, original))
        account = play.publisher.account
        proposed = list(propose(ledger, SOURCE, wish, destination=account))
        warnings = [warn for each in proposed if each.rendering for warn in each.rendering.warnings]
        ledger.queue.apply(actions_of(proposed), destination=account, source=SOURCE, now=play.time.now())
        with FittedFiles(fitter) as files:
            pump(replace(play.ports(), media=files), Terms(too_big="skip"))
        reasons = "".join(reason for _, reason in play.notes.failures)
        assert limits.needs_media or not reasons
        attached = [media_id for status in play.sandbox.state.statuses for media_id in status.media_ids]
        told = [warn for warn in warnings if warn.code == "MEDIA_TOO_BIG"]
        skipped = [code for code in play.notes.codes if code == "MEDIA_SKIPPED"]
        assert len(set(attached)) == len(attached)
        named = reasons.count("data/tweets_media/")  # where a status without media is refused, it is not sent
        behind = sum(ledger.queue.media_waiting(account))  # a failed part
        found = len(attached) + len(told) + len(skipped) + named + behind
        assert found == sum(len(each.media) for each in given)
        assert len(told) + len(skipped) < len(given) * 7 / 2
        most = max(len(status.media_ids) for status in play.sandbox.state.statuses)
        assert most == min(7, limits.max_media)
