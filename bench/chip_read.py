"""Reading a chip through the real PC/SC daemon and a virtual reader: exchanges, time, and how close that is to physics.

The floor of a reading is the sum over its exchanges of the chip's latency and of the bytes at the link's bit rate: what
the same exchanges cost with no software at all. The chip lives in a process of its own and does its own computing
within its latency, as a card does.

    bench/chip_read.py [--reads N] [--latency-ms MS] [--kbit KBIT/S] [--soak N]
"""

import argparse
import gc
import multiprocessing
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from drivers.config import PcscReaderOptions
from drivers.errors import DeviceUnavailable, DriverError
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
from drivers.simulated.pcscd import PrivatePcscd
from drivers.simulated.people import get_person
from drivers.simulated.vpcd import VirtualCard
from drivers.smartcard.apdu import CommandApdu
from drivers.smartcard.base import CardConnection, CardReader
from drivers.smartcard.pcsc import PcscReader

PERSON: Final = get_person("duc")
PHOTO_BYTES: Final = 20_480
assert PERSON.can
MRZ_PASSWORDS: Final = ChipPasswords(document_number=PERSON.document_number, born_on="900815", expiries=("300815",))
CAN_PASSWORDS: Final = ChipPasswords(can=PERSON.can)


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


class Hand:
    """A process that holds a chip and obeys: put it on the reader, take it off now or in a while."""

    def __init__(self, port: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._line, far_end = context.Pipe()
        self._process = context.Process(target=_hold, args=(port, far_end), daemon=True)
        self._process.start()

    def insert(self, profile: ChipProfile) -> None:
        self._ask("insert", profile)

    def pull_after(self, seconds: float) -> None:
        self._ask("pull", seconds)

    def remove(self) -> None:
        self._ask("pull", 0.0)

    def close(self) -> None:
        self._ask("end", None)
        self._process.join()

    def _ask(self, what: str, argument: object) -> None:
        self._line.send((what, argument))
        self._line.recv()


def _hold(port: int, line: Connection) -> None:
    card: VirtualCard | None = None
    while True:
        what, argument = line.recv()
        if what == "insert":
            card = VirtualCard(Chip(PERSON, argument), port=port)
            card.insert()
        elif what == "pull" and card and argument:
            threading.Timer(argument, card.remove).start()
        elif card:
            card.remove()
        line.send(None)
        if what == "end":
            return


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


def measure(reader: CardReader, hand: Hand, scenario: Scenario, link: Link, reads: int) -> list[Figures]:
    profile = replace(scenario.profile, latency_ms=link.latency_ms, bits_per_second=link.bits_per_second)
    hand.insert(profile)
    _until(reader.wait_for_card(20), "the virtual card does not show up")
    figures = [read_once(reader, scenario, link) for _ in range(reads + 1)][1:]  # the first fills caches
    hand.remove()
    _until(reader.wait_for_removal(20), "the virtual card does not go away")
    return figures


def print_readings(rows: list[tuple[Scenario, list[Figures]]]) -> None:
    print(f"{'reading':<44}{'APDUs':>6}{'goal':>6}{'ms':>9}{'floor':>9}{'ratio':>7}{'  worst':>8}")
    for scenario, figures in rows:
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
            f"{identity / identity_floor:>7.3f}"
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


def soak(reader: CardReader, hand: Hand, reads: int, seed: int) -> None:
    """Read again and again while the card is pulled at random moments; whatever leaks shows as growth."""
    chance = random.Random(seed)
    outcomes: Counter[str] = Counter()
    marks: list[tuple[int, Resources]] = []
    every = max(reads // 10, 1)
    print(f"\nsoak: {reads} readings, random pulls (seed {seed})")
    print(f"{'readings':>10}{'RSS KiB':>10}{'threads':>9}{'fds':>6}")
    for number in range(reads + 1):
        if number % every == 0:
            marks.append((number, Resources.now()))
            print(f"{number:>10}{marks[-1][1].resident_kib:>10}{marks[-1][1].threads:>9}{marks[-1][1].descriptors:>6}")
        hand.insert(ChipProfile(photo_bytes=PHOTO_BYTES, latency_ms=1))
        _until(reader.wait_for_card(20), "the virtual card does not show up")
        if chance.random() < 0.5:
            hand.pull_after(chance.uniform(0.001, 0.12))
        try:
            with closing(reader.connect()) as connection:
                read_chip(connection, CAN_PASSWORDS)
            outcomes["read"] += 1
        except DriverError as error:
            outcomes[error.code] += 1
        hand.remove()
        _until(reader.wait_for_removal(20), "the virtual card does not go away")
    # The first tenth warms caches and the allocator.
    first, last = marks[1][1], marks[-1][1]
    print("outcomes: " + ", ".join(f"{name} {count}" for name, count in sorted(outcomes.items())))
    print(
        f"growth after the first tenth: {last.resident_kib - first.resident_kib:+d} KiB"
        f" ({(last.resident_kib / first.resident_kib - 1) * 100:+.1f} %),"
        f" {last.threads - first.threads:+d} threads, {last.descriptors - first.descriptors:+d} descriptors"
    )


def _until(condition: bool, otherwise: str) -> None:
    if not condition:
        sys.exit(otherwise)


@contextmanager
def stand(folder: Path) -> Iterator[tuple[CardReader, Hand]]:
    with PrivatePcscd(folder / "pcscd") as daemon:
        os.environ.update(daemon.environment)
        options = PcscReaderOptions(driver="pcsc", reader="Virtual PCD 00 00")
        with closing(Hand(daemon.ports[0])) as hand, closing(PcscReader(options)) as reader:
            yield reader, hand


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
        with stand(folder) as (reader, hand):
            print(
                f"link: {link.latency_ms:g} ms per APDU, {arguments.kbit} kbit/s; median of {arguments.reads} readings"
            )
            print_readings([(one, measure(reader, hand, one, link, arguments.reads)) for one in scenarios(trust)])
            own_computing(trust)
            if arguments.soak:
                soak(reader, hand, arguments.soak, arguments.seed)


if __name__ == "__main__":
    try:
        main()
    except DeviceUnavailable as error:
        sys.exit(str(error))
