"""A private PC/SC daemon with virtual readers, shared by all tests that go through the real stack."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from drivers.errors import DeviceUnavailable
from drivers.simulated.pcscd import SOCKET_VARIABLE, PrivatePcscd

# No test passes or fails on time: a busy machine takes longer over an example than the library's default allows.
settings.register_profile("no-deadline", deadline=None)
settings.load_profile("no-deadline")

_DIRECTORY = Path(tempfile.gettempdir()) / f"tiepdon-pcscd-{os.getpid()}"

# The PC/SC library reads it once per process, before its first call: it must stand before any test runs. It also keeps
# every test away from a daemon that serves this machine.
os.environ[SOCKET_VARIABLE] = str(_DIRECTORY / "pcscd.comm")


@pytest.fixture(scope="session")
def pcscd() -> Iterator[PrivatePcscd]:
    """A running daemon; its socket is in this process's environment, and in that of child processes."""
    daemon = PrivatePcscd(_DIRECTORY)
    try:
        daemon.start()
    except DeviceUnavailable as error:
        if os.geteuid() == 0:
            raise
        pytest.skip(f"NOT TESTED through the real PC/SC daemon, which cannot run without root here: {error}")
    try:
        yield daemon
    finally:
        daemon.stop()
        shutil.rmtree(_DIRECTORY, ignore_errors=True)
