"""Where the pages for monitoring are served."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Address:
    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Address:
        """HOST:PORT, or PORT alone: then on this machine only. ValueError."""
        host, colon, port = text.strip().rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        if not port.isdigit() or int(port) > 65_535 or (colon and ":" in host and "[" not in text):
            raise ValueError(f"{text!r} is no address such as 127.0.0.1:9464, or a port such as 9464")
        return cls(host or "127.0.0.1", int(port))

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_private(self) -> bool:
        """Whether only this machine can ask there."""
        return self.host in ("localhost", "::1") or self.host.startswith("127.")

    @property
    def here(self) -> Address:
        """Where it is asked from this machine."""
        return Address({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host), self.port)  # noqa: S104
