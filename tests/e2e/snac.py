"""snac2 from Debian: a fediverse server that nobody here wrote, one binary and a folder of files.

Debian 13 has it and Debian 12 does not; its binary runs on both. It is downloaded with apt into `.cache/snac`
of this repository, with lists of its own, and unpacked there: neither the system's sources nor its packages
change. Its answers differ from Mastodon's in ways that its users live with, and so must we.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.command import ROOT

CACHE = ROOT / ".cache" / "snac"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
USER = "musee"


class Unavailable(Exception):
    """Why there is no snac2 here."""


def obtain() -> Path:
    """The binary: installed, kept from the last time, or downloaded. Raises Unavailable."""
    if found := shutil.which("snac"):
        return Path(found)
    binary = CACHE / "root" / "usr" / "bin" / "snac"
    if not binary.exists():
        download()
    probe = subprocess.run([binary], capture_output=True, text=True, check=False)
    if "snac" not in probe.stdout + probe.stderr or "error while loading" in probe.stderr:
        raise Unavailable(f"snac2 does not start here: {probe.stderr.strip()[:200]}")
    return binary


def download() -> None:
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb") and KEYRING.exists()):
        raise Unavailable("snac2 comes from Debian, and this is no Debian")
    for folder in ("lists/partial", "archives/partial"):
        (CACHE / folder).mkdir(parents=True, exist_ok=True)
    (CACHE / "trixie.list").write_text(f"deb [signed-by={KEYRING}] {mirror()} trixie main\n")
    apt("update")
    apt("download", "snac2")
    package = next(CACHE.glob("snac2_*.deb"), None)
    if package is None:
        raise Unavailable("apt did not download snac2")
    subprocess.run(["dpkg-deb", "-x", package, CACHE / "root"], check=True)


def mirror() -> str:
    """Where this system's own packages come from."""
    codename = re.search(r"VERSION_CODENAME=(\w+)", Path("/etc/os-release").read_text(encoding="utf-8"))
    command = ["apt-get", "indextargets", "--format", "$(RELEASE) $(COMPONENT) $(REPO_URI)"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    for line in listed.splitlines():
        release, component, address = line.split(" ", 2)
        if codename and release == codename[1] and component == "main":
            return address
    return "http://deb.debian.org/debian"


def apt(*command: str) -> None:
    options = {
        "Dir::Etc::sourcelist": CACHE / "trixie.list",
        "Dir::Etc::sourceparts": "-",
        "Dir::State::lists": CACHE / "lists",
        "Dir::Cache": CACHE,
        "APT::Sandbox::User": "root",
        "Acquire::Languages": "none",
        "Acquire::Retries": "1",
        "Acquire::http::Timeout": "20",
    }
    given = [part for name, value in options.items() for part in ("-o", f"{name}={value}")]
    try:
        subprocess.run(["apt-get", *given, *command], cwd=CACHE, capture_output=True, check=True, timeout=180)
    except (subprocess.SubprocessError, OSError) as error:
        raise Unavailable(f"snac2 could not be downloaded: apt-get {command[0]} failed ({error})") from error


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Snac:
    binary: Path
    base: Path
    port: int
    password: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def statuses(self) -> list[dict[str, Any]]:
        """Every post that the account has made, from the server's own files, oldest first.

        Backdated ones lie there some seconds before the server's queue puts them on the timeline.
        """
        found = []
        for path in (self.base / "object").glob("*/*.json"):
            try:
                note = json.loads(path.read_text(encoding="utf-8"))
            except (OSError, ValueError):  # just being written
                continue
            if note.get("type") == "Note" and note.get("attributedTo") == f"{self.url}/{USER}":
                found.append(note)
        return sorted(found, key=lambda note: str(note["id"]))

    def log_in(self, page: str) -> None:
        """What a person does in the browser: opens the page, fills the form in, follows where it leads."""
        with urllib.request.urlopen(page, timeout=10) as answer:
            form = answer.read().decode()
        action = re.search(r'action="([^"]+)"', form)
        assert action, form
        fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
        body = urllib.parse.urlencode(fields | {"login": USER, "passwd": self.password}).encode()
        with urllib.request.urlopen(action[1], data=body, timeout=10) as answer:
            assert answer.status == 200


@contextmanager
def serving(binary: Path, base: Path) -> Iterator[Snac]:
    """A fresh server on a free port of loopback with one account, ended with the context."""
    port = free_port()
    questions = ["127.0.0.1", str(port), f"127.0.0.1:{port}", "", "", ""]
    subprocess.run(
        [binary, "init", base], input="\n".join(questions), text=True, capture_output=True, check=True
    )
    config = base / "server.json"
    facts = json.loads(config.read_text())
    config.write_text(json.dumps(facts | {"protocol": "http"}, indent=4))
    added = subprocess.run(
        [binary, "adduser", base, USER], input="\n\n", text=True, capture_output=True, check=True
    )
    password = re.search(r"password is (\S+)", added.stdout + added.stderr)
    assert password, added.stdout
    server = Snac(binary=binary, base=base, port=port, password=password[1])
    with (base / "httpd.log").open("wb") as log:
        process = subprocess.Popen(
            [binary, "httpd", base], stdout=log, stderr=log, env={**os.environ, "HOME": str(base)}
        )
        try:
            await_port(port, process)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def await_port(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise Unavailable("snac2 did not begin to serve")
