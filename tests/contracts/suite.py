"""What every publisher must do: one class, run by each of them in a file of a dozen lines."""

from __future__ import annotations

import hashlib
import io
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image

from bridge.errors import PublishError, Refused, Unauthorized, Unknown
from bridge.posts import MediaType
from bridge.publishers.base import Addressed, MediaFile, Publisher, Receipt
from bridge.publishers.check import mismatches
from bridge.publishers.match import normal
from bridge.statuses import Idempotency, MediaRef, StatusDraft, Visibility
from tests.changes import replace

_SERIAL = itertools.count(1)
LONG_AGO = datetime(2013, 4, 5, 6, 7, 8, 123000, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A publisher with an account of its own, and what a test needs to know of the place."""

    publisher: Publisher
    now: Callable[[], datetime]
    advance: Callable[[float], None] = lambda _: None  #: the clock, by seconds, where it can be moved
    quirks: frozenset[str] = frozenset()  #: of a real server, each named where it is put up with
    stranger: Publisher | None  #: the same server, with a token that is no good

    def draft(self, text: str, **changes: object) -> StatusDraft:
        made = StatusDraft(post_id="1", part=1, parts=1, text=text, length=len(text))
        return replace(made, **changes)  # type: ignore[arg-type]  # the test knows the fields

    def picture(self) -> str:
        """Uploads a picture that nobody has uploaded before."""
        content = io.BytesIO()
        colour = next(_SERIAL)
        Image.new("RGB", (8, 8), (colour % 256, colour // 256 % 256, 77)).save(content, "PNG")
        data = content.getvalue()
        file = MediaFile(
            name="p.png", mime_type="image/png", size=len(data), sha256=hashlib.sha256(data).hexdigest()
        )
        return self.publisher.upload(file, lambda: io.BytesIO(data), description="a square").remote_id

    def address(self, draft: StatusDraft, *, reply_to: str | None = None, media: int = 0) -> Addressed:
        media = max(media, 1) if self.publisher.limits().needs_media else media
        return Addressed(
            text=draft.text, reply_to=reply_to, media=tuple(self.picture() for _ in range(media))
        )

    def publish(
        self, draft: StatusDraft, *, reply_to: str | None = None, media: int = 0
    ) -> tuple[Addressed, Receipt]:
        addressed = self.address(draft, reply_to=reply_to, media=media)
        return addressed, self.publisher.publish(draft, addressed, key=f"key-{next(_SERIAL)}")

    def ids(self) -> list[str]:
        """Of all own statuses, newest first, walked page by page."""
        found: list[str] = []
        while page := self.publisher.own(max_id=found[-1] if found else None):
            found += [receipt.remote_id for receipt in page]
        return found


class PublisherContract:
    def test_publishes_what_was_asked(self, stage: Stage) -> None:
        draft = stage.draft("Bonjour, le musée ouvre.", language="fr")
        addressed, receipt = stage.publish(draft)
        assert receipt.text == draft.text
        found = [warn.code for warn in mismatches(draft, addressed, receipt, limits=stage.publisher.limits())]
        assert found == (["VISIBILITY_WIDER"] if "unlisted is public" in stage.quirks else [])

    def test_every_request_is_counted(self, stage: Stage) -> None:
        before = stage.publisher.calls
        _, receipt = stage.publish(stage.draft("counted"))
        after = stage.publisher.calls
        assert after > before
        stage.publisher.get(receipt.remote_id)
        assert stage.publisher.calls == after + 1

    def test_every_character_comes_back(self, stage: Stage) -> None:
        text = (
            "1 < 2 && \"q\" 'a' <b>no</b>\n\nzwei\ndrei 👩‍👩‍👧 é #tag @name@twitter.com"
            " https://example.com/a?b=c&d=e_f#g"
        )
        addressed, _ = stage.publish(stage.draft(text))
        assert stage.publisher.find(stage.draft(text), addressed, since=stage.now() - timedelta(minutes=1))

    def test_answers_stay_connected(self, stage: Stage) -> None:
        _, parent = stage.publish(stage.draft("one"))
        _, child = stage.publish(stage.draft("two"), reply_to=parent.remote_id)
        assert child.in_reply_to_id == parent.remote_id
        read = stage.publisher.get(child.remote_id)
        assert read is not None
        assert read.in_reply_to_id == parent.remote_id

    def test_a_missing_parent_is_refused_or_reported(self, stage: Stage) -> None:
        if "no deletion" in stage.quirks:
            pytest.skip("nothing can be missing on a server that does not delete")
        _, gone = stage.publish(stage.draft("to be deleted"))
        stage.publisher.withdraw(gone.remote_id)
        draft = stage.draft("an answer")
        addressed = stage.address(draft, reply_to=gone.remote_id)
        limits = stage.publisher.limits()
        if limits.keeps_replies:
            with pytest.raises(Refused):
                stage.publisher.publish(draft, addressed, key="orphan")
        else:
            receipt = stage.publisher.publish(draft, addressed, key="orphan")
            codes = [warn.code for warn in mismatches(draft, addressed, receipt, limits=limits)]
            assert codes == ["REPLY_LOST"]

    def test_a_repeated_key_makes_no_second_status_where_keys_are_known(self, stage: Stage) -> None:
        idempotency = stage.publisher.limits().idempotency
        draft = stage.draft("only once")
        addressed = stage.address(draft)
        first = stage.publisher.publish(draft, addressed, key="same")
        if idempotency is Idempotency.REPLAYS:
            again = stage.publisher.publish(draft, addressed, key="same")
            assert again.remote_id == first.remote_id
        elif idempotency is Idempotency.BREAKS:
            with pytest.raises(Unknown):
                stage.publisher.publish(draft, addressed, key="same")
        elif idempotency is Idempotency.BURNS:
            try:
                assert stage.publisher.publish(draft, addressed, key="same").remote_id == first.remote_id
            except PublishError as error:
                assert isinstance(error, Unknown)  # noqa: PT017  # one of two answers is right
        else:
            pytest.skip("this server does not know keys")
        since = stage.now() - timedelta(minutes=1)
        found = stage.publisher.find(draft, addressed, since=since)
        assert [one.remote_id for one in found] == [first.remote_id]
        assert stage.ids()[0] == first.remote_id

    def test_finds_what_was_sent(self, stage: Stage) -> None:
        since = stage.now() - timedelta(minutes=1)
        stage.publish(stage.draft("before"))
        draft = stage.draft("the one", spoiler_text="careful")
        addressed, receipt = stage.publish(draft)
        stage.publish(stage.draft("after"))
        found = stage.publisher.find(draft, addressed, since=since)
        assert [one.remote_id for one in found] == [receipt.remote_id]

    def test_finds_by_media_even_when_several_say_nothing(self, stage: Stage) -> None:
        since = stage.now() - timedelta(minutes=1)
        draft = stage.draft("")
        addressed, receipt = stage.publish(draft, media=1)
        stage.publish(draft, media=1)
        found = stage.publisher.find(draft, addressed, since=since)
        assert receipt.remote_id in [one.remote_id for one in found]
        assert receipt.media_ids

    def test_finds_nothing_that_was_never_sent(self, stage: Stage) -> None:
        since = stage.now() - timedelta(minutes=1)
        _, parent = stage.publish(stage.draft("something else"))
        draft = stage.draft("never sent")
        assert stage.publisher.find(draft, Addressed(text=draft.text), since=since) == ()
        elsewhere = stage.draft("something else")
        answered = Addressed(text=elsewhere.text, reply_to="12345")
        found = stage.publisher.find(elsewhere, answered, since=since)
        if stage.publisher.limits().keeps_replies:
            assert found == ()
        else:
            assert [one.remote_id for one in found] == [parent.remote_id]

    def test_tells_equal_texts_apart_by_their_parent(self, stage: Stage) -> None:
        since = stage.now() - timedelta(minutes=1)
        _, root = stage.publish(stage.draft("root"))
        addressed, ours = stage.publish(stage.draft("yes"), reply_to=root.remote_id)
        stage.publish(stage.draft("yes"), reply_to=ours.remote_id)
        found = stage.publisher.find(stage.draft("yes"), addressed, since=since)
        assert [one.remote_id for one in found] == [ours.remote_id]

    def test_walks_all_own_statuses_once(self, stage: Stage) -> None:
        made = []
        for number in range(41):
            stage.advance(1)  # ids made of dates are in no order within a moment
            made.append(stage.publish(stage.draft(f"number {number}"))[1].remote_id)
        walked = stage.ids()
        assert walked[: len(made)] == list(reversed(made))
        assert len(walked) == len(set(walked))
        since = stage.now() - timedelta(minutes=1)
        first = stage.draft("number 0")
        found = stage.publisher.find(first, Addressed(text=first.text, media=()), since=since)
        if not stage.publisher.limits().needs_media:
            assert [one.remote_id for one in found if not one.doubtful] == [made[0]]

    def test_gives_what_it_has_and_nothing_else(self, stage: Stage) -> None:
        _, receipt = stage.publish(stage.draft("here"))
        read = stage.publisher.get(receipt.remote_id)
        assert read is not None
        assert read.text == "here"
        assert read.author_id in (None, stage.publisher.identity().id)
        if "no deletion" in stage.quirks:
            with pytest.raises(Refused):
                stage.publisher.withdraw(receipt.remote_id)
            return
        stage.publisher.withdraw(receipt.remote_id)
        assert stage.publisher.get(receipt.remote_id) is None
        stage.publisher.withdraw(receipt.remote_id)  # again: it is gone, which is what was wanted

    def test_revises_text_and_keeps_media(self, stage: Stage) -> None:
        if not stage.publisher.limits().edits:
            pytest.skip("this server does not edit")
        addressed, receipt = stage.publish(stage.draft("wrnog"), media=1)
        better = stage.draft("right", spoiler_text="art")
        changed = replace(addressed, text="right", media=receipt.media_ids)
        after = stage.publisher.revise(receipt.remote_id, better, changed)
        assert (after.remote_id, after.text, after.spoiler_text) == (receipt.remote_id, "right", "art")
        assert after.media_ids == receipt.media_ids

    def test_revises_descriptions_and_says_what_was_written(self, stage: Stage) -> None:
        if not stage.publisher.limits().edits:
            pytest.skip("this server does not edit")
        picture = MediaRef(position=0, type=MediaType.IMAGE, file="p.png", description="a square")
        text = "@curator@museum.example has one"
        addressed, receipt = stage.publish(stage.draft(text, media=(picture,)), media=1)
        assert receipt.descriptions == ("a square",)
        better = stage.draft(text, media=(replace(picture, description="a small square"),))
        changed = replace(addressed, media=receipt.media_ids)
        stage.publisher.revise(receipt.remote_id, better, changed)
        read = stage.publisher.get(receipt.remote_id)
        assert read is not None
        assert read.descriptions == ("a small square",)
        if "source is not told" not in stage.quirks:
            assert normal(stage.publisher.exact(read).text or "") == normal(text)

    def test_a_boost_is_found_and_taken_back(self, stage: Stage) -> None:
        if not stage.publisher.limits().boosts:
            pytest.skip("this server does not say what a boost makes")
        publisher, draft = stage.publisher, stage.draft("")
        _, first = stage.publish(stage.draft("said before"))
        assert publisher.resolve(first.url or "") == first.remote_id
        assert publisher.resolve("https://nowhere.example/@me/1") is None
        since = stage.now() - timedelta(minutes=1)
        made = publisher.boost(first.remote_id, draft)
        assert (made.reblog, made.reblog_of, made.url) == (True, first.remote_id, first.url)
        assert made.remote_id != first.remote_id
        found = publisher.find(draft, Addressed(text="", boost=first.remote_id), since=since)
        assert [each.remote_id for each in found] == [made.remote_id]
        assert publisher.find(draft, Addressed(text="", boost=made.remote_id), since=since) == ()
        publisher.unboost(first.remote_id)
        publisher.unboost(first.remote_id)  # again: it is gone, which is what was wanted
        assert publisher.get(made.remote_id) is None
        assert publisher.get(first.remote_id) is not None

    def test_a_boost_of_nothing_is_refused(self, stage: Stage) -> None:
        if not stage.publisher.limits().boosts:
            pytest.skip("this server does not say what a boost makes")
        with pytest.raises(Refused):
            stage.publisher.boost("12345", stage.draft(""))

    def test_an_upload_waits_until_it_is_attached(self, stage: Stage) -> None:
        remote_id = stage.picture()
        waiting = stage.publisher.uploaded(remote_id)
        assert waiting is None if "uploads are not shown" in stage.quirks else waiting and waiting.ready
        draft = stage.draft("with a picture")
        receipt = stage.publisher.publish(draft, Addressed(text=draft.text, media=(remote_id,)), key="p")
        assert len(receipt.media_ids) == 1

    def test_order_of_media_is_kept(self, stage: Stage) -> None:
        addressed, receipt = stage.publish(stage.draft("four"), media=4)
        assert len(receipt.media_ids) == 4
        if "other ids of media" not in stage.quirks:
            assert receipt.media_ids == addressed.media

    def test_backdates_where_it_can(self, stage: Stage) -> None:
        draft = stage.draft("long ago", backdate=LONG_AGO)
        addressed, receipt = stage.publish(draft)
        if not stage.publisher.limits().backdates:
            assert receipt.created_at >= stage.now() - timedelta(minutes=1)
            return
        assert abs(receipt.created_at - LONG_AGO) < timedelta(seconds=1)
        since = stage.now() - timedelta(minutes=1)
        deadline = time.monotonic() + (15 if "old dates come late" in stage.quirks else 0)
        while not (found := stage.publisher.find(draft, addressed, since=since)):
            assert time.monotonic() < deadline
            time.sleep(0.5)  # of a real server's queue
        assert [one.remote_id for one in found] == [receipt.remote_id]

    def test_shows_private_statuses_to_their_author(self, stage: Stage) -> None:
        draft = stage.draft("for followers", visibility=Visibility.PRIVATE)
        addressed, receipt = stage.publish(draft)
        assert receipt.visibility == "private"
        found = stage.publisher.find(draft, addressed, since=stage.now() - timedelta(minutes=1))
        assert found or not stage.publisher.limits().shows_private

    def test_knows_whose_token_it_has(self, stage: Stage) -> None:
        assert stage.publisher.identity().account == stage.publisher.account
        assert stage.publisher.account.startswith("@")

    def test_a_bad_token_stops_everything(self, stage: Stage) -> None:
        if stage.stranger is None:
            pytest.skip("there is no second publisher")
        draft = stage.draft("who am I")
        with pytest.raises(Unauthorized):
            stage.stranger.publish(draft, Addressed(text=draft.text), key="x")
        with pytest.raises(Unauthorized):
            stage.stranger.find(draft, Addressed(text=draft.text), since=stage.now())
