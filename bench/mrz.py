"""How many machine readable zones are read off made-up photographs, what that costs, and how often one is wrong.

    python -m bench.mrz [--count 5] [--seed 1000] [--tesseract]

The zones stand on backs of ID cards and photo pages of passports (bench/cards). "picture" is one photograph with time
enough, "held" a document held for twelve frames. A wrong answer has passed its check digits; which characters it has
wrong is told apart, because only the number and the dates open a chip. "tesseract" (Debian: tesseract-ocr) is given the
zone as our reader found and straightened it, and the same check digits decide. Times are CPU time of this process.
"""

import argparse
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # run as a file, only bench/ would be searched

import cv2
import numpy as np

from bench.cards.photographs import ZONE_GROUPS, photograph
from bench.cards.sequences import hold_card
from drivers.codec.recognise import MrzCode, recognise
from drivers.scanner.capture import Frame
from drivers.scanner.mrz.glyphs import ALPHABET
from drivers.scanner.mrz.watch import ZoneWatch, read_zone
from drivers.scanner.mrz.zone import WAYS, find_grids

_HELD_FRAMES: Final = 12
_OTHERS: Final = ("none", "s2", "cc2", "bhyt", "phone")  # groups without a zone that could be read


@dataclass
class Tally:
    """What one reader did: right answers by group, wrong ones by kind, CPU milliseconds a call."""

    right: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    ms: list[float] = field(default_factory=list)

    def timed(self, read: Callable[[], bytes | None]) -> bytes | None:
        began_s = time.process_time()
        found = read()
        self.ms.append(1000 * (time.process_time() - began_s))
        return found

    def note(self, group: str, found: bytes | None, payload: bytes | None) -> None:
        if found is not None and found == payload:
            self.right[group] += 1
        elif found is not None:
            self.wrong[_kind_of_mistake(found, payload)] += 1


def _kind_of_mistake(found: bytes, payload: bytes | None) -> str:
    one, other = recognise(found).value, recognise(payload or b"").value
    if not isinstance(one, MrzCode) or not isinstance(other, MrzCode):
        return "nothing there"
    keys = [(it.document_number, it.born_on, it.expires_on) for it in (one, other)]
    return "number or date" if keys[0] != keys[1] else "name" if one.name != other.name else "other"


def _grey(jpeg: bytes) -> np.ndarray:
    grey = Frame(np.frombuffer(jpeg, np.uint8)[None]).grey()
    assert grey is not None
    return grey


def _held(tally: Tally, group: str, number: int) -> int | None:
    """Show one document for some frames; return after how many it was read."""
    watch = ZoneWatch()
    shown = hold_card(group, number, _HELD_FRAMES)
    for count, taken in enumerate(shown.frames, 1):
        grey = _grey(taken.jpeg)
        found = tally.timed(partial(watch.look, grey))
        if found is not None:
            tally.note(group, found, shown.payload)
            return count
    return None


def _with_tesseract(grey: np.ndarray) -> bytes | None:
    for way in WAYS:
        for grid in find_grids(grey, way):
            strip = np.vstack([np.hstack(list(row)) for row in grid.cells()])
            picture = cv2.copyMakeBorder(cv2.resize(strip, None, fx=2, fy=2), 20, 20, 20, 20, cv2.BORDER_REPLICATE)
            options = ["--psm", "6", "-c", f"tessedit_char_whitelist={ALPHABET}"]
            text = subprocess.run(
                ["tesseract", "stdin", "stdout", *options],
                input=cv2.imencode(".png", picture)[1].tobytes(),
                capture_output=True,
                check=True,
            ).stdout
            lines = b"\n".join(line.replace(b" ", b"") for line in text.split(b"\n") if line.strip())
            if isinstance(recognise(lines).value, MrzCode):
                return lines
    return None


def bench_zones(count: int, seed: int, *, tesseract: bool) -> None:
    """Print the rates by group, the mistakes, the cost of a picture and of a frame."""
    readers: dict[str, Callable[[np.ndarray], bytes | None]] = {"picture": read_zone}
    if tesseract:
        readers["tesseract"] = _with_tesseract
    tallies: dict[str, Tally] = defaultdict(Tally)
    frames: list[int] = []
    for group in ZONE_GROUPS:
        for number in range(seed, seed + count):
            taken = photograph(group, number)
            grey = _grey(taken.jpeg)
            for name, read in readers.items():
                tally = tallies[name]
                tally.note(group, tally.timed(partial(read, grey)), taken.payload)
            frames += [read_after for read_after in [_held(tallies["held"], group, number)] if read_after]
        print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    _print_rates(tallies, count)
    print(f"frames until a held document was read: median {sorted(frames)[len(frames) // 2]}, most {max(frames)}")


def _print_rates(tallies: dict[str, Tally], count: int) -> None:
    print(f"{'% right':16}" + "".join(f"{name:>12}" for name in tallies))
    for group in ZONE_GROUPS:
        print(f"{group:16}" + "".join(f"{100 * one.right[group] / count:12.0f}" for one in tallies.values()))
    total = count * len(ZONE_GROUPS)
    print(f"{'all':16}" + "".join(f"{100 * one.right.total() / total:12.1f}" for one in tallies.values()))
    for name, share in (("ms median", 0.5), ("ms p95", 0.95)):
        cells = [f"{sorted(one.ms)[int(share * (len(one.ms) - 1))]:12.1f}" for one in tallies.values()]
        print(f"{name:16}" + "".join(cells))
    for name, tally in tallies.items():
        print(f"wrong, {name}: {dict(tally.wrong) or 'none'} of {total}")


def bench_others(count: int, seed: int) -> None:
    """Print what is seen where there is no zone, and what looking there costs."""
    tally = Tally()
    for group in _OTHERS:
        for number in range(seed, seed + count):
            watch, grey = ZoneWatch(), _grey(photograph(group, number).jpeg)
            for _ in WAYS:
                tally.note(group, tally.timed(partial(watch.look, grey)), None)
    ordered = sorted(tally.ms)
    print(f"without a zone: {tally.wrong.total()} answers from {count * len(_OTHERS)} pictures;", end=" ")
    print(f"ms a frame median {ordered[len(ordered) // 2]:.1f}, p95 {ordered[int(0.95 * len(ordered))]:.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=5, help="documents of each group")
    parser.add_argument("--seed", type=int, default=1000)
    parser.add_argument("--tesseract", action="store_true")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    bench_zones(options.count, options.seed, tesseract=options.tesseract)
    bench_others(options.count, options.seed)


if __name__ == "__main__":
    main()
