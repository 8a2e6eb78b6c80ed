"""The daemon for tests and measurements: by itself, beside others, and gone when it is stopped."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from drivers.errors import DeviceUnavailable
from drivers.simulated import pcscd
from drivers.simulated.pcscd import PrivatePcscd

needs_namespaces = pytest.mark.skipif(
    os.geteuid() != 0, reason="NOT TESTED: a daemon of one's own needs root, or user namespaces"
)


def readers_seen_by(daemon: PrivatePcscd) -> str:
    program = "from drivers.smartcard.pcsc import list_readers; print(list_readers())"
    environment = {**os.environ, **daemon.environment}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=30)
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@needs_namespaces
def test_two_daemons_live_side_by_side(tmp_path: Path) -> None:
    with PrivatePcscd(tmp_path / "one") as one, PrivatePcscd(tmp_path / "other") as other:
        assert not set(one.ports) & set(other.ports)
        for daemon in (one, other):
            assert readers_seen_by(daemon) == "('Virtual PCD 00 00', 'Virtual PCD 00 01')"


@needs_namespaces
def test_stopped_daemon_leaves_neither_files_nor_ports(tmp_path: Path) -> None:
    directory = tmp_path / "daemon"
    with PrivatePcscd(directory) as daemon:
        assert directory.exists()
    assert not directory.exists()
    assert not any(listens(port) for port in daemon.ports)
    assert "does not run" in readers_seen_by(daemon)


@needs_namespaces
def test_killed_daemon_starts_again_over_its_own_leftovers(tmp_path: Path) -> None:
    with PrivatePcscd(tmp_path / "daemon") as daemon:
        daemon.kill()
        assert daemon.socket_path.exists()
        daemon.start()
        assert "Virtual PCD 00 00" in readers_seen_by(daemon)


def test_missing_virtual_reader_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pcscd, "_DRIVER", "/nowhere/libifdvpcd.so")
    with pytest.raises(DeviceUnavailable, match=r"/nowhere/libifdvpcd\.so is missing: install"):
        PrivatePcscd(tmp_path / "daemon").start()


def test_daemon_that_ends_at_once_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pcscd, "_DAEMON", "/bin/false")
    with pytest.raises(DeviceUnavailable, match="pcscd does not run here"):
        PrivatePcscd(tmp_path / "daemon").start()
