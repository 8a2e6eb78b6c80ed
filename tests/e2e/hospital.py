"""A hospital's server and kiosk as processes of their own."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import urllib3
import yaml

from tests.support.ports import free_port

ROOT: Final = Path(__file__).parents[2]
SCREENSHOTS: Final = ROOT / "var" / "screenshots"
CHROMIUM: Final = shutil.which("chromium-headless-shell") or "/usr/bin/chromium"
FACILITY: Final = "34999"
START_LIMIT_S: Final = 60.0
"""Generous: eight interpreters may start at once on two cores."""

LIVE_LIMIT_MS: Final = 20_000
"""A change reaches an open page in well under two seconds; this is for a machine busy with something else."""

LIVE_PAGES: Final = 12  # open pages the server keeps up to date; one more asks every few seconds


@dataclass
class Hospital:
    """A server and a kiosk of their own below ``home``, on ports of their own; nothing runs until it is started."""

    home: Path
    server_port: int = field(default_factory=free_port)
    kiosk_port: int = field(default_factory=free_port)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        settings = {
            "profile": "demo",
            "server": {
                "bind": f"127.0.0.1:{self.server_port}",
                "data_dir": str(self.home / "server"),
                "database_url": f"sqlite:///{self.home / 'server' / 'tiepdon.db'}",
                "workers": 1,
                "threads": 16,
                "live_pages": LIVE_PAGES,
            },
            "kiosk": {
                "bind": f"127.0.0.1:{self.kiosk_port}",
                "data_dir": str(self.home / "kiosk"),
                "server_url": self.server_url,
                "facility": FACILITY,
                "free_space_mb": 1,
                # What a person at the kiosk would wait for up to ten seconds.
                "refresh_s": 1.0,
                "printer_status_s": 0.5,
                "limits": {"card_taken_s": 2.0},
            },
            "devices": {"card_reader": {"driver": "simulated", "latency_ms": 1}},
        }
        self.config.write_text(yaml.safe_dump(settings), encoding="utf-8")

    @property
    def config(self) -> Path:
        return self.home / "config.yaml"

    @property
    def server_url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def kiosk_url(self) -> str:
        return f"http://127.0.0.1:{self.kiosk_port}"

    def command(self, program: str, *arguments: str) -> str:
        """Run ``tiepdon-server`` or ``tiepdon-kiosk`` to its end and return what it printed."""
        done = subprocess.run(
            [str(Path(sys.executable).with_name(program)), *arguments, "--config", str(self.config)],
            cwd=ROOT,
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=START_LIMIT_S,
            check=False,
        )
        assert done.returncode == 0, f"{program} {' '.join(arguments)}: {done.stderr}"
        return done.stdout

    def prepare(self) -> None:
        """Make the database, the invented hospital and this kiosk's token; a run's later hospitals copy its first."""
        first = self.home.parent / "prepared"
        if not first.exists():
            self._prepare_first()
            shutil.copytree(self.home / "server", first / "server")
            shutil.copytree(self.home / "kiosk", first / "kiosk")
        else:
            shutil.copytree(first, self.home, dirs_exist_ok=True)

    def _prepare_first(self) -> None:
        self.command("tiepdon-server", "migrate")
        self.command("tiepdon-server", "demo")
        enrol = ("kiosk", "enrol", "--facility", FACILITY, "--name", "Kiosk T", "--letter", "T")
        self.command("tiepdon-server", *enrol, "--token-file", str(self.home / "kiosk" / "device.token"))

    def see_everybody(self) -> None:
        """Let the doctors have seen all who wait: who comes to the kiosk again then gets a number of their own."""
        with closing(sqlite3.connect(self.home / "server" / "tiepdon.db", timeout=10.0)) as database, database:
            database.execute("UPDATE ticket SET status = 'done' WHERE superseded_at IS NULL")

    def start(self, program: str) -> None:
        """Start ``tiepdon-server`` or ``tiepdon-kiosk`` and wait until it answers."""
        address = self.server_url if program == "tiepdon-server" else self.kiosk_url
        with (self.home / f"{program}.log").open("ab") as log:
            self.processes[program] = subprocess.Popen(
                [str(Path(sys.executable).with_name(program)), "run", "--config", str(self.config)],
                cwd=ROOT,
                env=self._environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait_for(program, f"{address}/healthz")

    def stop(self, program: str) -> None:
        """End a program and all it started at once, without time for a last word."""
        process = self.processes.pop(program, None)
        if process is not None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(timeout=20)

    def log(self, program: str) -> str:
        return (self.home / f"{program}.log").read_text(encoding="utf-8", errors="replace")

    def _wait_for(self, program: str, address: str) -> None:
        http = urllib3.PoolManager()
        deadline = time.monotonic() + START_LIMIT_S
        while time.monotonic() < deadline:
            assert self.processes[program].poll() is None, f"{program} ended: {self.log(program)}"
            try:
                if http.request("GET", address, timeout=2.0, retries=False).status == 200:
                    return
            except urllib3.exceptions.HTTPError:
                pass
            time.sleep(0.1)
        raise AssertionError(f"{program} does not answer: {self.log(program)}")

    def _environment(self) -> dict[str, str]:
        return {name: value for name, value in os.environ.items() if not name.startswith("TIEPDON_")}


@contextmanager
def running_hospital(home: Path) -> Iterator[Hospital]:
    hospital = Hospital(home)
    hospital.prepare()
    try:
        hospital.start("tiepdon-server")
        hospital.start("tiepdon-kiosk")
        yield hospital
    finally:
        hospital.stop("tiepdon-kiosk")
        hospital.stop("tiepdon-server")
