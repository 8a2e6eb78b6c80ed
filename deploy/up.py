"""Brings the whole product up on this machine: database, invented hospital, enrolled kiosk, server and kiosk.

Runs in .venv after deploy/setup.py, for a trial or a training room; a hospital uses the systemd units beside this file.
Everything it makes stands below var/, and running it again changes nothing that is there. Ctrl-C stops all of it.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

import urllib3
import yaml

ROOT: Final = Path(__file__).resolve().parent.parent
BIN: Final = Path(sys.executable).parent
LOGS: Final = ROOT / "var" / "log"
START_LIMIT_S: Final = 60.0
STOP_LIMIT_S: Final = 15.0
SIMULATORS: Final = {"insurance": "simulate-gateway", "his": "simulate-his"}
"""By section of ``server`` in the configuration, the command that stands in for the other system."""


def main(arguments: Sequence[str]) -> None:
    config = Path(arguments[0]) if arguments else ROOT / "config.yaml"
    settings = yaml.safe_load(config.read_text(encoding="utf-8"))
    server, kiosk = settings["server"]["bind"], settings["kiosk"]["bind"]
    # The systems beside ours that the configuration simulates.
    simulated = {
        key: urllib3.util.parse_url(section["base_url"])
        for key in SIMULATORS
        if (section := settings["server"].get(key) or {}).get("driver") == "simulated"
    }
    refuse_if_taken("server.bind", server, config)
    refuse_if_taken("kiosk.bind", kiosk, config)
    for key, address in simulated.items():
        refuse_if_taken(f"server.{key}.base_url", address.netloc or "", config)
    LOGS.mkdir(parents=True, exist_ok=True)
    device_token = ROOT / settings["kiosk"]["data_dir"] / "device.token"
    accounts = ROOT / settings["server"]["data_dir"] / "demo-accounts.txt"

    def command(*words: str | Path) -> None:
        finished = subprocess.run(
            [BIN / words[0], *words[1:], "--config", config], cwd=ROOT, capture_output=True, text=True, check=False
        )
        if finished.returncode != 0:
            reason = finished.stderr.strip() or finished.stdout.strip()
            stop(f"'{' '.join(str(word) for word in words)}' failed: {reason}")

    print("[1/4] Database: migrating", flush=True)
    command("tiepdon-server", "migrate")
    print("[2/4] Invented district hospital, its last days and today so far: seeding", flush=True)
    command("tiepdon-server", "demo", "--today", "--days", "5")
    command("tiepdon-server", "speech", "render")
    print("[3/4] Kiosk: enrolling", flush=True)
    if not device_token.exists():
        device_token.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        command(
            "tiepdon-server", "kiosk", "enrol",
            "--facility", settings["kiosk"].get("facility", "34999"),
            "--name", "Kiosk 1", "--letter", "K", "--token-file", device_token,
        )  # fmt: skip
    print("[4/4] Server and kiosk: starting", flush=True)
    with Programs() as programs:
        for key, address in simulated.items():
            port = str(address.port)
            simulate: list[str | Path] = [BIN / "tiepdon-server", SIMULATORS[key], "--port", port, "--config", config]
            programs.start(SIMULATORS[key], simulate, f"http://{address.netloc}/healthz")
        programs.start("server", [BIN / "tiepdon-server", "run", "--config", config], f"http://{server}/readyz")
        programs.start("kiosk", [BIN / "tiepdon-kiosk", "run", "--config", config], f"http://{kiosk}/healthz")
        print(f"""
  Kiosk       http://{kiosk}/            what a patient touches
  Simulator   http://{kiosk}/simulator   cards, codes and faults to play with
  Technician  http://{kiosk}/technician
  Reception   http://{server}/reception
  Counter     http://{server}/counter       where a clinic calls its next number
  Display     http://{server}/board/all     what the waiting room sees
""")
        if accounts.exists():
            print(f"  Staff accounts, made on this machine (also in {os.path.relpath(accounts, ROOT)}):")
            print("".join(f"    {line}\n" for line in accounts.read_text(encoding="utf-8").splitlines()))
        print("  Next: open the simulator beside the kiosk and put a card on the reader. Ctrl-C stops everything.")
        sys.stdout.flush()
        programs.watch()


class Programs:
    """The children of this process: none outlives it, and the end of one is the end of all."""

    def __init__(self) -> None:
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> "Programs":
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, interrupt)
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self._running.values()):
            process.terminate()
        deadline = time.monotonic() + STOP_LIMIT_S
        for process in self._running.values():
            try:
                process.wait(max(deadline - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def start(self, name: str, command: Sequence[str | Path], health: str) -> None:
        """Start a program and wait until it answers at ``health``."""
        log = LOGS / f"{name}.log"
        # Its own session: Ctrl-C reaches this process only, which then stops the children in their order.
        with log.open("ab") as sink:
            self._running[name] = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, start_new_session=True
            )
        deadline = time.monotonic() + START_LIMIT_S
        while not answers(health):
            if self._running[name].poll() is not None:
                stop(f"The {name} did not start; the end of {log}:\n{tail(log)}")
            if time.monotonic() > deadline:
                stop(f"The {name} did not answer at {health} within {START_LIMIT_S:.0f} s; see {log}.")
            time.sleep(0.2)

    def watch(self) -> None:
        """Return never: raises KeyboardInterrupt on Ctrl-C, exits when a program ends by itself."""
        while True:
            for name, process in self._running.items():
                if process.poll() is not None:
                    stop(f"The {name} ended with status {process.returncode}; see {LOGS / name}.log.")
            time.sleep(0.5)


def answers(address: str) -> bool:
    try:
        return urllib3.request("GET", address, timeout=2.0, retries=False).status == 200
    except urllib3.exceptions.HTTPError:
        return False


def refuse_if_taken(key: str, bind: str, config: Path) -> None:
    host, _, port = bind.rpartition(":")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except OSError as error:
            stop(
                f"{bind} cannot be used ({error.strerror}). Stop the program that uses it (perhaps another 'make run'),"
                f" or change {key} in {config.name}."
            )


def tail(log: Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-8:])


def interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def stop(sentence: str) -> NoReturn:
    print(sentence, file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        print("\nStopped.")
