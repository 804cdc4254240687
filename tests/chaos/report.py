"""The result of a campaign, as a page of the documentation."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from bridge import __version__
from tests.chaos.drive import Outcome

SOAK = "## Day and night"  #: begins what `make soak` writes at the end of the page

_HEAD = """# Reliability

Each post arrives once, whatever happens. This page says how that is measured, and what the last long campaign
came to. `make chaos SEEDS={seeds}` runs it again and writes this page; `make test` runs a short one.

## Figures

{date}, passerelle {version}, Python {python}; it took {seconds:.0f} s.

| | |
|---|---:|
| runs | {runs} |
| statuses on the accounts in the end | {statuses} |
| starts of the program | {starts} |
| faults injected | {faults} |
| kills | {kills} |
| of these with power loss | {powers} |
| a second process or machine told to wait (exit 7) | {excluded} |
| **duplicates** | **{duplicates}** |
| **losses** | **{losses}** |
| other disagreements | {wrong} |
| held for a person (`failed`), where the server left no choice | {held} |
"""

_MEASURED = """
## How it is measured

Every run has a seed, and the seed decides everything but the scheduling of the operating system: one of
twelve archives of about ten posts (threads, equal texts side by side and within threads, equal pictures,
quotes of own posts, long posts, mentions, posts that are not to be carried), a server, up to three kinds
of fault with the requests that they strike, up to four kills, and whether a second process works on the
same ledger.

* **The program is the real one**: `passerelle publish`, a process of its own, over real sockets, started
  again until it is done, with its own grace (150 s), time-out (120 s) and lease (600 s). One start in eight
  is a new interpreter, the others are forked from one that has imported the program.
* **Time passes when everybody waits.** The processes and the server share a clock that stands still while
  anyone works, and jumps to the next event when all sleep or wait for a held-up answer: hours pass in
  milliseconds, and nothing depends on how busy the machine is.
* **The server** is the practice server with the rules of Mastodon 4.5, 4.6, 4.7 and glitch, GoToSocial,
  Akkoma, Pixelfed, Sharkey, Iceshrimp, Takahe, Hollo and snac: how each treats idempotency keys, lost
  media, replies to what is gone, and what it shows to the author. Its rate limits hold; in a tenth of the
  runs they are a fiftieth of what the program believes.
* **Kills** are SIGKILL, at a boundary by number or by name: before a connection
  is made, before and in the middle of each piece of a request, after it, with the answer waiting unread,
  after its head, in its body, after it, and before, within and after a commit of the ledger. A sweep cuts
  the program at *every* boundary of a whole run, one after the other. The program contains nothing of
  this: a wrapper counts.
* **Power loss** takes the kill's place in a third of the cases: what SQLite has not synced yet is lost,
  cut, or turned into rubbish, by what its documentation promises for the settings that the connection
  really has.
* **A second process** is started while the first stands still at a boundary: it is told to wait (exit 7), and
  takes over at once when the first is dead. **Two machines** work on one ledger in PostgreSQL: neither can
  ask whether the other's process lives, so that the lease has to run out. In some runs two processes race.
* **The oracle** compares what the archive was made of, what the server stores, and what the ledger says:
  each part of each post is there once, in order, connected to its thread, with its media and its
  visibility; every status on the account belongs to one row, every row to its status; nobody was
  notified; nothing was sent to the host of a redirect. `failed` counts as right only with a reason, and
  only where a fault forces it: a refusal, a parent that its owner deleted, an unusable file, or a lost
  answer on a server that does not show followers-only posts to their author.
* **It can fail**: with the look-up, the lock of the account, the exclusion of own statuses or the synced
  commit taken out, or with a lost answer taken for a refusal, it reports duplicates. These are tests,
  too.

## What it does not show

* A server that answers 200 and stores nothing (Mastodon's spam filter) leaves a row that says published; only
  `verify` can find that. The campaign counts such ghosts as the server's doing, and checks there are no more.
* A machine that is frozen for longer than its hold, between writing its intent down and sending it, and then
  wakes beside its successor: only the server's idempotency key stands in the way there.
* A request that a server carries out later than `publish.grace` after it was lost, where keys are ignored.
* Disks that lie about syncing, and PostgreSQL servers that lose what they have committed.
"""


@dataclass(slots=True)
class Tally:
    """The sum of a campaign."""

    seconds: float = 0.0
    runs: int = 0
    figures: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)
    servers: Counter[str] = field(default_factory=Counter)
    modes: Counter[str] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)
    bad: list[Outcome] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        scenario, verdict = outcome.scenario, outcome.verdict
        self.runs += 1
        self.figures.update(
            statuses=outcome.statuses,
            starts=outcome.starts,
            excluded=outcome.excluded,
            duplicates=verdict.duplicates,
            losses=verdict.losses,
            wrong=len(verdict.faults) - verdict.duplicates - verdict.losses,
        )
        self.held.update(verdict.held)
        self.faults.update(outcome.faults)
        self.kills.update(outcome.kills)
        self.servers[f"{scenario.profile} {scenario.version or ''}".strip()] += 1
        self.modes[f"{scenario.mode}, {'PostgreSQL' if scenario.postgresql else 'SQLite'}"] += 1
        if not outcome.good:
            self.bad.append(outcome)


def with_soak(page_: str, section: str) -> str:
    """The page with what the soak of the mirror came to in its end; "" takes it out."""
    return "\n\n".join(filter(None, (page_.partition(f"\n{SOAK}")[0].strip(), section.strip()))) + "\n"


def soak_in(page_: str) -> str:
    _, heading, rest = page_.partition(f"\n{SOAK}")
    return f"{SOAK}{rest}" if heading else ""


def page(tally: Tally, *, today: date, seeds: int) -> str:
    figures = {name: tally.figures[name] for name in ("statuses", "starts", "excluded")}
    wrong = {name: tally.figures[name] for name in ("duplicates", "losses", "wrong")}
    head = _HEAD.format(
        seeds=seeds,
        date=today.isoformat(),
        version=__version__,
        python=platform.python_version(),
        seconds=tally.seconds,
        runs=tally.runs,
        faults=sum(tally.faults.values()),
        kills=sum(tally.kills.values()),
        powers=tally.kills["power loss"],
        held=sum(tally.held.values()),
        **figures,
        **wrong,
    )
    tables = (
        _table("Held for a person, because", "statuses", tally.held),
        _table("Fault", "injected", tally.faults),
        _table("Killed at", "times", tally.kills),
        _table("Server", "runs", tally.servers),
        _table("Processes, ledger", "runs", tally.modes),
    )
    failures = [f"* {line}\n" for outcome in tally.bad for line in (str(outcome.scenario),)]
    section = ["\n## Runs that went wrong\n\n", *failures] if failures else []
    return "".join((head, *tables, *section, _MEASURED))


def _table(what: str, number: str, counts: Mapping[str, int]) -> str:
    rows: Iterable[str] = (
        f"| {name} | {times} |\n"
        for name, times in sorted(counts.items(), key=lambda each: (-each[1], each[0]))
        if times
    )
    found = "".join(rows)
    return f"\n| {what} | {number} |\n|---|---:|\n{found}" if found else ""
