"""The pages of monitoring: figures, whether the loop turns, and whether a mirror can work."""

from __future__ import annotations

from bridge.operation.metrics import Metrics
from bridge.operation.pulse import Pulse, Watched
from bridge.operation.server import Answer, Pages


def pages(watched: Watched) -> Pages:
    metrics = Metrics(watched)

    def figures(accept: str) -> Answer:
        body, kind = metrics.page(accept)
        return Answer(body=body, type=kind)

    return {
        "/metrics": figures,
        "/healthz": lambda _: _alive(watched.pulse),
        "/readyz": lambda _: _able(watched),
    }


def _alive(pulse: Pulse) -> Answer:
    if pulse.idle is None:
        return Answer.line("The loop has not begun.", ok=False)
    return Answer.line(f"The loop came round {pulse.idle:.1f} s ago.", ok=pulse.alive)


def _able(watched: Watched) -> Answer:
    able, said = watched.able()
    return Answer.line(said, ok=able)
