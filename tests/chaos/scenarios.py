"""What a seed stands for: an archive, a server, what goes wrong there, and where the program is cut."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from enum import StrEnum

from bridge.sandbox.rules.faults import Fault, FaultKind

ARCHIVES = 12
POST, MEDIA, LOOK = "POST /api/v1/statuses", "POST /api/v?/media", "GET /api/v1/accounts/*/statuses"
SERVERS = (
    ("mastodon", "4.5.0"), ("mastodon", "4.5.0"), ("mastodon", "4.6.5"), ("mastodon", "4.7.2"),
    ("gotosocial", None), ("akkoma", None), ("pixelfed", None), ("sharkey", None), ("takahe", None),
    ("hollo", None), ("snac", None), ("iceshrimp", None), ("glitch", None),
)  # fmt: skip

K = FaultKind


class Mode(StrEnum):
    ALONE = "alone"  # one process at a time, cut and started again
    TWO = "two processes"  # on one ledger: the first stands at a boundary while the second has its try
    MACHINES = "two machines"  # the same, neither can ask about the other, on PostgreSQL
    RACE = "a race"  # two processes at once, in whatever order the machine has them
    LIMITS = "tight limits"  # a fiftieth of what the server's software is known to allow


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """One end of the process, or one pause: at a boundary, by number or as the nth of a name."""

    at: int | None = None
    name: str | None = None
    nth: int = 1
    power: bool = False  #: the machine goes down with it
    dies: bool = True  #: after a pause; else it goes on

    @property
    def spec(self) -> dict[str, object]:
        return {"at": self.at} if self.at is not None else {"name": self.name, "nth": self.nth}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    seed: int
    archive: int = 0
    profile: str = "mastodon"
    version: str | None = None
    mode: Mode = Mode.ALONE
    faults: tuple[Fault, ...] = ()
    cuts: tuple[Cut, ...] = ()
    deletions: int = 0  #: statuses that their owner deletes meanwhile
    postgresql: bool = False
    visibility: str = "unlisted"
    dated: bool = False  #: the original date stands in the text, so that twins differ
    sabotage: tuple[str, ...] = ()
    grace: float | None = None  #: instead of the program's own

    @property
    def kinds(self) -> frozenset[FaultKind]:
        return frozenset(fault.kind for fault in self.faults)

    def __str__(self) -> str:
        faults = ", ".join(f"{f.kind} on {f.on} nth={f.nth} p={f.probability}" for f in self.faults)
        return (
            f"seed {self.seed}: {self.profile} {self.version or ''} {self.mode}, archive {self.archive},"
            f" {'postgresql, ' if self.postgresql else ''}{len(self.cuts)} cuts, faults: {faults or 'none'}"
        )


#: Each with the requests that it may strike. POST alone where it is about statuses.
EVERYWHERE = (POST, POST, POST, MEDIA, LOOK)
FAULTS: dict[FaultKind, tuple[str, ...]] = {
    K.CUT_BEFORE: EVERYWHERE, K.CUT_REQUEST: EVERYWHERE, K.ERROR_503: EVERYWHERE, K.ERROR_502: EVERYWHERE,
    K.ERROR_500: EVERYWHERE, K.ERROR_422: (POST,), K.HTML_429: EVERYWHERE, K.HTML_200: EVERYWHERE,
    K.MOVED_301: EVERYWHERE, K.REDIRECT: EVERYWHERE, K.UNAUTHORIZED: EVERYWHERE, K.FORBIDDEN: (POST, MEDIA),
    K.COMMIT_DROP: EVERYWHERE, K.CUT_ANSWER: EVERYWHERE, K.COMMIT_504: EVERYWHERE, K.COMMIT_500: EVERYWHERE,
    K.COMMIT_HTML: EVERYWHERE, K.COMMIT_GARBAGE: EVERYWHERE, K.BAD_RESET: EVERYWHERE,
    K.SLOW_COMMIT: (POST,), K.SLOW_ANSWER: (POST, LOOK), K.CLOSE_AFTER: ("*",), K.DROP_MEDIA: (POST,),
    K.DROP_REPLY: (POST,), K.WIDER: (POST,), K.NARROWER: (POST,), K.OWNER_DELETES: (POST,),
    K.MEDIA_FAILED: (MEDIA,), K.MEDIA_LOST: (MEDIA,), K.REPLAY_500: (POST,), K.KEY_IGNORED: (POST,),
    K.KEY_REFUSED: (POST,), K.KEY_BURNT: (POST,), K.CLOCK_SKEW: ("*",), K.GHOST: (POST,),
}  # fmt: skip
LASTING = frozenset({K.CLOSE_AFTER, K.KEY_IGNORED, K.KEY_REFUSED, K.KEY_BURNT, K.REPLAY_500, K.CLOCK_SKEW})
#: Faults that say nothing without a lost answer beside them.
_NEED_A_LOSS = frozenset({K.REPLAY_500, K.KEY_IGNORED, K.KEY_REFUSED, K.KEY_BURNT})
SHORT = -1  # the archive for sweeps: few statuses, one of each sort
BOUNDARIES = ("status.connect", "status.send", "status.half", "status.sent", "status.answered", "status.head",
              "status.part", "status.read", "media.half", "media.sent", "media.answered", "read.sent",
              "read.part", "commit.before", "commit.torn", "commit.after")  # fmt: skip
#: Where a process may stand while another one works: not within a transaction.
STANDS = tuple(name for name in BOUNDARIES if name not in {"commit.before", "status.half", "media.half"})


def draw(seed: int) -> Scenario:
    """The same for the same seed, for ever."""
    dice = random.Random(f"chaos {seed}")
    profile, version = dice.choice(SERVERS)
    mode = dice.choices(list(Mode), weights=(64, 10, 10, 6, 10))[0]
    drawn = Scenario(
        seed=seed,
        archive=dice.randrange(ARCHIVES),
        profile=profile,
        version=version,
        mode=mode,
        postgresql=mode is Mode.MACHINES or dice.random() < 0.1,
        deletions=dice.choice((0, 0, 0, 0, 1, 2)),
        visibility=dice.choice(("unlisted", "unlisted", "public", "private")),
        dated=dice.random() < 0.2,
        cuts=tuple(_cut(dice, mode) for _ in range(dice.choice((0, 1, 1, 2, 2, 3, 4)))),
        faults=tuple(_fault(dice, kind) for kind in _kinds(dice)),
    )
    if drawn.postgresql:
        drawn = replace(drawn, cuts=tuple(replace(cut, power=False) for cut in drawn.cuts))
    return drawn


def one_of(kind: FaultKind, seed: int = 0, **more: object) -> Scenario:
    """A scenario about this fault, whatever else the seed says."""
    dice = random.Random(f"fault {kind} {seed}")
    fault = replace(_fault(dice, kind), on=FAULTS[kind][0])
    if kind not in LASTING:
        fault = replace(
            fault, nth=1 if fault.on == MEDIA else dice.randint(2, 6), probability=1.0, times=None
        )
    faults = [fault]
    if kind in _NEED_A_LOSS:
        faults.append(Fault(kind=K.COMMIT_DROP, nth=dice.randint(1, 6)))
        faults.append(Fault(kind=K.CUT_BEFORE, nth=dice.randint(7, 8)))
    return replace(Scenario(seed=seed, faults=tuple(faults), archive=seed % ARCHIVES), **more)  # type: ignore[arg-type]


def sweep(number: int, profile: str, version: str | None = None, *, power: bool = False) -> Scenario:
    """The short archive, cut at the boundary of that number, counted from the start of the program."""
    cut = Cut(at=number, power=power)
    return Scenario(seed=-number, archive=SHORT, profile=profile, version=version, cuts=(cut,))


def _kinds(dice: random.Random) -> list[FaultKind]:
    kinds = dice.sample(list(FAULTS), dice.choice((0, 1, 1, 2, 2, 3)))
    if set(kinds) & _NEED_A_LOSS:
        kinds += [dice.choice((K.COMMIT_DROP, K.CUT_ANSWER, K.COMMIT_504, K.CUT_BEFORE))]
    return kinds


def _fault(dice: random.Random, kind: FaultKind) -> Fault:
    on = dice.choice(FAULTS[kind])
    fault = Fault(kind=kind, on=on, reset=dice.random() < 0.4)
    if kind in LASTING:
        fault = replace(fault, probability=1.0)
    elif dice.random() < 0.6:
        fault = replace(fault, nth=dice.randint(1, 3 if on != POST else 12))
    else:
        fault = replace(fault, probability=0.15, times=2)
    match kind:
        case K.CUT_REQUEST:
            return replace(fault, bytes=dice.choice((0, 1, 20, 60)))
        case K.CUT_ANSWER:
            return replace(fault, bytes=dice.choice((None, 0, 1, 12, 40, 150, 400)))
        case K.SLOW_COMMIT | K.SLOW_ANSWER:  # the program waits for 120 s, and for 150 s more
            return replace(fault, seconds=dice.choice((20.0, 115.0, 125.0, 260.0)))
        case K.COMMIT_504:
            return replace(fault, seconds=dice.choice((0.0, 60.0)))
        case K.CLOCK_SKEW:
            return replace(fault, seconds=dice.choice((-7200.0, -300.0, -30.0, 45.0, 300.0, 86_400.0)))
        case _:
            return fault


def _cut(dice: random.Random, mode: Mode) -> Cut:
    power = dice.random() < 0.3
    if mode in {Mode.TWO, Mode.MACHINES}:
        return Cut(name=dice.choice(STANDS), nth=dice.randint(1, 8), dies=dice.random() < 0.5)
    if dice.random() < 0.4:
        return Cut(at=dice.randint(1, 200), power=power)
    return Cut(name=dice.choice(BOUNDARIES), nth=dice.randint(1, 8), power=power)
