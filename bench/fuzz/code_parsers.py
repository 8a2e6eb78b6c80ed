"""Coverage-guided fuzzing of everything that parses a scanned code or an imager's bytes.

Needs atheris, which the project does not depend on: make an environment of its own for it.

    python3 -m venv /tmp/fuzz && /tmp/fuzz/bin/pip install -e . atheris
    /tmp/fuzz/bin/python bench/fuzz/code_parsers.py recognise -runs=1000000

A run that raises anything but a typed refusal, breaks what holds for every reading, or takes more processor time than
SLOWEST_S, ends the fuzzing and leaves its input in ``crash-*``; one that does not end, in ``timeout-*``. Further
arguments go to libFuzzer.

atheris never frees an array that it saw compared, 35 KB a run of ``zone-picture``: a million of those go in slices,
with a folder that keeps what was found.

    for i in $(seq 80); do
        /tmp/fuzz/bin/python bench/fuzz/code_parsers.py zone-picture -runs=12500 /tmp/corpus || break
    done
"""

import importlib
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

atheris: Any = importlib.import_module("atheris")  # not in the project's environment, so not in its type check

with atheris.instrument_imports(include=["drivers.codec", "drivers.scanner", "drivers.icao9303.mrz"]):
    from drivers.codec.recognise import CodeKind, readable_text, recognise, recognise_all, shape_of, unglued
    from drivers.codec.vietnamese import fold, is_name, undo_wrong_charset
    from drivers.icao9303.mrz import parse_mrz
    from drivers.scanner.framing import LONGEST_CODE, Framer
    from drivers.scanner.mrz.glyphs import NOTHING
    from drivers.scanner.mrz.text import believed_text
    from drivers.scanner.mrz.zone import WAYS, find_grids
    from drivers.scanner.wedge import KeyTranslator
    from drivers.simulated.document_texts import card_qr_text, insurance_qr_text, mrz_lines
    from drivers.simulated.people import PEOPLE

MAX_SEED_BYTES: Final = 4200

cv2.setNumThreads(1)  # as the process does that looks at pictures


def any_code(data: bytes) -> None:
    found = recognise(data)
    everything = recognise_all(data)
    assert (found.kind is CodeKind.UNKNOWN) == (found.value is None) == (found.refusal is not None)
    assert everything
    assert shape_of(data).isascii()
    name = getattr(found.value, "full_name", None)
    assert name is None or is_name(name)


def glued(data: bytes) -> None:
    pieces = unglued(data)
    assert pieces
    assert len(pieces) == 1 or len(recognise_all(data)) == len(pieces)


def letters(data: bytes) -> None:
    text, _ = readable_text(data)
    repaired, charset = undo_wrong_charset(text)
    assert charset is not None or repaired == text
    assert fold(fold(repaired)) == fold(repaired)


def framing(data: bytes) -> None:
    """The first byte of each chunk is its length and the pause before it."""
    framer, now_s = Framer(b"\r\n", 0.2), 0.0
    while data:
        length, data = data[0], data[1:]
        now_s += length / 256
        for code in framer.feed(data[:length], now_s):
            assert 0 < len(code) <= LONGEST_CODE
            assert b"\r" not in code
            assert b"\n" not in code or len(code) in {2 * 44 + 1, 3 * 30 + 2}  # the lines of a printed zone
        data = data[length:]


def keys(data: bytes) -> None:
    translator = KeyTranslator()
    for code, value in zip(data[::2], data[1::2], strict=False):
        assert len(translator.bytes_of(code, value % 3)) <= 4


def zone_text(data: bytes) -> None:
    """The first byte chooses the form, each further one the likeliest class of a cell and how likely it is."""
    lines, columns = ((3, 30), (2, 44))[data[0] % 2] if data else (3, 30)
    cells = np.frombuffer(data[1:].ljust(lines * columns, b"\x24")[: lines * columns], np.uint8)
    likelihoods = np.full((lines * columns, NOTHING + 1), -9.0, np.float32)
    likelihoods[np.arange(len(cells)), cells % (NOTHING + 1)] = -(cells // (NOTHING + 1)) / 4
    text = believed_text(likelihoods.reshape(lines, columns, -1))
    if text is not None:
        parse_mrz(text)
        assert recognise(text.encode()).kind is CodeKind.MRZ


def zone_picture(data: bytes) -> None:
    """The first byte chooses the way, each further one is a blot on a page: its place in its row, and its size."""
    page = np.full((100, 520), 230, np.uint8)
    for number, byte in enumerate(data[1:200]):
        left, top = number % 50 * 10 + byte % 8, 8 + number // 50 * 20
        page[top : top + 6 + byte // 16, left : left + 2 + byte % 7] = byte // 2
    for grid in find_grids(page, WAYS[data[0] % len(WAYS)] if data else WAYS[0]):
        assert grid.cells().shape[:2] == (grid.lines, grid.columns)


TARGETS: Final[dict[str, Callable[[bytes], object]]] = {
    "recognise": any_code,
    "glued": glued,
    "letters": letters,
    "framing": framing,
    "keys": keys,
    "zone-text": zone_text,
    "zone-picture": zone_picture,
}
SLOWEST_S: Final = defaultdict(lambda: 0.05, {"zone-picture": 1.0})
"""Processor time: what a code may cost the thread that waits for the next one, a picture the process made for it."""


def in_time(name: str) -> Callable[[bytes], None]:
    """Return a target held to SLOWEST_S; libFuzzer's own limit counts the time of a busy machine as well."""
    target, slowest_s = TARGETS[name], SLOWEST_S[name]

    def run(data: bytes) -> None:
        began_s = time.process_time()
        target(data)
        assert time.process_time() - began_s < slowest_s

    return run


def write_seeds(folder: Path) -> None:
    """Whole codes of all kinds, as their issuers write them and as bad channels deliver them."""
    texts = [text for person in PEOPLE for text in (card_qr_text(person), insurance_qr_text(person)) if text]
    texts += ["\r\n".join(mrz_lines(person)) for person in PEOPLE]
    texts += ["TD1:0123456789ABCDEFGHJK", "TA1:ZYXWVTSRQPNMKJHGFEDC", texts[0] + texts[1]]
    for number, text in enumerate(texts):
        data = text.encode()
        (folder / f"whole-{number}").write_bytes(data)
        (folder / f"latin-{number}").write_bytes(data.decode("latin-1").encode())
        (folder / f"wrapped-{number}").write_bytes(b"\xef\xbb\xbf]Q1" + data + b"\r\n")


def main() -> None:
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        sys.exit(f"usage: {sys.argv[0]} TARGET [libFuzzer options]\ntargets: {', '.join(TARGETS)}")
    with tempfile.TemporaryDirectory(prefix="seeds-") as folder:
        write_seeds(Path(folder))
        limits = ["-timeout=60", "-rss_limit_mb=1024", f"-max_len={MAX_SEED_BYTES}"]
        atheris.Setup([sys.argv[0], *limits, *sys.argv[2:], folder], in_time(sys.argv[1]))
        atheris.Fuzz()


if __name__ == "__main__":
    main()
