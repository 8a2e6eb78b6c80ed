"""How many codes are read: ours, each peer alone with its own cascade, and all peers together, on the same frames.

    python -m bench.codes [--count 6] [--seed 1000] [--sequences 12] [--pictures FOLDER] [--processes N]

Frames are made-up photographs of cards (bench/cards), 720p unless the group says otherwise; ``--count 16`` gives the
table of docs/measurements.md in four minutes of one core. Photographs are drawn and read in as many processes as there
are cores, for what is read does not depend on time; the frame loop runs in one. ``--pictures`` adds a folder of foreign
pictures, each beside a text file with what it holds. The QR sets of the ZXing family are so: with
core/src/test/resources/blackbox/qrcode-1 to -6 of zxing/zxing and test/samples/qrcode-1 to -6 of zxing-cpp/zxing-cpp in
it, they are 240 pictures, those counted once that both have. Nought for ``--count`` or ``--sequences`` leaves that out.
All times are CPU time of the process: grey picture in, payload out; for the frame loop ("held", sequences) JPEG in.
"""

import argparse
import math
import os
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # run as a file, only bench/ would be searched

import cv2
import numpy as np

from bench.cards.photographs import GROUPS, photograph
from bench.cards.sequences import held_photographs, hold_card, show_card
from drivers.scanner.capture import Frame
from drivers.scanner.decoder import decode_with_zbar, decode_with_zxing
from drivers.scanner.ladder import enlarged
from drivers.scanner.pipeline import FramePipeline, read_picture

Reader = Callable[[np.ndarray], tuple[bytes, ...]]
_HELD_FRAMES: Final = 12
_SHOWN: Final = ("s1", "s2", "cc2", "s3", "cc3", "bhyt", "small", "blur", "glare", "phone", "hd2", "hd3")
_SAME_PICTURE: Final = 8  # mean difference in grey levels; WebP leaves 2 to 5, another exposure gives 10 and more
_CHARSETS: Final = ("utf-8", "shift_jis", "latin-1", "gb18030", "utf-16")


def _cascade(reader: Reader, preparations: Iterable[Callable[[np.ndarray], np.ndarray]]) -> Reader:
    steps = list(preparations)
    return lambda grey: next((found for step in steps if (found := reader(step(grey)))), ())


def _unsharp(grey: np.ndarray, sigma: float = 1.5) -> np.ndarray:
    return cv2.addWeighted(grey, 2.5, cv2.GaussianBlur(grey, (0, 0), sigma), -1.5, 0)


def _turned(grey: np.ndarray) -> np.ndarray:
    height, width = grey.shape
    side = int((height + width) * 0.75)
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), 45, 1)
    matrix[:, 2] += [(side - width) / 2, (side - height) / 2]
    return cv2.warpAffine(grey, matrix, (side, side))


def _adaptive(grey: np.ndarray) -> np.ndarray:
    return cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, 31, 5)


def _opencv(detector: cv2.QRCodeDetector | cv2.QRCodeDetectorAruco) -> Reader:
    def read(grey: np.ndarray) -> tuple[bytes, ...]:
        try:
            text = detector.detectAndDecode(grey)[0]
        except (cv2.error, UnicodeDecodeError):
            return ()
        return (text.encode("utf-8", "surrogateescape"),) if text else ()

    return read


_PLAIN: Final = (lambda grey: grey,)
_CLAHE: Final = cv2.createCLAHE(3.0, (8, 8)).apply
READERS: Final[dict[str, Reader]] = {
    "zxing-cpp": _cascade(decode_with_zxing, _PLAIN),
    "zxing+": _cascade(
        decode_with_zxing,
        [
            *_PLAIN,
            enlarged,
            _CLAHE,
            _unsharp,
            lambda grey: _unsharp(enlarged(grey), 2.5),
            lambda grey: cv2.GaussianBlur(grey, (0, 0), 1.0),
        ],
    ),
    "zbar": _cascade(decode_with_zbar, _PLAIN),
    "zbar+": _cascade(
        decode_with_zbar,
        [
            *_PLAIN,
            _CLAHE,
            _adaptive,
            enlarged,
            lambda grey: cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA),
            _turned,
        ],
    ),
    "opencv": _opencv(cv2.QRCodeDetector()),
    "aruco": _opencv(cv2.QRCodeDetectorAruco()),
}


@dataclass
class Tally:
    """What one reader did: right answers by group, false answers, CPU milliseconds a frame."""

    right: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    false: int = 0
    ms: list[float] = field(default_factory=list)

    def note(self, group: str, found: tuple[bytes, ...], payload: bytes | None) -> bool:
        """Count one answer; return whether it was right."""
        self.false += any(one != payload for one in found)
        is_right = payload is not None and payload in found
        self.right[group] += is_right
        return is_right

    def timed(self, read: Callable[[], tuple[bytes, ...]]) -> tuple[bytes, ...]:
        began_s = time.process_time()
        found = read()
        self.ms.append(1000 * (time.process_time() - began_s))
        return found


def _grey(jpeg: bytes) -> np.ndarray:
    grey = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert grey is not None
    return grey


def _frame(jpeg: bytes) -> Frame:
    return Frame(np.frombuffer(jpeg, np.uint8)[None])


def _read(tally: Tally, reader: Reader, grey: np.ndarray) -> tuple[bytes, ...]:
    return tally.timed(lambda: reader(grey))


def _look(tally: Tally, pipeline: FramePipeline, frame: Frame) -> tuple[bytes, ...]:
    return tally.timed(lambda: pipeline.look(frame).codes)


@dataclass(frozen=True, slots=True)
class _Answers:
    """What every reader found in one photograph, and the CPU milliseconds of each frame it looked at."""

    payload: bytes | None
    found: dict[str, tuple[bytes, ...]]
    ms: dict[str, list[float]]


def bench_photographs(count: int, seed: int, processes: int) -> None:
    """Print the rates by group: single pictures for all, and what ours reads of a card held for twelve frames."""
    tallies = {name: Tally() for name in (*READERS, "union", "ours", "held")}
    print(f"{'% right':10}" + "".join(f"{name:>10}" for name in tallies))
    context = get_context("spawn")
    with ProcessPoolExecutor(processes, context, initializer=cv2.setNumThreads, initargs=(1,)) as pool:
        tasks = [(group, number) for group in GROUPS for number in range(seed, seed + count)]
        answers = pool.map(_answers, *zip(*tasks, strict=True))
        for group in GROUPS:
            for one in islice(answers, count):
                _note(tallies, group, one)
            if group != "none":
                print(_row(group, (100 * one.right[group] / count for one in tallies.values()), ".0f"), flush=True)
    total = count * (len(GROUPS) - 1)
    print(_row("all", (100 * sum(one.right.values()) / total for one in tallies.values()), ".1f"))
    print(_row("false", (one.false for one in tallies.values()), ".0f"))
    print(_row("ms median", (_quantile(one.ms, 0.5) for one in tallies.values()), ".1f"))
    print(_row("ms p95", (_quantile(one.ms, 0.95) for one in tallies.values()), ".1f"))


def _answers(group: str, number: int) -> _Answers:
    taken = photograph(group, number)
    grey = _grey(taken.jpeg)
    tallies = {name: Tally() for name in (*READERS, "ours", "held")}
    found = {name: _read(tallies[name], reader, grey) for name, reader in READERS.items()}
    found["ours"] = _read(tallies["ours"], read_picture, grey)
    found["held"] = _hold(tallies["held"], group, number)
    return _Answers(taken.payload, found, {name: one.ms for name, one in tallies.items()})


def _hold(tally: Tally, group: str, number: int) -> tuple[bytes, ...]:
    pipeline = FramePipeline()
    frames = islice(held_photographs(group, number), _HELD_FRAMES)
    return next((codes for taken in frames if (codes := _look(tally, pipeline, _frame(taken.jpeg)))), ())


def _note(tallies: dict[str, Tally], group: str, answers: _Answers) -> None:
    right = {name: tallies[name].note(group, found, answers.payload) for name, found in answers.found.items()}
    tallies["union"].right[group] += any(right[name] for name in READERS)
    for name, ms in answers.ms.items():
        tallies[name].ms += ms


def _row(name: str, values: Iterable[float], form: str) -> str:
    return f"{name:10}" + "".join(f"{'-' if math.isnan(one) else format(one, form):>10}" for one in values)


def _quantile(values: list[float], share: float) -> float:
    return sorted(values)[int(share * (len(values) - 1))] if values else math.nan


def bench_sequences(count: int, seed: int) -> None:
    """Print how soon a card is read after it is held still, and what a frame costs, decoding its JPEG included."""
    shown_by_width: dict[int, list[_Showing]] = defaultdict(list)
    for number in range(count):
        showing = _show(_SHOWN[number % len(_SHOWN)], seed + number)
        shown_by_width[showing.width_px].append(showing)
        print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    for width_px, showings in shown_by_width.items():
        delays = sorted(one.delay_frames for one in showings if one.delay_frames is not None)
        median = statistics.median(delays) if delays else math.nan
        busy = [ms for one in showings for ms in one.busy_ms]
        held = [ms for one in showings for ms in one.held_ms]
        print(f"\ncards shown at {width_px} px: {len(delays)} of {len(showings)} read;", end=" ")
        print(f"frames from held still to read: median {median:g}, all {delays}")
        print(f"  CPU ms a frame {_quantile(busy, 0.5):.1f}, p95 {_quantile(busy, 0.95):.1f};", end=" ")
        print(f"while held {_quantile(held, 0.5):.1f}, p95 {_quantile(held, 0.95):.1f};", end=" ")
        print(f"a JPEG to grey alone {_quantile([ms for one in showings for ms in one.jpeg_ms], 0.5):.1f}")


@dataclass
class _Showing:
    """One card shown to the frame loop; ``delay_frames`` is None when it was not read."""

    width_px: int
    delay_frames: int | None
    busy_ms: list[float]
    held_ms: list[float]
    jpeg_ms: list[float]


def _show(group: str, seed: int) -> _Showing:
    shown = show_card(group, seed)
    pipeline, loop, jpeg = FramePipeline(), Tally(), Tally()
    read_at = None
    for moment, taken in enumerate(shown.frames):
        frame = _frame(taken.jpeg)
        codes = _look(loop, pipeline, frame)
        _read(jpeg, _only_grey, frame.raw)
        if read_at is None and shown.payload in codes:
            read_at = moment
    delay_frames = None if read_at is None else max(0, read_at - shown.held_from)
    held_ms = loop.ms[shown.held_from : shown.leaves_at]
    return _Showing(_grey(shown.frames[0].jpeg).shape[1], delay_frames, loop.ms, held_ms, jpeg.ms)


def _only_grey(raw: np.ndarray) -> tuple[bytes, ...]:
    Frame(raw).grey()
    return ()


def bench_empty_scene(seed: int) -> None:
    """Print what a frame costs while nobody is there."""
    frames = [_frame(taken.jpeg) for taken in hold_card("none", seed, 30).frames]
    still = [_frame(taken.jpeg) for taken in show_card("s1", seed).frames[:15]]
    for name, scene in (("a card without a code, held", frames), ("an empty room", still)):
        pipeline, tally = FramePipeline(), Tally()
        for _ in range(12):
            for frame in scene:
                _look(tally, pipeline, Frame(frame.raw))
        later = tally.ms[len(tally.ms) // 2 :]
        print(f"  {name}: mean {statistics.mean(later):.2f}, p95 {_quantile(later, 0.95):.1f} ms a frame")


def bench_pictures(folder: Path) -> None:
    """Print the counts on foreign pictures beside text files; a text in another charset is right as well."""
    tallies = {name: Tally() for name in (*READERS, "union", "ours")}
    by_name: dict[tuple[str, str], np.ndarray] = {}
    count = 0
    for file in sorted(one for one in folder.rglob("*") if one.with_suffix(".txt").exists() and one.suffix != ".txt"):
        grey = cv2.imread(str(file), cv2.IMREAD_GRAYSCALE)
        if grey is None or _is_same(grey, by_name.setdefault((file.parent.name, file.stem), grey)):
            continue
        count += 1
        expected = file.with_suffix(".txt").read_bytes()
        by_anyone = False
        for name, reader in READERS.items():
            by_anyone |= _note_text(tallies[name], _read(tallies[name], reader, grey), expected)
        tallies["union"].right["pictures"] += by_anyone
        _note_text(tallies["ours"], _read(tallies["ours"], read_picture, grey), expected)
    print(f"\n{count} foreign pictures")
    for name, tally in tallies.items():
        times = f"{_quantile(tally.ms, 0.5):.1f} / {_quantile(tally.ms, 0.95):.1f} ms" if tally.ms else ""
        print(f"  {name:10}{tally.right['pictures']:5} right {tally.false:4} false   {times}")


def _is_same(grey: np.ndarray, namesake: np.ndarray) -> bool:
    """Whether a picture is its namesake in another set, compressed anew: zxing-cpp took over many of ZXing's."""
    if grey is namesake or grey.shape != namesake.shape:
        return False
    return bool(np.abs(grey.astype(np.int16) - namesake).mean() < _SAME_PICTURE)


def _note_text(tally: Tally, found: tuple[bytes, ...], expected: bytes) -> bool:
    text = expected.decode("utf-8", "replace").strip()
    is_right = expected in found or any(
        one.decode(charset, "replace").strip() == text for one in found for charset in _CHARSETS
    )
    tally.right["pictures"] += is_right
    tally.false += bool(found) and not is_right
    return is_right


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=6, help="photographs of each group")
    parser.add_argument("--seed", type=int, default=1000)
    parser.add_argument("--sequences", type=int, default=12)
    parser.add_argument("--processes", type=int, default=os.cpu_count(), help="for the photographs")
    parser.add_argument("--pictures", type=Path, help="folder of pictures, each with a .txt beside it")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    if options.count:
        bench_photographs(options.count, options.seed, options.processes)
    if options.sequences:
        bench_sequences(options.sequences, options.seed)
        bench_empty_scene(options.seed)
    if options.pictures:
        bench_pictures(options.pictures)


if __name__ == "__main__":
    main()
