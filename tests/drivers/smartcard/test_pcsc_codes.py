import pytest

from drivers.errors import CardRemoved, DeviceTimeout, DeviceUnavailable, DriverError
from drivers.smartcard.pcsc_codes import check, check_service
from drivers.smartcard.pcsc_library import tlv_values
from drivers.smartcard.pcsc_watch import pick_reader


@pytest.mark.parametrize(
    ("code", "error", "seen"),
    [
        (0x8010000C, CardRemoved, "no card"),
        (0x80100016, CardRemoved, "pulled while idle, transmit at once"),
        (0x80100069, CardRemoved, "pulled while idle, transmit later"),
        (0x80100068, CardRemoved, "reset by another client: the session is gone as well"),
        (0x80100066, DeviceTimeout, "a card that does not answer to power"),
        (0x80100067, DeviceTimeout, "a card put on askew"),
        (0x80100065, DeviceTimeout, "no smart card at all"),
        (0x8010000B, DeviceUnavailable, "held by another program"),
        (0x80100013, DeviceUnavailable, "the daemon went away while one waited"),
        (0x8010001D, DeviceUnavailable, "no daemon"),
        (0x80100017, DeviceUnavailable, "unplugged"),
        (0x80100003, DeviceUnavailable, "a handle of a daemon that was restarted"),
        (0x8010FFFF, DeviceUnavailable, "something new"),
    ],
)
def test_a_result_code_is_whose_job_it_is(code: int, error: type[DriverError], seen: str) -> None:
    with pytest.raises(error):
        check(code)


@pytest.mark.parametrize("code", [0, 0x8010000A, 0x80100009, 0x80100017])
def test_what_the_service_survives(code: int) -> None:
    check_service(code)


@pytest.mark.parametrize("code", [0x80100013, 0x8010001D, 0x8010001E, 0x80100003])
def test_what_needs_a_fresh_context(code: int) -> None:
    with pytest.raises(DeviceUnavailable):
        check_service(code)


def test_driver_properties_are_read_tag_by_tag() -> None:
    # PC/SC part 10, 2.6: wLcdLayout, dwMaxAPDUDataSize of 65536 (little-endian), and a cut one
    properties = bytes.fromhex("010200000A04000001000B04")
    assert tlv_values(properties) == {0x01: bytes(2), 0x0A: bytes.fromhex("00000100")}
    assert tlv_values(b"") == tlv_values(b"\x0a") == {}


PICC, SAM, OTHER = "ACS ACR1252 1S CL Reader [PICC] 00 00", "ACS ACR1252 1S CL Reader [SAM] 00 01", "HID OMNIKEY 01 00"
EMPTY, CARD, BUSY = 0x0010, 0x0020, 0x0028  # SCARD_STATE_EMPTY, _PRESENT, _PRESENT with _UNAVAILABLE


@pytest.mark.parametrize(
    ("states", "wanted", "current", "picked", "why"),
    [
        ({}, "", None, None, "no reader at all"),
        ({PICC: EMPTY, OTHER: EMPTY}, "", None, PICC, "the first while nothing lies anywhere"),
        ({PICC: EMPTY, OTHER: EMPTY}, "", OTHER, OTHER, "the one in use stays"),
        ({PICC: EMPTY, OTHER: CARD}, "", PICC, OTHER, "the one with the card"),
        ({PICC: CARD, OTHER: CARD}, "", OTHER, OTHER, "whoever came first is served to the end"),
        ({PICC: BUSY, OTHER: CARD}, "", PICC, OTHER, "what another program holds is not ours"),
        ({PICC: EMPTY, SAM: CARD}, "", PICC, PICC, "a security module is nobody's card"),
        ({SAM: CARD}, "", None, None, "a slot for security modules is no reader"),
        ({PICC: CARD, OTHER: EMPTY}, "OMNIKEY", None, OTHER, "a name that was configured decides"),
        ({PICC: CARD}, "OMNIKEY", OTHER, None, "the one in use was unplugged"),
    ],
)
def test_of_several_readers_the_one_with_a_card_is_served(
    states: dict[str, int], wanted: str, current: str | None, picked: str | None, why: str
) -> None:
    assert pick_reader(list(states), states, wanted=wanted, current=current) == picked, why
