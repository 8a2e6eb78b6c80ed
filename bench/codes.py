"""How many codes are read: ours, each peer alone with its own cascade, and all peers together, on the same frames.

    python -m bench.codes [--count 6] [--seed 1000] [--sequences 12] [--pictures FOLDER]

Frames are made-up photographs of cards (bench/cards), 720p unless the group says otherwise. ``--pictures`` adds a
folder of foreign pictures, each beside a text file with what it holds. The QR sets of the ZXing family are so: with
core/src/test/resources/blackbox/qrcode-1 to -6 of zxing/zxing and test/samples/qrcode-1 to -6 of zxing-cpp/zxing-cpp in
it, they are 240 pictures, those counted once that both have. Nought for ``--count`` or ``--sequences`` leaves that out.
All times are CPU time of this process: grey picture in, payload out; for the frame loop ("held", sequences) JPEG in.
"""

import argparse
import math
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice
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


def _answers(tallies: dict[str, Tally], group: str, grey: np.ndarray, payload: bytes | None) -> None:
    by_anyone = False
    for name, reader in READERS.items():
        by_anyone |= tallies[name].note(group, _read(tallies[name], reader, grey), payload)
    tallies["union"].right[group] += by_anyone
    tallies["ours"].note(group, _read(tallies["ours"], read_picture, grey), payload)


def bench_photographs(count: int, seed: int) -> None:
    """Print the rates by group: single pictures for all, and what ours reads of a card held for twelve frames."""
    tallies = {name: Tally() for name in (*READERS, "union", "ours", "held")}
    for group in GROUPS:
        for number in range(seed, seed + count):
            taken = photograph(group, number)
            _answers(tallies, group, _grey(taken.jpeg), taken.payload)
            if taken.payload is not None:
                _hold(tallies["held"], group, number)
        print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    _print_rates(tallies, {group: count for group in GROUPS if group != "none"})


def _hold(tally: Tally, group: str, number: int) -> None:
    pipeline = FramePipeline()
    for taken in islice(held_photographs(group, number), _HELD_FRAMES):
        if codes := _look(tally, pipeline, _frame(taken.jpeg)):
            tally.note(group, codes, taken.payload)
            return


def _print_rates(tallies: dict[str, Tally], counts: dict[str, int]) -> None:
    print(f"{'% right':10}" + "".join(f"{name:>10}" for name in tallies))
    for group, count in counts.items():
        print(f"{group:10}" + "".join(f"{100 * one.right[group] / count:10.0f}" for one in tallies.values()))
    total = sum(counts.values())
    print(f"{'all':10}" + "".join(f"{100 * sum(one.right.values()) / total:10.1f}" for one in tallies.values()))
    print(f"{'false':10}" + "".join(f"{one.false:10}" for one in tallies.values()))
    for name, share in (("ms median", 0.5), ("ms p95", 0.95)):
        print(f"{name:10}" + "".join(f"{_quantile(one.ms, share):>10}" for one in tallies.values()))


def _quantile(values: list[float], share: float) -> str:
    return f"{sorted(values)[int(share * (len(values) - 1))]:.1f}" if values else "-"


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
        print(f"  CPU ms a frame {_quantile(busy, 0.5)}, p95 {_quantile(busy, 0.95)};", end=" ")
        print(f"while held {_quantile(held, 0.5)}, p95 {_quantile(held, 0.95)};", end=" ")
        print(f"a JPEG to grey alone {_quantile([ms for one in showings for ms in one.jpeg_ms], 0.5)}")


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
        print(f"  {name}: mean {statistics.mean(later):.2f}, p95 {_quantile(later, 0.95)} ms a frame")


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
        times = f"{_quantile(tally.ms, 0.5)} / {_quantile(tally.ms, 0.95)} ms"
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
    parser.add_argument("--pictures", type=Path, help="folder of pictures, each with a .txt beside it")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    if options.count:
        bench_photographs(options.count, options.seed)
    if options.sequences:
        bench_sequences(options.sequences, options.seed)
        bench_empty_scene(options.seed)
    if options.pictures:
        bench_pictures(options.pictures)


if __name__ == "__main__":
    main()
