"""A server of the Mastodon API as a Publisher; the one file that speaks Mastodon.py.

Mastodon.py 2.3.3 runs in `throw` mode, which never sleeps nor sends twice. Requests that it cannot make
faithfully go over the same line directly: JSON bodies (Hollo), past dates with their milliseconds, streamed
uploads, edits, and pages of statuses, whose casting costs it 2 ms each. The answer is always read from the
line: what Mastodon.py raises after an answer came does not undo what the server did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from urllib.parse import quote, urlsplit

import requests
from mastodon import Mastodon, MastodonError, MastodonNetworkError

from bridge import __version__
from bridge.errors import Deferred, NetworkError, PublishError, Refused, Unknown
from bridge.profile import Shown
from bridge.publishers import answers
from bridge.publishers.answers import Reading
from bridge.publishers.base import Addressed, Identity, MediaFile, MediaStream, Quota, Receipt, Upload
from bridge.publishers.forms import edit_document, form_of, status_document
from bridge.publishers.line import Answer, Line, reason_of
from bridge.publishers.match import Likeness, likeness, resembles, says, ulid_at
from bridge.publishers.multipart import Multipart
from bridge.publishers.presence import Dress, form, shown_of
from bridge.publishers.wire import (
    as_list,
    as_map,
    found_by,
    identity_of,
    quota_of,
    receipt_of,
    server_time,
    text_of,
    upload_of,
)
from bridge.statuses import Body, Limits, StatusDraft

_PAGE = 40  # the most that Mastodon gives (§8)
_PAGES = 500
_SOURCES = 20  # how many look-alikes are worth a request for their source
_MARGIN = timedelta(seconds=5)  # `Date` has whole seconds, and answers take their time
_MS = timedelta(milliseconds=1)

#: What Mastodon.py's reading of an answer may raise; by then the line has the answer.
_CLUMSY = (MastodonError, LookupError, TypeError, ValueError, AttributeError, Warning)


def connect(
    base_url: str,
    token: str,
    *,
    timeout: float,
    limits: Limits | None = None,
    account: str | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> MastodonPublisher:
    """Makes no request. `limits` None: the conservative profile; `account` None: named after the server."""
    base, known = base_url.rstrip("/"), limits or Limits()
    line = Line(timeout=timeout, keeps_alive=known.keeps_alive, user_agent=f"Passerelle/{__version__}")
    line.headers["Authorization"] = f"Bearer {token}"
    client = Mastodon(
        api_base_url=base,
        ratelimit_method="throw",
        version_check_mode="none",
        session=line,
        user_agent=f"Passerelle/{__version__}",
    )
    client.access_token = token  # the constructor would take a token for the name of a file
    return MastodonPublisher(client, line, limits=known, account=account, now=now)


class MastodonPublisher:
    """Not for use by several threads at once: the line remembers one answer."""

    def __init__(
        self,
        client: Mastodon,
        line: Line,
        *,
        limits: Limits,
        account: str | None,
        now: Callable[[], datetime],
    ) -> None:
        self._client = client
        self._line = line
        self._limits = limits
        self._account = account
        self._now = now
        self._base = str(client.api_base_url)
        self._host = urlsplit(self._base).netloc
        self._quota: Quota | None = None
        self._skew = timedelta()  # the server's clock minus ours
        self._me: Identity | None = None
        self._walked: set[str] = set()
        self._told: dict[tuple[str, str | None], Receipt | None] = {}
        self._upload_path = "/api/v2/media" if limits.async_media else "/api/v1/media"

    @property
    def account(self) -> str:
        return self._account or self.identity().account

    @property
    def quota(self) -> Quota | None:
        return self._quota

    @property
    def calls(self) -> int:
        return self._line.calls

    def limits(self) -> Limits:
        return self._limits

    def close(self) -> None:
        self._line.close()

    def via(self, proxy: str | None) -> MastodonPublisher:
        """Speaks to the server through this proxy from now on."""
        self._line.via(proxy)
        return self

    def tell(self, heard: Callable[[int | None], None]) -> None:
        """Of every request from now on: the status that was answered, or None."""
        self._line.heard = heard

    # --- who

    def identity(self) -> Identity:
        reading = self._read(self._client.account_verify_credentials)
        domain = self._account.rpartition("@")[2] if self._account else self._host
        found = identity_of(reading.answer.document, domain=domain) if reading.answer.ok else None
        if found is None:
            raise answers.read_error(reading)
        self._me = replace(found, scopes=self._scopes())
        return self._me

    def _scopes(self) -> tuple[str, ...] | None:
        """Of the app, which Mastodon tells since 4.3; GoToSocial and snac have no such page."""
        reading = self._read(lambda: self._get("/api/v1/apps/verify_credentials"))
        document = as_map(reading.answer.document) if reading.answer.ok else None
        found = tuple(filter(None, map(text_of, as_list((document or {}).get("scopes")))))
        return found or None

    # --- media

    def upload(self, file: MediaFile, content: MediaStream, *, description: str | None) -> Upload:
        """Also raises MediaError: the server does not take this file, or it cannot be read."""
        reading = self._upload(file, content, description)
        if reading.status in {404, 405}:  # some servers have only the other one
            other = {"/api/v1/media": "/api/v2/media", "/api/v2/media": "/api/v1/media"}
            self._upload_path = other[self._upload_path]
            reading = self._upload(file, content, description)
        found = upload_of(reading.answer.document) if reading.answer.ok else None
        if found is None:
            raise answers.upload_error(reading)
        return found

    def _upload(self, file: MediaFile, content: MediaStream, description: str | None) -> Reading:
        body = Multipart(file, content, description=description)
        headers = {"Content-Type": body.content_type}
        try:
            return self._exchange(
                lambda: self._line.post(f"{self._base}{self._upload_path}", data=body, headers=headers)
            )
        except Unknown as error:
            raise Deferred(f"An upload was not answered: {error.message}") from error
        finally:
            body.close()

    def uploaded(self, remote_id: str) -> Upload | None:
        """Also raises MediaError: the server could not make anything of the file."""
        reading = self._read(lambda: self._client.media(quote(remote_id)))
        if reading.answer.ok and (found := upload_of(reading.answer.document)):
            return found
        if answers.is_absent(reading) or reading.status in {403, 405}:
            return None
        raise answers.upload_error(reading)

    # --- statuses

    def publish(self, draft: StatusDraft, addressed: Addressed, *, key: str) -> Receipt:
        return self._receipt(self._exchange(lambda: self._send(draft, addressed, key)))

    def _send(self, draft: StatusDraft, addressed: Addressed, key: str) -> object:
        document = status_document(draft, addressed, self._limits)
        url, headers = f"{self._base}/api/v1/statuses", {"Idempotency-Key": key}
        if draft.poll is not None or self._limits.body is Body.JSON:
            return self._line.post(url, json=document, headers=headers)
        if "scheduled_at" in document:
            return self._line.post(url, data=form_of(document), headers=headers)
        return self._client.status_post(**document, idempotency_key=key)

    def revise(self, remote_id: str, draft: StatusDraft, addressed: Addressed) -> Receipt:
        document = edit_document(draft, addressed, self._limits)
        url = f"{self._base}/api/v1/statuses/{quote(remote_id)}"
        reading = self._exchange(lambda: self._line.put(url, json=document))
        if reading.status == 422 and "not changed" in (reading.words or ""):  # GoToSocial (§3.8)
            reading = self._read(lambda: self._get(f"/api/v1/statuses/{quote(remote_id)}"))
        return self._receipt(reading)

    def withdraw(self, remote_id: str) -> None:
        reading = self._exchange(lambda: self._client.status_delete(quote(remote_id)))
        if reading.answer.ok and (reading.answer.document is not None or not reading.answer.body):
            return  # a page that says 200 is none of its API
        if not answers.is_absent(reading):
            raise answers.publish_error(reading)
        if self.get(remote_id) is not None:  # snac 2.75 has no way to delete, and says 404
            raise Refused(f"{self._host} does not let statuses be deleted this way.", status=reading.status)

    def resolve(self, url: str) -> str | None:
        query = {"q": url, "type": "statuses", "resolve": "true", "limit": "1"}
        reading = self._read(lambda: self._get("/api/v2/search", query))
        if not reading.answer.ok and reading.status not in {401, 403, 404, 422}:  # 403: without that scope
            raise answers.read_error(reading)
        return found_by(reading.answer.document, url) if reading.answer.ok else None

    def boost(self, remote_id: str, draft: StatusDraft) -> Receipt:
        url = f"{self._base}/api/v1/statuses/{quote(remote_id)}/reblog"
        wide = {"visibility": draft.visibility.value}
        receipt = self._receipt(self._exchange(lambda: self._line.post(url, json=wide)))
        if receipt.reblog_of != remote_id:
            raise Unknown(f"{self._host} does not say what it made of a boost.")
        return receipt

    def unboost(self, remote_id: str) -> None:
        url = f"{self._base}/api/v1/statuses/{quote(remote_id)}/unreblog"
        reading = self._exchange(lambda: self._line.post(url))
        done = reading.answer.ok and reading.answer.document is not None
        if not (done or answers.is_absent(reading)):
            raise answers.publish_error(reading)

    # --- how the account shows itself

    def shown(self) -> Shown:
        return self._shown(self._read(self._client.account_verify_credentials))

    def dress(self, dress: Dress) -> Shown:
        """One request, which may be made again; raises as publishing does."""
        return self._shown(self._exchange(lambda: self._client.account_update_credentials(**form(dress))))

    def _shown(self, reading: Reading) -> Shown:
        found = shown_of(reading.answer.document) if reading.answer.ok else None
        if found is None:
            raise answers.publish_error(reading)
        return found

    def pinned(self) -> tuple[Receipt, ...]:
        return self._page({"pinned": "true"})

    def pin(self, remote_id: str) -> None:
        reading = self._exchange(lambda: self._client.status_pin(quote(remote_id)))
        if not reading.answer.ok or reading.answer.document is None:
            raise answers.publish_error(reading)

    def _receipt(self, reading: Reading) -> Receipt:
        document = reading.answer.document if reading.answer.ok else None
        found = receipt_of(document, now=self._now())
        if found is not None:
            return found
        if (as_map(document) or {}).get("scheduled_at"):
            raise Refused(
                f"{self._host} put it on its schedule instead of publishing it.",
                hint="Delete it from the scheduled posts there.",
            )
        raise answers.publish_error(reading)

    # --- reading back

    def get(self, remote_id: str) -> Receipt | None:
        reading = self._read(lambda: self._get(f"/api/v1/statuses/{quote(remote_id)}"))
        found = receipt_of(reading.answer.document, now=self._now()) if reading.answer.ok else None
        if found is None and not answers.is_absent(reading):
            raise answers.read_error(reading)
        return found

    def exact(self, receipt: Receipt) -> Receipt:
        return self._with_source(receipt) or receipt

    def _with_source(self, receipt: Receipt) -> Receipt | None:
        """The same with its exact text; None: the server does not tell it.

        Asked once for each text that it shows: a look that a rate limit cuts off goes on where it was.
        """
        key = (receipt.remote_id, receipt.text)
        if key not in self._told:
            self._told[key] = self._source(receipt)
        return self._told[key]

    def _source(self, receipt: Receipt) -> Receipt | None:
        reading = self._read(lambda: self._client.status_source(quote(receipt.remote_id)))
        source = as_map(reading.answer.document) if reading.answer.ok else None
        text = source.get("text") if source else None
        if source is None and not answers.is_absent(reading) and reading.status not in {403, 404, 405}:
            raise answers.read_error(reading)
        if source is None or not isinstance(text, str):
            return None
        return replace(receipt, text=text, spoiler_text=text_of(source.get("spoiler_text")) or "")

    def own(self, *, max_id: str | None = None) -> Sequence[Receipt]:
        if max_id is None:
            self._walked.clear()
        page = self._page({"max_id": max_id} if max_id else {})
        fresh = tuple(receipt for receipt in page if receipt.remote_id not in self._walked)
        self._walked.update(receipt.remote_id for receipt in fresh)
        return fresh  # snac 2.75 ignores `max_id`: a page without news is the end

    def find(self, draft: StatusDraft, addressed: Addressed, *, since: datetime) -> Sequence[Receipt]:
        """`since` is of this machine's clock; what is known of the server's is reckoned in."""
        if addressed.boost is not None:
            return tuple(each for each in self._walk(since) if each.reblog_of == addressed.boost)
        found: list[tuple[Likeness, Receipt]] = []
        doubtful: list[Receipt] = []
        for receipt in self._candidates(draft, since):
            like = likeness(draft, addressed, receipt, limits=self._limits)
            if like is Likeness.PLAUSIBLE:
                doubtful.append(receipt)
            elif like:
                found.append((like, receipt))
        doubtful.sort(key=lambda receipt: not resembles(draft, addressed, receipt))
        told = [self._with_source(receipt) for receipt in doubtful[:_SOURCES]]
        found += ((Likeness.SAME, receipt) for receipt in told if receipt and says(draft, addressed, receipt))
        sure = (receipt for _, receipt in sorted(found, key=lambda pair: -pair[0]))
        untold = (r for r, source in zip_longest(doubtful, told) if source is None)
        alike = (receipt for receipt in untold if resembles(draft, addressed, receipt))
        return (*sure, *(replace(receipt, doubtful=True) for receipt in alike))

    def _candidates(self, draft: StatusDraft, since: datetime) -> Iterator[Receipt]:
        if not self._limits.backdates:
            yield from self._walk(since)
        elif self._limits.software != "gotosocial":  # snac: in the order of arrival, under any date
            yield from self._walk(None)
        elif draft.backdate is None:
            yield from self._walk(since)
        else:  # ids are made of the date (§8)
            around = {"min_id": ulid_at(draft.backdate - _MS), "max_id": ulid_at(draft.backdate + 2 * _MS)}
            yield from self._page(around)

    def _walk(self, since: datetime | None) -> Iterator[Receipt]:
        """Own statuses, newest first, each once, down to `since` or to the end."""
        page, seen = self._page({}), set[str]()  # this answer also tells the server's clock
        earliest = (
            since + min(self._skew, timedelta()) - _MARGIN if since else datetime.min.replace(tzinfo=UTC)
        )
        for _ in range(_PAGES):
            fresh = [receipt for receipt in page if receipt.remote_id not in seen]
            yield from (receipt for receipt in fresh if receipt.created_at >= earliest)
            if not fresh or fresh[-1].created_at < earliest:
                return
            seen.update(receipt.remote_id for receipt in fresh)
            page = self._page({"max_id": fresh[-1].remote_id})
        raise NetworkError(f"The account at {self._host} has more statuses than can be looked through.")

    def _page(self, query: dict[str, str]) -> tuple[Receipt, ...]:
        me = self._me or self.identity()
        reading = self._read(
            lambda: self._get(f"/api/v1/accounts/{quote(me.id)}/statuses", query | {"limit": str(_PAGE)})
        )
        document = reading.answer.document if reading.answer.ok else None
        if not isinstance(document, list):
            raise answers.read_error(reading)
        now = self._now()
        return tuple(found for entry in document if (found := receipt_of(entry, now=now)))

    # --- the line

    def _get(self, path: str, query: dict[str, str] | None = None) -> object:
        return self._line.get(f"{self._base}{path}", params=query)

    def _read(self, call: Callable[[], object]) -> Reading:
        """A request that changes nothing: NetworkError when there is no answer."""
        try:
            return self._exchange(call)
        except PublishError as error:
            raise NetworkError(f"{self._host} cannot be asked just now: {error.message}") from error

    def _exchange(self, call: Callable[[], object]) -> Reading:
        """One request. Deferred when nothing left this machine, Unknown when it did and nothing came back."""
        self._line.forget()
        try:
            call()
        except (MastodonNetworkError, requests.RequestException) as error:
            if self._line.answer is None:
                raise answers.silence(self._host, left=self._line.left, reason=reason_of(error)) from error
        except _CLUMSY:
            if self._line.answer is None:
                raise  # no request was made: a fault of ours
        if self._line.answer is None:
            raise answers.silence(self._host, left=True, reason="no answer")
        return self._noted(self._line.answer)

    def _noted(self, answer: Answer) -> Reading:
        now = self._now()
        self._quota = quota_of(answer.headers, now=now)
        self._skew = (server_time(answer.headers) or now) - now
        return Reading(answer=answer, where=self._host, limits=self._limits, now=now)
