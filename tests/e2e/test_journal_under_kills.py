"""A kiosk killed between any two steps loses nothing and does nothing twice: real processes, a real server."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import urllib3

from kiosk.registration.steps import Step
from tests.support.ports import free_port

pytestmark = pytest.mark.timeout(300)  # the first test waits for twenty starts of a kiosk, on a busy machine too

BIN = Path(sys.executable).parent
KIOSK = Path(__file__).with_name("kiosk_under_kill.py")
START_LIMIT_S = 60.0
RANDOM_KILLS = 4
SEED = 20261122

ONLINE = [step for step in Step if step is not Step.OWN_NUMBER]
CUT_OFF = [Step.RECORDED, Step.OWN_NUMBER, Step.SHOWN, Step.PRINTING, Step.PRINTED]

# What is left of a visit whose kiosk died at a step: (encounters at the server, slips of paper, what staff are told)
LEFT: dict[Step, tuple[int, int, str | None]] = {
    Step.CHOSEN: (0, 0, None),  # nothing was promised
    Step.RECORDED: (1, 0, "failed"),
    Step.SENDING: (1, 0, "failed"),
    Step.ANSWERED: (1, 0, "failed"),
    Step.OWN_NUMBER: (1, 0, "failed"),
    Step.NUMBERED: (1, 0, "failed"),
    Step.SHOWN: (1, 0, "failed"),
    Step.PRINTING: (1, 0, "unsure"),  # the journal cannot know that not a byte went out
    Step.PRINTED: (1, 1, "unsure"),
    Step.SETTLED: (1, 1, None),
}


@dataclass
class Place:
    """A hospital on this machine: one server, one kiosk's data, one roll of paper."""

    root: Path
    config: Path
    paper: Path
    numbers: dict[tuple[Step, bool], str] = field(default_factory=dict)

    def kiosk(self, *options: str) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, KIOSK, self.config, self.paper, *options],
            cwd=Path.cwd(),
            env={**os.environ, "PYTHONPATH": str(Path.cwd())},
            stdout=subprocess.PIPE,
        )

    def run_kiosk(self, *options: str) -> tuple[int, dict[str, Any]]:
        with self.kiosk(*options) as process:
            output, _ = process.communicate(timeout=START_LIMIT_S)
        return process.returncode, json.loads(output) if process.returncode == 0 else {}

    def rows(self, query: str, *values: str) -> list[Any]:
        with closing(sqlite3.connect(self.root / "server" / "tiepdon.db")) as database:
            return database.execute(query, values).fetchall()

    def encounters_of(self, number: str) -> list[str]:
        return [
            key
            for (key,) in self.rows(
                "SELECT request_key FROM encounter JOIN patient_identifier USING (patient_id) WHERE value = ?", number
            )
        ]

    def labels_of(self, request_key: str) -> list[str]:
        """The numbers that count for a visit; exactly one, if all is well."""
        return [
            label
            for (label,) in self.rows(
                "SELECT label FROM ticket JOIN encounter ON encounter.id = encounter_id"
                " WHERE request_key = ? AND superseded_at IS NULL",
                request_key,
            )
        ]

    def slips(self) -> list[str]:
        text = self.paper.read_text(encoding="utf-8") if self.paper.exists() else ""
        return text.splitlines()


@contextmanager
def running_hospital(root: Path) -> Iterator[Place]:
    port = free_port()
    config = root / "config.yaml"
    config.write_text(f"""
profile: demo
server:
  bind: 127.0.0.1:{port}
  data_dir: {root}/server
  database_url: sqlite:///{root}/server/tiepdon.db
  workers: 1
  threads: 8
kiosk:
  data_dir: {root}/kiosk
  server_url: http://127.0.0.1:{port}
  refresh_s: 0.5
  free_space_mb: 10
devices:
  card_reader: null
  scanner: null
""")
    (root / "kiosk").mkdir(mode=0o700)
    server_command = [BIN / "tiepdon-server"]
    for words in (
        ["migrate"],
        ["demo"],
        ["kiosk", "enrol", "--facility", "34999", "--name", "Kiosk 7", "--letter", "T",
         "--token-file", root / "kiosk" / "device.token"],
    ):  # fmt: skip
        done = subprocess.run(
            [*server_command, *words, "--config", config], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    with (root / "server.log").open("wb") as log:
        server = subprocess.Popen([*server_command, "run", "--config", config], stdout=log, stderr=log)
    try:
        wait_until_ready(f"http://127.0.0.1:{port}/readyz", server)
        yield Place(root, config, root / "paper.txt")
    finally:
        server.terminate()
        server.wait(timeout=30)


def wait_until_ready(address: str, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while True:
        assert server.poll() is None, "the server did not start"
        assert time.monotonic() < deadline, "the server did not answer"
        try:
            if urllib3.request("GET", address, timeout=2.0, retries=False).status == 200:
                return
        except urllib3.exceptions.HTTPError:
            time.sleep(0.1)


@dataclass
class Aftermath:
    """What is found after a kiosk died at every step in turn, was started again each time, and came to rest."""

    place: Place
    report: dict[str, Any]
    slips_at_death: int


def personal_number(serial: int) -> str:
    return f"0340900{serial:05d}"


@pytest.fixture(scope="module")
def aftermath(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aftermath]:
    with running_hospital(tmp_path_factory.mktemp("hospital")) as place:
        for cut, steps in ((False, ONLINE), (True, CUT_OFF)):
            for step in steps:
                number = personal_number(len(place.numbers))
                place.numbers[step, cut] = number
                # Each start first settles what the one before left, then serves the next person, and dies.
                options = ["--number", number, "--kill", step, *(["--cut"] if cut else [])]
                status, _ = place.run_kiosk(*options)
                assert status == -signal.SIGKILL
        slips = len(place.slips())
        status, report = place.run_kiosk()
        assert status == 0
        yield Aftermath(place, report, slips)


@pytest.mark.parametrize(
    ("step", "cut"), [(step, False) for step in ONLINE] + [(step, True) for step in CUT_OFF], ids=str
)
def test_a_kiosk_that_dies_at_a_step_leaves_one_visit_one_number_and_honest_paper(
    aftermath: Aftermath, step: Step, cut: bool
) -> None:
    encounters, papers, told = LEFT[step]
    place = aftermath.place
    found = place.encounters_of(place.numbers[step, cut])
    assert len(found) == encounters
    for request_key in found:
        (label,) = place.labels_of(request_key)
        assert place.slips().count(label) == papers
        assert aftermath.report["uncertain"].get(request_key) == told
        own_number_was_out = cut and step is not Step.RECORDED
        assert ("-T" in label) is own_number_was_out


def test_no_slip_is_without_a_visit_and_none_comes_out_twice(aftermath: Aftermath) -> None:
    slips = aftermath.place.slips()
    live = [label for (label,) in aftermath.place.rows("SELECT label FROM ticket WHERE superseded_at IS NULL")]
    assert sorted(set(slips)) == sorted(slips)
    assert set(slips) <= set(live)
    assert aftermath.report["dead_letters"] == 0


def test_a_restart_prints_nothing_by_itself(aftermath: Aftermath) -> None:
    assert len(aftermath.place.slips()) == aftermath.slips_at_death


def test_numbers_are_contiguous_and_unique(aftermath: Aftermath) -> None:
    rows = aftermath.place.rows("SELECT kiosk_letter, number FROM ticket")
    for letter in (None, "T"):
        numbers = sorted(number for one, number in rows if one == letter)
        assert numbers == list(range(1, len(numbers) + 1))


def test_reception_was_called_for_patients_who_may_stand_there_without_paper(aftermath: Aftermath) -> None:
    without_certain_paper = sum(told is not None for told in (LEFT[step][2] for step, _ in aftermath.place.numbers))
    calls = aftermath.place.rows("SELECT problem FROM staff_call")
    assert calls == [("ticket.may_not_have_printed",)] * without_certain_paper


@pytest.mark.parametrize(("step", "cut"), [(Step.ANSWERED, False), (Step.OWN_NUMBER, True), (Step.PRINTED, False)])
def test_a_patient_who_comes_back_after_a_restart_gets_the_same_visit_and_number(
    aftermath: Aftermath, step: Step, cut: bool
) -> None:
    place = aftermath.place
    number = place.numbers[step, cut]
    (request_key,) = place.encounters_of(number)
    (label,) = place.labels_of(request_key)
    status, report = place.run_kiosk("--number", number)
    assert status == 0
    assert place.encounters_of(number) == [request_key]
    assert place.labels_of(request_key) == [label]
    copy = f"{label} copy" if step is Step.PRINTED else label  # marked where paper may have come out before
    assert [slip for slip in place.slips() if slip.startswith(label)][-1] == copy
    assert request_key not in report["uncertain"]


def test_a_kiosk_killed_at_any_moment_loses_and_doubles_nothing(aftermath: Aftermath) -> None:
    place, dice = aftermath.place, random.Random(SEED)
    before = place.rows("SELECT COUNT(*) FROM encounter")[0][0]
    slips_before = len(place.slips())
    numbers = [personal_number(500 + serial) for serial in range(RANDOM_KILLS)]
    for number in numbers:
        with place.kiosk("--number", number) as process:
            time.sleep(dice.uniform(0.4, 1.6))
            process.kill()
    status, report = place.run_kiosk("--number", personal_number(900))
    assert status == 0
    keys = [key for number in numbers for key in place.encounters_of(number)]
    assert len(keys) == len(set(keys))
    assert all(len(place.encounters_of(number)) <= 1 for number in numbers)
    assert place.rows("SELECT COUNT(*) FROM encounter")[0][0] == before + len(keys) + 1
    slips = place.slips()[slips_before:]
    certain = 0
    for key in keys:
        (label,) = place.labels_of(key)
        certain += key not in report["uncertain"]
        assert slips.count(label) <= 1
        assert key in report["uncertain"] or slips.count(label) == 1
    assert len(slips) >= certain + 1
