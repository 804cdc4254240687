"""Coming from another tool: `import --adopt` and `verify --adopt`, over real sockets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from bridge.sandbox.server import Sandbox
from tests.cli.conftest import Cli
from tests.cli.test_flow import MUSEUM, YEAR, account, server

__all__ = ["account", "server"]


def carry(server: Sandbox, text: str) -> str:
    """What another tool does: it posts, and knows nothing of us."""
    request = Request(
        f"{server.base_url}/api/v1/statuses",
        data=urlencode({"status": text}).encode(),
        headers={"Authorization": f"Bearer {server.token}"},
    )
    with urlopen(request) as answer:
        return str(json.load(answer)["id"])


def due(cli: Cli) -> list[dict[str, Any]]:
    """What would be published, one line a post."""
    rows = [json.loads(line) for line in cli("preview", MUSEUM, *YEAR, "--jsonl", "-").out.splitlines()]
    return [row for row in rows if row["decision"] == "publish"]


@pytest.fixture
def posts(cli: Cli, account: str) -> list[dict[str, Any]]:
    return due(cli)


@pytest.fixture
def table(tmp_path: Path, server: Sandbox, posts: list[dict[str, Any]]) -> Path:
    """Two posts that another tool has carried, and one that nobody has imported."""
    path = tmp_path / "carried.csv"
    lines = [f"{post['id']},{carry(server, 'In words of its own')}" for post in posts[:2]]
    path.write_text("\n".join(["tweet_id,status_id", *lines, "999,1"]))
    return path


def test_archive_and_map_in_one_command(
    cli: Cli, server: Sandbox, account: str, posts: list[dict[str, Any]], table: Path
) -> None:
    found = cli("import", MUSEUM, "--adopt", str(table), "--json")
    assert found.code == 0
    assert found.data["posts"] > 100
    adopted = found.data["adopted"]
    assert (adopted["posts"], adopted["statuses"], adopted["account"]) == (2, 2, account)
    assert (adopted["unknown"], adopted["unknown_ids"]) == (1, ["999"])
    statuses = sum(len(post["statuses"]) for post in posts[2:])
    assert cli("publish", *YEAR, "--yes", "--json").data["published"] == statuses
    assert len(server.state.statuses) == statuses + 2
    [first, *_] = cli("log", posts[0]["id"], "--json").data["deliveries"]
    assert (first["state"], first["reason"]) == (
        "published",
        "adopted: carried by a table of tweet ids and status ids",
    )
    verified = cli("verify", "--json")
    assert (verified.code, verified.data["present"]) == (0, statuses + 2)
    assert cli("status", "--json").data["mirrors"][0]["published"] == statuses + 2


def test_a_second_time_changes_nothing(cli: Cli, table: Path) -> None:
    cli("import", MUSEUM, "--adopt", str(table))
    again = cli("import", "--adopt", str(table), "--json")
    assert (again.code, again.data["adopted"]["posts"], again.data["adopted"]["already"]) == (0, 0, 2)
    assert "posts" not in again.data


def test_it_reads_well(cli: Cli, table: Path, account: str) -> None:
    found = cli("import", MUSEUM, "--adopt", str(table))
    assert f"Adopted on {account}: 2 posts carried by a table of tweet ids and status ids" in found.out
    assert "1 post not imported here: passed over, such as 999." in found.out


def test_the_account_is_asked_on_request_only(
    cli: Cli, server: Sandbox, table: Path, posts: list[dict[str, Any]]
) -> None:
    with table.open("a") as stream:
        stream.write(f"\n{posts[2]['id']},123456")
    before = server.state.count("GET")
    cli("import", MUSEUM)
    assert server.state.count("GET") == before
    found = cli("import", "--adopt", str(table), "--check", "--json")
    assert found.code == 3
    assert found.data["adopted"]["posts"] == 2
    assert found.data["adopted"]["missing"] == [{"id": posts[2]["id"], "remote_id": "123456"}]
    assert cli("log", posts[0]["id"], "--json").data["deliveries"][0]["remote_url"].startswith("http")
    assert cli("log", posts[2]["id"], "--json").data["deliveries"] == []


def test_nobody_needs_to_be_logged_in(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "map"
    post_id = due(cli)[0]["id"]
    path.write_text(json.dumps({"https://social.example": {post_id: "7"}, "https://b.example": {"1": "2"}}))
    assert cli("import", MUSEUM, "--adopt", str(path)).code == 2  # to which account?
    found = cli("import", MUSEUM, "--adopt", str(path), "--to", "@me@social.example", "--json")
    assert (found.code, found.data["adopted"]["posts"]) == (0, 1)
    assert found.data["adopted"]["elsewhere"] == {"b.example": 1}
    assert cli("import", "--adopt", str(path), "--to", "@me@social.example", "--check").code == 4
    assert cli("log", post_id, "--json").data["deliveries"][0]["state"] == "published"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("Dear diary", "is no map of carried posts"),
        ('{"1": "7"}', "names 1 post, none of it imported"),
        ('[{"tweet": {"id": "1"}, "bsky": {"uri": "at://did/app.bsky.feed.post/3"}}]', "1 on Bluesky"),
    ],
)
def test_a_map_that_does_not_help(cli: Cli, account: str, tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "map"
    path.write_text(content)
    cli("import", MUSEUM)
    found = cli("import", "--adopt", str(path), "--json")
    assert found.code == 1
    assert said in found.document["error"]["message"]


def test_options_that_do_not_go_together(cli: Cli, tmp_path: Path) -> None:
    assert cli("import").code == 2
    assert cli("import", MUSEUM, "--check").code == 2
    assert cli("import", "--adopt", str(tmp_path / "map")).code == 2  # nothing is imported
    assert cli("verify", "--adopt", "--repair").code == 2


def test_two_posts_with_one_status(
    cli: Cli, account: str, posts: list[dict[str, Any]], tmp_path: Path
) -> None:
    cli("publish", MUSEUM, *YEAR, "--yes", "--max-posts", "1")
    ours = next(row for row in due(cli) if row["published"])
    owned = cli("log", ours["id"], "--json").data["deliveries"][0]["remote_id"]
    path = tmp_path / "map"
    other = next(post["id"] for post in posts if post["id"] != ours["id"])
    path.write_text(f"{other},{owned}")
    found = cli("import", "--adopt", str(path), "--json")
    assert found.code == 3
    assert found.data["adopted"]["taken"] == [{"id": other, "remote_id": owned, "owner": ours["id"]}]
    assert [each["code"] for each in found.document["warnings"]] == ["STATUS_TAKEN"]


@pytest.fixture
def carried(cli: Cli, server: Sandbox, posts: list[dict[str, Any]]) -> list[str]:
    """Three posts, as another tool has put them on the account, and one status of their owner's own."""
    texts = [post["statuses"][0]["text"].rpartition("\n")[0] for post in posts]
    long = [(post["id"], text) for post, text in zip(posts, texts, strict=True) if len(text) > 60][:3]
    for n, (post_id, text) in enumerate(long):
        carry(server, f"{text}\n\nhttps://twitter.com/museum/status/{post_id}" if n else text)
    carry(server, "We have moved here from another network")
    cli("import", MUSEUM)
    return [post_id for post_id, _ in long]


def test_the_account_is_searched_and_a_person_confirms(
    cli: Cli, server: Sandbox, carried: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = cli("verify", "--adopt", "--json")
    assert (refused.code, refused.document["error"]["code"]) == (2, "USAGE")
    assert "--yes" in refused.document["error"]["hint"]
    assert cli("log", carried[0], "--json").data["deliveries"] == []
    monkeypatch.setattr("bridge.cli.output.is_terminal", lambda _: True)
    declined = cli("verify", "--adopt", stdin="no\n")
    assert (declined.code, "Nothing was adopted" in declined.err) == (2, True)
    assert "already, and not published from here: 3 posts of the archive." in declined.out
    assert cli("verify", "--adopt", stdin="yes\n").code == 0
    assert {cli("log", each, "--json").data["deliveries"][0]["state"] for each in carried} == {"published"}


def test_what_is_found_is_never_sent(cli: Cli, server: Sandbox, carried: list[str]) -> None:
    count = len(server.state.statuses)
    total = sum(len(post["statuses"]) for post in due(cli))
    found = cli("verify", "--adopt", "--yes", "--json")
    assert (found.code, found.data["adopted"], found.data["ambiguous"], found.data["foreign"]) == (
        0,
        3,
        [],
        1,
    )
    assert {row["id"] for row in found.data["matched"]} == set(carried)
    published = cli("publish", *YEAR, "--yes", "--json").data["published"]
    assert published == total - 3
    assert len(server.state.statuses) == count + published
    again = cli("verify", "--adopt", "--json")
    assert (again.code, again.data["matched"], again.data["adopted"]) == (0, [], 0)
    assert cli("verify", "--json").code == 0


def test_nothing_is_imported_or_nobody_logged_in(cli: Cli, server: Sandbox) -> None:
    assert cli("verify", "--adopt", "--yes").code == 4
    cli("login", server.base_url, "--with-token", stdin=server.token)
    assert cli("verify", "--adopt", "--yes").code == 2
