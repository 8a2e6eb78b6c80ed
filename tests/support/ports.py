"""Ports for the programs a test starts."""

import secrets
import socket


def free_port() -> int:
    """Return a port of this machine at which nobody listens.

    From below the range the kernel itself gives ports from: a connection that goes out in the meantime cannot take it.
    """
    while True:
        port = 10_000 + secrets.randbelow(22_000)  # whatever seed a test left: two processes must not choose alike
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
