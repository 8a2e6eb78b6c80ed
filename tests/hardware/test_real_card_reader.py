"""A real reader with a real card on it. Prints no personal data; says what the domain notes still want to know."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest

from drivers.config import PcscReaderOptions
from drivers.icao9303.passwords import passwords_from_card
from drivers.icao9303.reader import ReadOptions, read_chip
from drivers.icao9303.reading import Assurance
from drivers.smartcard.pcsc import PcscReader

pytestmark = pytest.mark.hardware


@pytest.fixture
def reader(request: pytest.FixtureRequest) -> Iterator[PcscReader]:
    wanted = request.config.getoption("--card-reader", default=None)
    if not wanted:
        pytest.skip("no reader named by --card-reader")
    with closing(PcscReader(PcscReaderOptions(driver="pcsc", reader=wanted))) as reader:
        assert reader.wait_for_card(10), f"no card lies on a reader with {wanted!r} in its name"
        assert "Virtual" not in reader.name, "this is a virtual reader"
        yield reader


@pytest.mark.parametrize("extended", [True, False], ids=["extended", "short"])
def test_a_real_card_says_the_number_on_its_front(
    reader: PcscReader, request: pytest.FixtureRequest, extended: bool
) -> None:
    number = request.config.getoption("--card-number", default=None)
    if not number:
        pytest.skip("no card named by --card-number")
    passwords = passwords_from_card(number, today=datetime.now(UTC).date())
    with closing(reader.connect()) as connection:
        print(f"ATR {connection.atr.hex()}, reader takes extended length: {connection.supports_extended_length}")  # noqa: T201 - the point of the run
        reading = read_chip(connection, passwords, options=ReadOptions(extended=extended))
    sizes = {name: len(content) for name, content in reading.files.items()}
    print(reading.access, reading.assurance, reading.reasons, reading.proof.secure_messaging, reading.apdus)  # noqa: T201 - as above
    print(sizes, reading.timings_ms, reading.photo and reading.photo.media_type)  # noqa: T201 - as above
    assert reading.identity.personal_number == number
    assert reading.assurance is not Assurance.CONTRADICTED
