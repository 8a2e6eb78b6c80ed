"""Installs what Tiepdon needs on Debian 12, and nothing twice: Debian packages by apt, Python packages into .venv.

Standard library only, for it runs before anything is installed. ``python3 deploy/setup.py [--test]``; with ``--test``
also what the suite needs. Running it again takes a second. The full output of apt and pip goes to var/log/setup.log.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final, NoReturn

ROOT: Final = Path(__file__).resolve().parent.parent
VENV: Final = ROOT / ".venv"
LOG: Final = ROOT / "var" / "log" / "setup.log"

# What each is for stands in docs/dependencies.md.
RUN_PACKAGES: Final = (
    "espeak-ng",
    "fonts-noto-core",
    "fonts-ocr-b",
    "gcc",
    "libc6-dev",
    "libgl1",
    "libglib2.0-0",
    "libpcsclite-dev",
    "libusb-1.0-0",
    "libzbar0",
    "pcscd",
    "pkg-config",
)
# The browser without its own windows takes half the computing of the whole one; where that is there, it will do.
TEST_PACKAGES: Final = ("chromium-headless-shell | chromium", "openssl", "postgresql", "vsmartcard-vpcd")


def main(arguments: Sequence[str]) -> None:
    for_tests = "--test" in arguments
    if sys.version_info < (3, 11):  # noqa: UP036 - it runs on whatever Python a machine has, and says so
        stop(f"Tiepdon needs Python 3.11 or newer; this is {sys.version.split()[0]}. Try: make PYTHON=python3.11 ...")
    LOG.parent.mkdir(parents=True, exist_ok=True)
    LOG.write_text("", encoding="utf-8")
    steps: list[tuple[str, Callable[[], str]]] = [
        ("Debian packages", lambda: install_debian_packages(for_tests)),
        ("Python packages", lambda: install_python_packages(for_tests)),
        ("this project", install_project),
    ]
    for number, (title, step) in enumerate(steps, 1):
        label = f"[{number}/{len(steps)}] {title}"
        show(label, "…")
        show(label, step(), end="\n")


def install_debian_packages(for_tests: bool) -> str:
    wanted = [*RUN_PACKAGES, *(TEST_PACKAGES if for_tests else ())]
    # A Python from elsewhere than Debian brings these two along.
    if importlib.util.find_spec("ensurepip") is None:
        wanted.append("python3-venv")
    if not Path(sysconfig.get_path("include"), "Python.h").exists():
        wanted.append("python3-dev")
    if shutil.which("dpkg-query") is None:
        stop(f"This is no Debian system: install the equivalents of {', '.join(wanted)} and try again.")
    choices = [name.split(" | ") for name in wanted]
    missing = [choice[0] for choice in choices if not any(map(is_installed, choice))]
    if not missing:
        return "already there"
    by_hand = f"apt-get install {' '.join(missing)}"
    if os.geteuid() == 0:
        prefix: list[str] = []
    elif shutil.which("sudo"):
        prefix = ["sudo"]
    else:
        stop(f"Debian packages are missing and only root may install them. As root, run: {by_hand}")
    environment = ["env", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8"]
    apt = [*prefix, *environment, "apt-get", "-y", "-o", "DPkg::Lock::Timeout=120"]
    if follow([*apt, "update"], lambda _: None) != 0:
        stop(f"The Debian archive cannot be reached (see {LOG}). Connect this machine to the network and try again.")
    total = 0
    done = 0

    def progress(line: str) -> None:
        nonlocal total, done
        if announced := re.match(r"\d+ upgraded, (\d+) newly installed", line):
            total = int(announced[1])
        if line.startswith("Setting up "):
            done += 1
            show("[1/3] Debian packages", f"{done} of {total or '?'}")

    if follow([*apt, "install", "--no-install-recommends", *missing], progress) != 0:
        stop(f"apt could not install the missing packages (see {LOG}). Try by hand: {by_hand}")
    return f"{len(missing)} installed"


def is_installed(package: str) -> bool:
    query = ["dpkg-query", "-W", "-f=${db:Status-Status}", package]
    return subprocess.run(query, capture_output=True, text=True, check=False).stdout == "installed"


def install_python_packages(for_tests: bool) -> str:
    lock = ROOT / "deploy" / "requirements" / ("test.txt" if for_tests else "run.txt")
    # The test lock holds all of the run lock: once it is in, 'make run' has nothing to do.
    stamps = [stamp_of(ROOT / "deploy" / "requirements" / "test.txt"), stamp_of(lock)]
    if any(stamp.exists() for stamp in stamps) and python().exists():
        return "already there"
    if not python().exists() and follow([sys.executable, "-m", "venv", "--clear", str(VENV)], lambda _: None) != 0:
        stop(f"No virtual environment could be made in {VENV} (see {LOG}). Is the python3-venv package installed?")
    total = len(re.findall(r"^\S+==", lock.read_text(encoding="utf-8"), re.MULTILINE))
    seen = 0

    def progress(line: str) -> None:
        nonlocal seen
        if line.startswith(("Collecting ", "Requirement already satisfied")):
            seen += 1
            show("[2/3] Python packages", f"{seen} of {total}")
        elif line.startswith(("Building ", "Installing collected")):
            show("[2/3] Python packages", f"{total} of {total}, installing")

    if follow([*pip(), "--require-hashes", "-r", str(lock)], progress) != 0:
        stop(f"The Python packages could not be installed (see {LOG}). Is the package index within reach?")
    for old in VENV.glob(".installed-*"):
        old.unlink()
    stamp_of(lock).touch()
    return f"{total} installed"


def install_project() -> str:
    marker = VENV / ".project"
    state = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest() + f" {ROOT}"
    if marker.exists() and marker.read_text(encoding="utf-8") == state:
        return "already there"
    if follow([*pip(), "--no-deps", "--no-build-isolation", "-e", str(ROOT)], lambda _: None) != 0:
        stop(f"The project could not be installed into {VENV} (see {LOG}).")
    marker.write_text(state, encoding="utf-8")
    return "installed"


def stamp_of(lock: Path) -> Path:
    """The file that stands in .venv once exactly this lock's packages are in it."""
    return VENV / f".installed-{lock.stem}-{hashlib.sha256(lock.read_bytes()).hexdigest()[:16]}"


def python() -> Path:
    return VENV / "bin" / "python"


def pip() -> list[str]:
    return [str(python()), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]


def follow(command: Sequence[str], each_line: Callable[[str], None]) -> int:
    """Run ``command``, hand its lines to ``each_line``, keep them all in the log; return its exit status."""
    with LOG.open("a", encoding="utf-8") as log:
        log.write(f"$ {' '.join(command)}\n")
        with subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT
        ) as process:
            lines: Iterable[str] = process.stdout or ()
            for line in lines:
                log.write(line)
                each_line(line.strip())
    return process.returncode


def show(label: str, state: str, end: str = "") -> None:
    """Rewrite the step's line on a terminal; elsewhere print its last state only."""
    if sys.stdout.isatty():
        print(f"\r\033[K{label}: {state}", end=end, flush=True)
    elif end:
        print(f"{label}: {state}", flush=True)


def stop(sentence: str) -> NoReturn:
    print(f"\n{sentence}" if sys.stdout.isatty() else sentence, file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        stop("Stopped; run it again to go on.")
