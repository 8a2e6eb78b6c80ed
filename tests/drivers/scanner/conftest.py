"""Cameras without hardware: folders of frames, and an MJPEG server in a process of its own."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

MjpegServer = Callable[..., str]


@pytest.fixture
def mjpeg_server() -> Iterator[MjpegServer]:
    """Return a function that serves picture files in a loop and returns the address.

    A process of its own: OpenCV hung when the server ran as a thread beside it.
    """
    servers: list[subprocess.Popen[bytes]] = []

    def serve(*pictures: Path, after: str = "again") -> str:
        arguments = [sys.executable, str(Path(__file__).with_name("mjpeg_server.py")), after, *map(str, pictures)]
        server = subprocess.Popen(arguments, stdout=subprocess.PIPE)
        servers.append(server)
        assert server.stdout is not None
        return f"http://127.0.0.1:{int(server.stdout.readline())}/camera.mjpeg"

    yield serve
    for server in servers:
        server.kill()
        server.wait()
        assert server.stdout is not None
        server.stdout.close()
