"""A proxy of a few lines on loopback: knows one name, and passes on what is said to it."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.publishers.wires import Script, Wire, read_request, wire

NAME = "museum.example"


@contextmanager
def proxy_to(port: int) -> Iterator[Wire]:
    """`museum.example`, whatever its port, is this port of loopback."""

    def passing(connection: socket.socket, request: bytes) -> None:
        with socket.create_connection(("127.0.0.1", port)) as server:
            if request.startswith(b"CONNECT "):
                connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                back = threading.Thread(target=_pour, args=(server, connection), daemon=True)
                back.start()
                _pour(connection, server)
                back.join()
                return
            server.sendall(request.replace(f" http://{NAME}".encode(), b" ", 1))
            server.shutdown(socket.SHUT_WR)
            _pour(server, connection)
            connection.close()

    with wire(passing) as made:
        yield made


def _pour(source: socket.socket, target: socket.socket) -> None:
    try:
        while piece := source.recv(65_536):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # one side has hung up, and that ends it


def certificate(folder: Path) -> Path:
    """A key and a certificate for the name, in one file. FileNotFoundError: there is no openssl."""
    made = folder / "museum.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
    ]
    facts = ["-days", "2", "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"]
    key = folder / "key.pem"
    subprocess.run([*command, *facts, "-keyout", key, "-out", made], check=True, capture_output=True)
    made.write_text(key.read_text() + made.read_text())
    return made


@contextmanager
def secure(script: Script, pem: Path) -> Iterator[int]:
    """A port on which the script answers, by TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            try:
                connection, _ = listening.accept()
                with context.wrap_socket(connection, server_side=True) as told:
                    script(told, read_request(told))
            except OSError:
                pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        thread.join()
