import pytest

from drivers.errors import CardRemoved, DeviceTimeout, DeviceUnavailable, DriverError
from drivers.smartcard.pcsc import _tlv_values
from drivers.smartcard.pcsc_codes import check, check_service


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
    assert _tlv_values(properties) == {0x01: bytes(2), 0x0A: bytes.fromhex("00000100")}
    assert _tlv_values(b"") == _tlv_values(b"\x0a") == {}
