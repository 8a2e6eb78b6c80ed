"""A morning at a printer that gets into every kind of trouble: what was promised about each ticket must be true."""

import pytest

from bench.printing import run_under_troubles
from drivers.printer.profiles import PROFILES
from drivers.simulated.printer_device import FAULTS


@pytest.mark.parametrize(("profile", "seed"), [("epson-tm-t82", 7), ("generic", 8)])
def test_each_visit_has_one_whole_unmarked_ticket_or_a_job_that_staff_can_see(profile: str, seed: int) -> None:
    tally = run_under_troubles(80, seed, PROFILES[profile])
    assert tally.broken == []
    assert len(tally.faults) > len(FAULTS) * 0.7  # the morning was bad enough to mean something
    assert sum(tally.outcomes.values()) == 80
    assert tally.whole_unmarked >= tally.outcomes["printed"]
    assert tally.open_jobs == tally.outcomes["unsure"] + tally.outcomes["failed"]
    assert tally.torn > 0
