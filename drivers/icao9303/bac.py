"""Basic access control (ICAO 9303-11 clause 4.3): mutual authentication with a key from the MRZ."""

import hmac
import secrets
from collections.abc import Callable

from drivers.errors import ProtocolViolation, StatusWordError
from drivers.icao9303.chip import Chip
from drivers.icao9303.keys import CipherSuite, mrz_secret
from drivers.icao9303.secure_messaging import SecureMessaging
from drivers.smartcard.apdu import SW_OK, CommandApdu

SUITE = CipherSuite.TRIPLE_DES
_NONCE_LENGTH = 8
_KEY_LENGTH = 16


def refuses_password(sw: int) -> bool:
    """Whether a status word of the last authentication step means a wrong password rather than a broken card.

    6300 is the standard's; the others were reported of chips in the field.
    """
    return sw >> 8 == 0x63 or sw in (0x6982, 0x6983, 0x6985, 0x6988)


def open_bac(
    chip: Chip, mrz_information: bytes, random: Callable[[int], bytes] = secrets.token_bytes
) -> SecureMessaging | None:
    """Return the session that the key of ``mrz_information`` opens, None when the chip refuses the key.

    The application must be selected. Raises StatusWordError where the chip knows no BAC, ProtocolViolation when its
    proof is wrong.
    """
    encryption, mac = SUITE.session_keys(mrz_secret(mrz_information)[:_KEY_LENGTH])
    chip_nonce = chip.send("GET CHALLENGE", CommandApdu(0, 0x84, 0, 0, le=_NONCE_LENGTH))
    if len(chip_nonce) != _NONCE_LENGTH:
        raise ProtocolViolation("a challenge that is not 8 bytes")
    nonce, key = random(_NONCE_LENGTH), random(_KEY_LENGTH)
    cryptogram = SUITE.encrypt(encryption, nonce + chip_nonce + key)
    proof = cryptogram + SUITE.mac(mac, cryptogram)
    answer, sw = chip.exchange(CommandApdu(0, 0x82, 0, 0, proof, le=len(proof)))
    if refuses_password(sw):
        return None
    if sw != SW_OK:
        raise StatusWordError("EXTERNAL AUTHENTICATE", sw)
    chip_key = _check_proof(encryption, mac, answer, chip_nonce + nonce)
    session_key = bytes(a ^ b for a, b in zip(key, chip_key, strict=True))
    return SecureMessaging(SUITE, *SUITE.session_keys(session_key), counter=chip_nonce[-4:] + nonce[-4:])


def _check_proof(encryption: bytes, mac: bytes, answer: bytes, nonces: bytes) -> bytes:
    cryptogram, proof = answer[:-8], answer[-8:]
    if len(answer) != 40 or not hmac.compare_digest(SUITE.mac(mac, cryptogram), proof):
        raise ProtocolViolation("the chip does not prove that it knows the key")
    plain = SUITE.decrypt(encryption, cryptogram)
    if not hmac.compare_digest(plain[:16], nonces):
        raise ProtocolViolation("the chip answers with other nonces")
    return plain[16:]
