"""The chip's end of Basic Access Control (ICAO 9303-11 clause 4.3)."""

import hmac
from typing import Final

from drivers.icao9303.keys import CipherSuite
from drivers.icao9303.secure_messaging import SecureMessaging
from drivers.simulated.chip import status
from drivers.simulated.chip.randomness import Randomness
from drivers.simulated.chip.status import Refused

_SUITE: Final = CipherSuite.TRIPLE_DES
_CRYPTOGRAM_BYTES: Final = 32
CHALLENGE_BYTES: Final = 8


class BasicAccess:
    """``secret``: SHA-1 of the MRZ information."""

    def __init__(self, secret: bytes, randomness: Randomness) -> None:
        self._encryption_key, self._mac_key = _SUITE.session_keys(secret[:16])
        self._randomness = randomness
        self._challenge: bytes | None = None

    def challenge(self) -> bytes:
        """Return RND.IC; it is good for one answer."""
        self._challenge = self._randomness.octets(CHALLENGE_BYTES)
        return self._challenge

    def authenticate(self, data: bytes) -> tuple[bytes, SecureMessaging]:
        """Return the answer to EXTERNAL AUTHENTICATE and the session it opens."""
        challenge, self._challenge = self._challenge, None
        if challenge is None:
            raise Refused(status.CONDITIONS_NOT_SATISFIED)
        if len(data) != _CRYPTOGRAM_BYTES + 8:
            raise Refused(status.WRONG_LENGTH)
        cryptogram, mac = data[:_CRYPTOGRAM_BYTES], data[_CRYPTOGRAM_BYTES:]
        if not hmac.compare_digest(_SUITE.mac(self._mac_key, cryptogram), mac):
            raise Refused(status.AUTHENTICATION_FAILED)
        plain = _SUITE.decrypt(self._encryption_key, cryptogram)
        their_random, our_random, their_key = plain[:8], plain[8:16], plain[16:]
        if our_random != challenge:
            raise Refused(status.AUTHENTICATION_FAILED)
        our_key = self._randomness.octets(16)
        answer = _SUITE.encrypt(self._encryption_key, challenge + their_random + our_key)
        seed = bytes(a ^ b for a, b in zip(their_key, our_key, strict=True))
        counter = challenge[-4:] + their_random[-4:]
        session = SecureMessaging(_SUITE, *_SUITE.session_keys(seed), counter)
        return answer + _SUITE.mac(self._mac_key, answer), session
