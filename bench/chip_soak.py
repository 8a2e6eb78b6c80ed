"""Reading chips again and again while cards are pulled at random moments: whatever leaks shows as growth."""

import gc
import random
import sys
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.chip_stand import CAN_PASSWORDS, PHOTO_BYTES, Place
from drivers.errors import DriverError
from drivers.icao9303.reader import read_chip
from drivers.simulated.chip.profile import ChipProfile

_CARD: Final = ChipProfile(photo_bytes=PHOTO_BYTES, latency_ms=1)
_TELL_EVERY_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Resources:
    resident_kib: int
    threads: int
    descriptors: int

    @classmethod
    def now(cls) -> "Resources":
        gc.collect()
        status = Path("/proc/self/status").read_text().splitlines()
        values = {
            line.split(":")[0]: line.split(":")[1].split()[0] for line in status if line.startswith(("VmRSS", "Thr"))
        }
        return cls(int(values["VmRSS"]), int(values["Threads"]), len(list(Path("/proc/self/fd").iterdir())))


def soak(place: Place, reads: int, seed: int) -> None:
    """Read ``reads`` times, and print what the process holds after each tenth; stderr hears how far it is.

    A reading takes 0.1 s, and then twice up to 0.4 s until the daemon has looked at its reader again. The virtual
    reader's other slot could wait meanwhile, but used by turns one of the two stands still after a few cards.
    """
    chance = random.Random(seed)
    outcomes: Counter[str] = Counter()
    tenths = {reads * tenth // 10 for tenth in range(1, 11)}
    marks: list[Resources] = []
    began = told = time.monotonic()
    print(f"\nsoak: {reads} readings, random pulls (seed {seed})")
    print(f"{'readings':>10}{'RSS KiB':>10}{'threads':>9}{'fds':>6}", flush=True)
    for done in range(1, reads + 1):
        outcomes[_read_once(place, chance)] += 1
        now = time.monotonic()
        if now - told > _TELL_EVERY_S:
            told, to_go_s = now, (now - began) / done * (reads - done)
            print(f"soak: {done} of {reads} readings, {to_go_s:.0f} s to go", file=sys.stderr, flush=True)
        if done in tenths:
            marks.append(Resources.now())
            print(f"{done:>10}{marks[-1].resident_kib:>10}{marks[-1].threads:>9}{marks[-1].descriptors:>6}", flush=True)
    first, last = marks[0], marks[-1]  # the first tenth warms caches and the allocator
    print("outcomes: " + ", ".join(f"{name} {count}" for name, count in sorted(outcomes.items())))
    print(
        f"growth after the first tenth: {last.resident_kib - first.resident_kib:+d} KiB"
        f" ({(last.resident_kib / first.resident_kib - 1) * 100:+.1f} %),"
        f" {last.threads - first.threads:+d} threads, {last.descriptors - first.descriptors:+d} descriptors"
    )


def _read_once(place: Place, chance: random.Random) -> str:
    """Return ``read``, or the code of the error that half of the cards are pulled away for."""
    place.put(_CARD)
    if chance.random() < 0.5:
        place.hand.pull_after(chance.uniform(0.001, 0.12))
    try:
        with closing(place.reader.connect()) as connection:
            read_chip(connection, CAN_PASSWORDS)
        outcome = "read"
    except DriverError as error:
        outcome = error.code
    place.clear()
    return outcome
