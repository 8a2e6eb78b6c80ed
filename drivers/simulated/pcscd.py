"""A PC/SC daemon of one's own with two virtual readers: the real stack, for tests and measurements.

It shares nothing with a daemon that serves the machine: its own configuration, ports and, by a bind mount in a private
mount namespace, its own socket directory. Needs ``pcscd`` and ``vsmartcard-vpcd``, and root or user namespaces.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Final, Self

from drivers.errors import DeviceUnavailable

SOCKET_VARIABLE: Final = "PCSCLITE_CSOCK_NAME"
"""Names the daemon's socket to clients; the PC/SC library reads it once per process, before its first call."""

_DAEMON: Final = "/usr/sbin/pcscd"
_DRIVER: Final = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"
_SOCKET_DIRECTORY: Final = Path("/run/pcscd")  # compiled into the daemon
_START_S: Final = 10.0


class PrivatePcscd:
    """A daemon whose socket lies in ``directory``; ``ports`` are those of its two virtual readers.

    May be started again after ``stop`` or ``kill``. As a context manager it is started and stopped.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.ports = _free_ports()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def socket_path(self) -> Path:
        return self.directory / "pcscd.comm"

    @property
    def environment(self) -> dict[str, str]:
        """What a client process needs in its environment to find this daemon."""
        return {SOCKET_VARIABLE: str(self.socket_path)}

    def start(self) -> None:
        """Start the daemon and wait until its readers listen. Raises DeviceUnavailable when it cannot run here."""
        for file in (_DAEMON, _DRIVER):
            if not Path(file).exists():
                raise DeviceUnavailable(f"{file} is missing: install pcscd and vsmartcard-vpcd")
        self.directory.mkdir(parents=True, exist_ok=True)
        self._remove_leftovers()
        configuration = self._write_configuration()
        with contextlib.suppress(PermissionError):
            _SOCKET_DIRECTORY.mkdir(parents=True, exist_ok=True)
        script = f'mount --bind "$1" {_SOCKET_DIRECTORY} && exec {_DAEMON} --foreground --config "$2"'
        namespace = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--map-root-user"]
        # pdeathsig: a killed test run leaves no daemon behind
        launcher = ["setpriv", "--pdeathsig", "TERM", *namespace, "sh", "-c", script, "sh"]
        log = (self.directory / "pcscd.log").open("wb")
        with log:
            self._process = subprocess.Popen(  # noqa: S603 -- fixed programs, paths of our own
                [*launcher, str(self.directory), str(configuration)], stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        self._wait_until_ready()

    def stop(self) -> None:
        """End the daemon in order; harmless when it does not run."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End the daemon as a crash would: clients see it vanish, its files stay behind until the next start."""
        self._end(signal.SIGKILL)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _write_configuration(self) -> Path:
        folder = self.directory / "reader.conf.d"
        folder.mkdir(exist_ok=True)
        port = f"0x{self.ports[0]:X}"
        lines = [
            'FRIENDLYNAME "Virtual PCD"',
            f"DEVICENAME /dev/null:{port}",
            f"LIBPATH {_DRIVER}",
            f"CHANNELID {port}",
        ]
        (folder / "vpcd").write_text("\n".join(lines) + "\n")
        return folder

    def _remove_leftovers(self) -> None:
        # After a kill both files keep a new daemon from starting.
        for name in ("pcscd.comm", "pcscd.pid"):
            (self.directory / name).unlink(missing_ok=True)

    def _wait_until_ready(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + _START_S
        while not (self.socket_path.exists() and all(_listens(port) for port in self.ports)):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                said = (self.directory / "pcscd.log").read_text(errors="replace").strip().splitlines()
                raise DeviceUnavailable("pcscd does not run here: " + (said[-1] if said else "it says nothing"))
            time.sleep(0.02)


def _free_ports() -> tuple[int, int]:
    """Return two neighbouring free ports: a virtual reader's second slot always has the next one."""
    for _ in range(100):
        with socket.socket() as first, socket.socket() as second:
            first.bind(("", 0))
            port = int(first.getsockname()[1])
            with contextlib.suppress(OSError, OverflowError):
                second.bind(("", port + 1))
                return port, port + 1
    raise DeviceUnavailable("no two neighbouring TCP ports are free")


def _listens(port: int) -> bool:
    """Whether something listens at ``port``, found without connecting, which would be a card inserted."""
    entries = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    return any(entry[1].endswith(f":{port:04X}") and entry[3] == "0A" for entry in entries)
