"""Runs every bench, one after the other, each in a process of its own: ``make bench``, or ``bench/run.py chip codes``.

A bench prints figures and ratios measured in one run; it passes or fails on nothing but its own errors.
"""

import subprocess
import sys
import time
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
BENCHES: Final = {
    "check-in": "check_in.py",
    "registrations": "registrations.py",
    "search": "patient_search.py",
    "boards": "boards.py",
    "chip": "chip_read.py",
    "codes": "codes.py",
    "mrz": "mrz.py",
    "printing": "printing.py",
}


def main(chosen: list[str]) -> int:
    unknown = [name for name in chosen if name not in BENCHES]
    if unknown:
        print(f"unknown: {', '.join(unknown)}; there are {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    names = chosen or list(BENCHES)
    failed = []
    for number, name in enumerate(names, 1):
        print(f"\n=== [{number}/{len(names)}] {name} ===", flush=True)
        began = time.monotonic()
        if subprocess.run([sys.executable, HERE / BENCHES[name]], cwd=HERE.parent, check=False).returncode != 0:
            failed.append(name)
        print(f"--- {name}: {time.monotonic() - began:.0f} s", flush=True)
    if failed:
        print(f"\nended with an error: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
