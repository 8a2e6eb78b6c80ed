"""Reading a chip through the real PC/SC daemon and a virtual reader: exchanges, time, and how close that is to physics.

The floor of a reading is the sum over its exchanges of the chip's latency and of the bytes at the link's bit rate: what
the same exchanges cost with no software at all. The chip lives in a process of its own and does its own computing
within its latency, as a card does.

    bench/chip_read.py [--reads N] [--latency-ms MS] [--kbit KBIT/S] [--soak N]
"""

import argparse
import statistics
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # run as a file, only bench/ would be searched

from bench.chip_soak import soak
from bench.chip_stand import CAN_PASSWORDS, MRZ_PASSWORDS, PERSON, PHOTO_BYTES, Place, stand
from drivers.errors import DeviceUnavailable
from drivers.icao9303.chip import Chip as OpenChip
from drivers.icao9303.keys import CipherSuite
from drivers.icao9303.pace import PacePassword, PasswordKind, open_pace
from drivers.icao9303.passive_authentication import check_signature, parse_security_object
from drivers.icao9303.reader import ReadOptions, read_chip
from drivers.icao9303.reading import ChipPasswords, IdentityAvailable, ReadingEvent
from drivers.icao9303.secure_messaging import SecureMessaging
from drivers.icao9303.security_infos import pace_info
from drivers.icao9303.trust import TrustStore, load_trust_store
from drivers.simulated.chip.card import Chip
from drivers.simulated.chip.issuer import csca_certificate
from drivers.simulated.chip.personalise import personalise
from drivers.simulated.chip.profile import ChipProfile
from drivers.smartcard.apdu import CommandApdu
from drivers.smartcard.base import CardConnection, CardReader


@dataclass(frozen=True, slots=True)
class Link:
    latency_ms: float
    bits_per_second: int

    def floor_ms(self, exchanges: int, octets: int) -> float:
        return exchanges * self.latency_ms + octets * 8000 / self.bits_per_second


@dataclass(slots=True)
class Counting:
    """A ``CardConnection`` that counts what goes over the link and how long the other side takes."""

    inner: CardConnection
    exchanges: int = 0
    octets: int = 0
    waited_s: float = 0.0
    atr: bytes = b""
    supports_extended_length: bool = True

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        started = time.perf_counter()
        data, sw = self.inner.transmit(command)
        self.waited_s += time.perf_counter() - started
        self.exchanges += 1
        self.octets += len(command) + len(data) + 2
        return data, sw

    def reset(self) -> None:
        self.inner.reset()

    def close(self) -> None:
        self.inner.close()


@dataclass(slots=True)
class Figures:
    """Of one reading; times in milliseconds."""

    exchanges: int
    total: float
    floor: float
    identity_exchanges: int = 0
    identity: float = 0.0
    identity_floor: float = 0.0


@dataclass(frozen=True, slots=True)
class Scenario:
    name: str
    profile: ChipProfile
    passwords: ChipPasswords = CAN_PASSWORDS
    options: ReadOptions = field(default_factory=ReadOptions)
    at_most: str = ""


def read_once(reader: CardReader, scenario: Scenario, link: Link) -> Figures:
    with closing(reader.connect()) as connection:
        counting = Counting(connection, atr=connection.atr)
        figures = Figures(0, 0.0, 0.0)
        started = time.perf_counter()

        def elapsed_ms() -> float:
            return (time.perf_counter() - started) * 1000

        def observer(event: ReadingEvent) -> None:
            if isinstance(event, IdentityAvailable):
                figures.identity_exchanges, figures.identity = counting.exchanges, elapsed_ms()
                figures.identity_floor = link.floor_ms(counting.exchanges, counting.octets)

        reading = read_chip(counting, scenario.passwords, options=scenario.options, observer=observer)
        figures.exchanges, figures.total = counting.exchanges, elapsed_ms()
        figures.floor = link.floor_ms(counting.exchanges, counting.octets)
        if scenario.options.photo:
            assert reading.photo
            assert len(reading.photo.data) == PHOTO_BYTES
            assert reading.assurance == "trusted", reading.reasons
        return figures


def measure(place: Place, scenario: Scenario, link: Link, reads: int) -> list[Figures]:
    place.put(replace(scenario.profile, latency_ms=link.latency_ms, bits_per_second=link.bits_per_second))
    figures = [read_once(place.reader, scenario, link) for _ in range(reads + 1)][1:]  # the first fills caches
    place.clear()
    return figures


def print_readings(place: Place, wanted: list[Scenario], link: Link, reads: int) -> None:
    print(f"{'reading':<44}{'APDUs':>6}{'goal':>6}{'ms':>9}{'floor':>9}{'ratio':>7}{'  worst':>8}")
    for scenario in wanted:
        figures = measure(place, scenario, link, reads)
        total, floor = (statistics.median(getattr(one, name) for one in figures) for name in ("total", "floor"))
        worst = max(one.total / one.floor for one in figures)
        exchanges = statistics.median(one.exchanges for one in figures)
        print(
            f"{scenario.name:<44}{exchanges:>6.0f}{scenario.at_most:>6}{total:>9.1f}{floor:>9.1f}"
            f"{total / floor:>7.3f}{worst:>8.3f}"
        )
        identity, identity_floor = (
            statistics.median(getattr(one, name) for one in figures) for name in ("identity", "identity_floor")
        )
        exchanges = statistics.median(one.identity_exchanges for one in figures)
        goal = "14" if scenario.profile.extended_length else ""
        print(
            f"{'  identity on the screen':<44}{exchanges:>6.0f}{goal:>6}{identity:>9.1f}{identity_floor:>9.1f}"
            f"{identity / identity_floor:>7.3f}",
            flush=True,
        )
    print("goal of the ratio: at most 1.15 for the whole reading with extended length at 15 ms per APDU")


def own_computing(trust: TrustStore) -> None:
    """The reader's own work, without any link: the chip answers in this process and its time is taken off."""
    print(f"\n{'own computing':<44}{'goal ms':>12}{'median ms':>12}{'worst':>9}")
    _print_times("PACE-CAN, brainpoolP256r1, AES-128", "20", [_pace_ms() for _ in range(40)])
    for suite in (CipherSuite.AES_128, CipherSuite.TRIPLE_DES):
        _print_times(
            f"secure messaging per APDU, {suite.value}, short", "0.15", [_messaging_ms(suite) for _ in range(40)]
        )
    _print_times("passive authentication, all files", "10", [_passive_ms(trust) for _ in range(40)])


def _print_times(name: str, goal: str, times_ms: list[float]) -> None:
    times_ms = times_ms[2:]
    print(f"{name:<44}{goal:>12}{statistics.median(times_ms):>12.3f}{max(times_ms):>9.3f}")


class _Direct:
    supports_extended_length = True

    def __init__(self, chip: Chip) -> None:
        self.atr, self._chip = chip.atr, chip

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        answer = self._chip.transmit(command)
        return answer[:-2], int.from_bytes(answer[-2:], "big")

    def reset(self) -> None:
        self._chip.power_on()

    def close(self) -> None:
        pass


def _pace_ms() -> float:
    counting = Counting(_Direct(Chip(PERSON)))
    assert PERSON.can
    password = PacePassword(PasswordKind.CAN, PERSON.can.encode())
    started = time.perf_counter()
    assert open_pace(OpenChip(counting), pace_info("ECDH", "GM", CipherSuite.AES_128, 13), password)
    return (time.perf_counter() - started - counting.waited_s) * 1000


def _messaging_ms(suite: CipherSuite, exchanges: int = 50) -> float:
    ours, theirs = (SecureMessaging(suite, *suite.session_keys(b"invented")) for _ in range(2))
    command = CommandApdu(0, 0xB0, 0, 0, le=ours.short_read_max)
    content = bytes(ours.short_read_max)
    spent = 0.0
    for _ in range(exchanges):
        started = time.perf_counter()
        wrapped = ours.wrap_command(command).encode()
        spent += time.perf_counter() - started
        theirs.unwrap_command(CommandApdu.parse(wrapped))
        answer = theirs.wrap_response(content, 0x9000)
        started = time.perf_counter()
        assert ours.unwrap_response(*answer) == (content, 0x9000)
        spent += time.perf_counter() - started
    return spent / exchanges * 1000


def _passive_ms(trust: TrustStore) -> float:
    files = personalise(PERSON, ChipProfile(photo_bytes=PHOTO_BYTES)).application
    numbered = {int(name[5:]): data for name, data in files.items() if name.startswith("EF.DG") and name != "EF.DG3"}
    started = time.perf_counter()
    security_object = parse_security_object(files["EF.SOD"])
    findings = check_signature(security_object.signed, trust, datetime.now(UTC))
    wrong = security_object.hash_reasons(numbered)
    spent = time.perf_counter() - started
    assert findings.sound
    assert not wrong
    return spent * 1000


def scenarios(trust: TrustStore) -> list[Scenario]:
    full = ReadOptions(trust=trust)
    profile = ChipProfile(photo_bytes=PHOTO_BYTES)
    return [
        Scenario("extended, everything, PACE-CAN", profile, options=full, at_most="30"),
        Scenario("extended, chip answers 4096 at most", replace(profile, max_answer_bytes=4096), options=full),
        Scenario(
            "short only, everything, PACE-CAN", replace(profile, extended_length=False), options=full, at_most="122"
        ),
        Scenario("extended, everything, BAC", replace(profile, pace=()), MRZ_PASSWORDS, full),
        Scenario("extended, identity only, PACE-CAN", profile, options=ReadOptions(photo=False, prove=False)),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--reads", type=int, default=7)
    parser.add_argument("--latency-ms", type=float, default=15.0)
    parser.add_argument("--kbit", type=int, default=424)
    parser.add_argument("--soak", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    link = Link(arguments.latency_ms, arguments.kbit * 1000)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "trust").mkdir()
        (folder / "trust" / "csca.der").write_bytes(csca_certificate())
        trust = load_trust_store(folder / "trust")
        with stand(folder) as place:
            print(
                f"link: {link.latency_ms:g} ms per APDU, {arguments.kbit} kbit/s; median of {arguments.reads} readings"
            )
            print_readings(place, scenarios(trust), link, arguments.reads)
            own_computing(trust)
            if arguments.soak:
                soak(place, arguments.soak, arguments.seed)


if __name__ == "__main__":
    try:
        main()
    except (DeviceUnavailable, TimeoutError) as error:
        sys.exit(str(error))
