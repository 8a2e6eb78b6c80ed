"""The chip's end of PACE with the generic mapping and with chip authentication mapping (ICAO 9303-11 clause 4.4)."""

import hmac
from collections.abc import Callable, Mapping
from typing import Final

from drivers.errors import MalformedData
from drivers.icao9303.curves import CurveKey
from drivers.icao9303.keys import PASSWORD_COUNTER, CipherSuite, pad
from drivers.icao9303.secure_messaging import SecureMessaging
from drivers.simulated.chip import status
from drivers.simulated.chip.agreement import CurveMapping, generic_mapping
from drivers.simulated.chip.profile import PacePassword, PaceSuite
from drivers.simulated.chip.randomness import Randomness
from drivers.simulated.chip.security_infos import encoded_oid, pace_oid, parameter_id
from drivers.simulated.chip.status import Refused
from drivers.smartcard import tlv

_PASSWORD_REFERENCES: Final[dict[bytes, PacePassword]] = {b"\x01": "MRZ", b"\x02": "CAN"}
_WHAT: Final = "PACE data"


class Pace:
    """One run of PACE at a time, from MSE:Set AT to the token; a refused step ends the run.

    ``passwords``: SHA-1 of the MRZ information, and the CAN in ASCII, as far as the chip takes them.
    """

    def __init__(
        self,
        suites: tuple[PaceSuite, ...],
        passwords: Mapping[PacePassword, bytes],
        cam_key: CurveKey | None,
        randomness: Randomness,
    ) -> None:
        self._suites = suites
        self._passwords = passwords
        self._cam_key = cam_key
        self._randomness = randomness
        self._run: _Run | None = None

    def set_template(self, data: bytes) -> None:
        """Take MSE:Set AT: mechanism (80), password (83), and domain parameters (84) where they are ambiguous."""
        self._run = None
        objects = {one.tag: one.value for one in _parsed(data)}
        oid, reference, parameter = objects.get(0x80), objects.get(0x83), objects.get(0x84)
        matching = [
            suite
            for suite in self._suites
            if encoded_oid(pace_oid(suite)) == oid and (parameter is None or bytes([parameter_id(suite)]) == parameter)
        ]
        if len(matching) != 1:
            raise Refused(status.WRONG_DATA)
        name = _PASSWORD_REFERENCES.get(reference or b"")
        if name is None or name not in self._passwords:
            raise Refused(status.REFERENCE_NOT_FOUND)
        self._run = _Run(matching[0], self._passwords[name], self._cam_key, self._randomness)

    def abort(self) -> None:
        self._run = None

    @property
    def running(self) -> bool:
        return self._run is not None

    def general_authenticate(self, data: bytes, *, last: bool) -> tuple[bytes, SecureMessaging | None]:
        """Return the answer to one step, and the session after the last one. ``last``: no chaining bit in CLA."""
        run = self._run
        if run is None:
            raise Refused(status.CONDITIONS_NOT_SATISFIED)
        self._run = None
        answer = run.step(data, last=last)
        if run.session is None:
            self._run = run
        return tlv.encode(0x7C, answer), run.session


class _Run:
    def __init__(self, suite: PaceSuite, password: bytes, cam_key: CurveKey | None, randomness: Randomness) -> None:
        self._suite = suite
        self._cipher = CipherSuite(suite.cipher)
        self._mapping = generic_mapping(suite.group, randomness)
        self._password_key = self._cipher.derive_key(password, PASSWORD_COUNTER)
        self._cam_key = cam_key
        self._randomness = randomness
        self._steps: list[Callable[[dict[int, bytes]], bytes]] = [
            self._send_nonce,
            self._map,
            self._agree,
            self._exchange_tokens,
        ]
        self.session: SecureMessaging | None = None

    def step(self, data: bytes, *, last: bool) -> bytes:
        template = _parsed(data)
        if [one.tag for one in template] != [0x7C]:
            raise Refused(status.WRONG_DATA)
        step = self._steps.pop(0)
        if last is bool(self._steps):
            raise Refused(status.CONDITIONS_NOT_SATISFIED if last else status.LAST_OF_CHAIN_EXPECTED)
        try:
            return step({one.tag: one.value for one in _parsed(template[0].value)})
        except MalformedData as error:
            raise Refused(status.WRONG_DATA) from error

    def _send_nonce(self, objects: dict[int, bytes]) -> bytes:
        if objects:
            raise Refused(status.WRONG_DATA)
        # Whole blocks, and at least as long as the key (4.4.3.2).
        nonce = self._randomness.octets(16 if self._cipher.key_length == 16 else 32)
        self._nonce = int.from_bytes(nonce, "big")
        return tlv.encode(0x80, self._cipher.encrypt(self._password_key, nonce))

    def _map(self, objects: dict[int, bytes]) -> bytes:
        return tlv.encode(0x82, self._mapping.map(self._nonce, _only(objects, 0x81)))

    def _agree(self, objects: dict[int, bytes]) -> bytes:
        self._theirs = _only(objects, 0x83)
        self._ours, secret = self._mapping.agree(self._theirs)
        if self._theirs == self._ours:
            raise Refused(status.WRONG_DATA)
        self._encryption_key, self._mac_key = self._cipher.session_keys(secret)
        return tlv.encode(0x84, self._ours)

    def _exchange_tokens(self, objects: dict[int, bytes]) -> bytes:
        if not hmac.compare_digest(_only(objects, 0x85), self._token(self._ours)):
            raise Refused(status.AUTHENTICATION_FAILED)
        self.session = SecureMessaging(self._cipher, self._encryption_key, self._mac_key)
        answer = tlv.encode(0x86, self._token(self._theirs))
        if isinstance(self._mapping, CurveMapping) and self._suite.mapping == "CAM":
            answer += tlv.encode(0x8A, self._encrypted_chip_authentication_data(self._mapping))
        return answer

    def _token(self, public: bytes) -> bytes:
        """Return the MAC over the *other* side's ephemeral key, as each side proves what it received (4.4.3.4)."""
        oid = tlv.encode(0x06, encoded_oid(pace_oid(self._suite)))
        key = tlv.encode(self._mapping.public_key_tag, public)
        return self._cipher.mac(self._mac_key, tlv.encode(0x7F49, oid, key))

    def _encrypted_chip_authentication_data(self, mapping: CurveMapping) -> bytes:
        """Return A.IC: the quotient of mapping key and static key, which only the genuine chip knows (4.4.3.5)."""
        assert self._cam_key is not None
        order = mapping.curve.n
        quotient = mapping.mapping_scalar * pow(self._cam_key.scalar, -1, order) % order
        plain = quotient.to_bytes((order.bit_length() + 7) // 8, "big")
        iv = self._cipher.encrypt_block(self._encryption_key, b"\xff" * self._cipher.block_size)
        return self._cipher.encrypt(self._encryption_key, pad(plain, self._cipher.block_size), iv)


def _only(objects: dict[int, bytes], tag: int) -> bytes:
    if list(objects) != [tag]:
        raise Refused(status.WRONG_DATA)
    return objects[tag]


def _parsed(data: bytes) -> tuple[tlv.Tlv, ...]:
    try:
        return tlv.parse(data, _WHAT)
    except MalformedData as error:
        raise Refused(status.WRONG_DATA) from error
