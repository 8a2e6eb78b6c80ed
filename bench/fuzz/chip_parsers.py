"""Coverage-guided fuzzing of everything that parses a chip's bytes; a target is chosen by its name.

Needs atheris, which the project does not depend on: make an environment of its own for it.

    python3 -m venv /tmp/fuzz && /tmp/fuzz/bin/pip install -e . atheris
    /tmp/fuzz/bin/python bench/fuzz/chip_parsers.py EF.SOD -runs=1000000

A run that raises anything but a typed refusal, or takes longer than a second, ends the fuzzing and leaves its input in
``crash-*`` or ``timeout-*``. Further arguments go to libFuzzer (https://llvm.org/docs/LibFuzzer.html).
"""

import importlib
import re
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

atheris: Any = importlib.import_module("atheris")  # not in the project's environment, so not in its type check

with atheris.instrument_imports(include=["drivers"]):
    from drivers.errors import MalformedData, ProtocolViolation
    from drivers.icao9303.active_authentication import parse_dg15, verify_active_authentication
    from drivers.icao9303.data_groups import parse_additional_details, parse_com, parse_dg1, parse_dg2
    from drivers.icao9303.dg13 import parse_dg13
    from drivers.icao9303.keys import CipherSuite, check_digit, pad
    from drivers.icao9303.mrz import Mrz, birth_date, expiry_date, parse_mrz
    from drivers.icao9303.passive_authentication import check_signature, parse_security_object
    from drivers.icao9303.proving import parse_dg14
    from drivers.icao9303.secure_messaging import SecureMessaging
    from drivers.icao9303.security_infos import parse_security_infos
    from drivers.icao9303.signatures import UnsupportedAlgorithm
    from drivers.icao9303.trust import EMPTY_TRUST_STORE
    from drivers.simulated.chip.personalise import personalise
    from drivers.simulated.chip.profile import ChipProfile
    from drivers.simulated.people import get_person
    from drivers.smartcard import tlv
    from drivers.smartcard.apdu import CommandApdu
    from drivers.smartcard.capabilities import card_capabilities

NOW: Final = datetime(2025, 3, 1, tzinfo=UTC)
TODAY: Final = date(2025, 3, 1)
MAX_SEED_BYTES: Final = 4000


def tlv_levels(data: bytes) -> None:
    for one in tlv.parse(data, "fuzz"):
        for inner in one.children("fuzz"):
            inner.children("fuzz")


def dg1(data: bytes) -> None:
    read_mrz(parse_dg1(data))


def mrz_text(data: bytes) -> None:
    """A text as it comes, and the same with right check digits, so that what lies behind them is reached as well."""
    text = data.decode("latin-1")
    with suppress(MalformedData):
        read_mrz(parse_mrz(text))
    if re.fullmatch(r"[A-Z0-9<]+", text):
        read_mrz(parse_mrz(with_right_digits(text)))


def read_mrz(mrz: Mrz) -> None:
    birth_date(mrz, TODAY)
    expiry_date(mrz)


def with_right_digits(text: str) -> str:
    """Return a text of 90 or 88 characters with its check digits set; another text as it is."""
    single = {90: ((5, 14), (30, 36), (38, 44)), 88: ((44, 53), (57, 63), (65, 71), (72, 86))}.get(len(text), ())
    for start, end in single:
        text = text[:end] + check_digit(text[start:end]) + text[end + 1 :]
    if len(text) == 90:
        return text[:59] + check_digit(text[5:30] + text[30:37] + text[38:45] + text[48:59]) + text[60:]
    if len(text) == 88:
        return text[:87] + check_digit(text[44:54] + text[57:64] + text[65:87])
    return text


def sod(data: bytes) -> None:
    security_object = parse_security_object(data)
    security_object.hash_reasons({1: b"content"})
    check_signature(security_object.signed, EMPTY_TRUST_STORE, NOW)


def dg15(data: bytes) -> None:
    verify_active_authentication(parse_dg15(data), bytes(8), data[-64:], None)


def card_access(data: bytes) -> None:
    parse_security_infos(data, "EF.CardAccess")


def details(data: bytes) -> None:
    parse_additional_details(data, data)


def command_apdu(data: bytes) -> None:
    CommandApdu.parse(data).encode()


def secure_messaging(data: bytes) -> None:
    """An answer as it comes, and the same with a right MAC, so that what lies behind the MAC is reached as well."""
    suite = tuple(CipherSuite)[data[0] % 4] if data else CipherSuite.AES_128
    encryption, mac = suite.session_keys(b"fuzz")
    for forged in (False, True):
        session = SecureMessaging(suite, encryption, mac)
        session.wrap_command(CommandApdu(0, 0xB0, 0, 0, le=4))
        answer = data[1:]
        if forged:
            counter = (int.from_bytes(session.counter, "big") + 1).to_bytes(suite.block_size, "big")
            covered = counter + answer
            if suite is not CipherSuite.TRIPLE_DES:
                covered = pad(covered, suite.block_size)
            answer += tlv.encode(0x8E, suite.mac(mac, covered))
        with suppress(ProtocolViolation):
            session.unwrap_response(answer, 0x9000)


TARGETS: Final[dict[str, Callable[[bytes], object]]] = {
    "tlv": tlv_levels,
    "atr": card_capabilities,
    "apdu": command_apdu,
    "mrz": mrz_text,
    "EF.COM": parse_com,
    "EF.CardAccess": card_access,
    "EF.DG1": dg1,
    "EF.DG2": parse_dg2,
    "EF.DG11": details,
    "EF.DG13": parse_dg13,
    "EF.DG14": parse_dg14,
    "EF.DG15": dg15,
    "EF.SOD": sod,
    "secure-messaging": secure_messaging,
}


def write_seeds(name: str, folder: Path) -> None:
    """Genuine files to start from, and for every target some that are not its own."""
    profile = ChipProfile(optional_groups=frozenset({"EF.DG11", "EF.DG12"}))
    contents = personalise(get_person("duc"), profile)
    for file, content in {**contents.application, **contents.master_file}.items():
        content = with_small_picture(content) if file == "EF.DG2" else content
        if file == name or name not in contents.application:
            (folder / file.replace("/", "-")).write_bytes(content[:MAX_SEED_BYTES])
    if name == "mrz":
        (folder / "TD1").write_bytes(contents.application["EF.DG1"][-90:])
        lines = b"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", b"L898902C36UTO7408122F1204159ZE184226B<<<<<10"
        (folder / "TD3").write_bytes(b"".join(lines))


def with_small_picture(dg2: bytes) -> bytes:
    """Return EF.DG2 with the first bytes of its picture only, lengths to match: a whole one is too long to explore."""
    photo = parse_dg2(dg2)
    assert photo
    (templates,) = tlv.parse_one(dg2, "seed").children("seed")
    number, template = templates.children("seed")
    header, block = template.children("seed")
    record = block.value[: -len(photo.data)] + photo.data[:64]
    length = len(record) - 14  # of the one face, behind the record's header
    record = record[:14] + length.to_bytes(4, "big") + record[18:]
    inner = tlv.encode(template.tag, header.raw, tlv.encode(block.tag, record))
    return tlv.encode(0x75, tlv.encode(templates.tag, number.raw, inner))


def main() -> None:
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        sys.exit(f"usage: {sys.argv[0]} TARGET [libFuzzer options]\ntargets: {', '.join(TARGETS)}")
    target = TARGETS[sys.argv[1]]

    def run_once(data: bytes) -> None:
        with suppress(MalformedData, UnsupportedAlgorithm):
            target(data)

    with tempfile.TemporaryDirectory(prefix="seeds-") as folder:
        write_seeds(sys.argv[1], Path(folder))
        limits = ["-timeout=1", "-rss_limit_mb=1024", f"-max_len={MAX_SEED_BYTES}"]
        atheris.Setup([sys.argv[0], *limits, *sys.argv[2:], folder], run_once)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
