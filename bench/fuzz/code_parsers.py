"""Coverage-guided fuzzing of everything that parses a scanned code or an imager's bytes.

Needs atheris, which the project does not depend on: make an environment of its own for it.

    python3 -m venv /tmp/fuzz && /tmp/fuzz/bin/pip install -e . atheris
    /tmp/fuzz/bin/python bench/fuzz/code_parsers.py recognise -runs=1000000

A run that raises anything but a typed refusal, breaks what holds for every reading, or takes more than 50 ms of
processor time, ends the fuzzing and leaves its input in ``crash-*``; one that does not end, in ``timeout-*``. Further
arguments go to libFuzzer.
"""

import importlib
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

atheris: Any = importlib.import_module("atheris")  # not in the project's environment, so not in its type check

with atheris.instrument_imports(include=["drivers.codec", "drivers.scanner", "drivers.icao9303.mrz"]):
    from drivers.codec.recognise import CodeKind, readable_text, recognise, recognise_all, shape_of, unglued
    from drivers.codec.vietnamese import fold, is_name, undo_wrong_charset
    from drivers.scanner.framing import LONGEST_CODE, Framer
    from drivers.scanner.wedge import KeyTranslator
    from drivers.simulated.people import PEOPLE, card_qr_text, insurance_qr_text, mrz_lines

MAX_SEED_BYTES: Final = 4200
SLOWEST_S: Final = 0.05  # of processor time: what a code may cost the thread that waits for the next one


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
            assert not set(code) & {10, 13}
        data = data[length:]


def keys(data: bytes) -> None:
    translator = KeyTranslator()
    for code, value in zip(data[::2], data[1::2], strict=False):
        assert len(translator.bytes_of(code, value % 3)) <= 4


TARGETS: Final[dict[str, Callable[[bytes], object]]] = {
    "recognise": any_code,
    "glued": glued,
    "letters": letters,
    "framing": framing,
    "keys": keys,
}


def in_time(target: Callable[[bytes], object]) -> Callable[[bytes], None]:
    """Return ``target`` held to SLOWEST_S; libFuzzer's own limit counts the time of a busy machine as well."""

    def run(data: bytes) -> None:
        began_s = time.process_time()
        target(data)
        assert time.process_time() - began_s < SLOWEST_S

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
        atheris.Setup([sys.argv[0], *limits, *sys.argv[2:], folder], in_time(TARGETS[sys.argv[1]]))
        atheris.Fuzz()


if __name__ == "__main__":
    main()
