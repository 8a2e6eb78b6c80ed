"""Bech32: bytes as text with a prefix and a check sum that finds mistyped letters. Source: BIP 173."""

from typing import Final

_LETTERS: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATORS: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECK_LENGTH: Final = 6


def encode(prefix: str, data: bytes) -> str:
    """Return ``data`` in small letters, e.g. ``age1...`` for the prefix ``age``."""
    values = _regroup(data, 8, 5)
    check = _checksum([*_expanded(prefix), *values, *[0] * _CHECK_LENGTH]) ^ 1
    values += [check >> 5 * (_CHECK_LENGTH - 1 - place) & 31 for place in range(_CHECK_LENGTH)]
    return f"{prefix}1{''.join(_LETTERS[value] for value in values)}"


def decode(prefix: str, text: str) -> bytes:
    """Return the bytes in ``text``; raises ValueError for another prefix, mixed letters or a wrong check sum."""
    if text not in {text.lower(), text.upper()}:
        raise ValueError("small and capital letters are mixed")
    found, _, letters = text.lower().rpartition("1")
    if found != prefix or len(letters) <= _CHECK_LENGTH or set(letters) - set(_LETTERS):
        raise ValueError(f"not {prefix}1 and letters")
    values = [_LETTERS.index(letter) for letter in letters]
    if _checksum([*_expanded(prefix), *values]) != 1:
        raise ValueError("the check sum is wrong")
    return bytes(_regroup(bytes(values[:-_CHECK_LENGTH]), 5, 8))


def _expanded(prefix: str) -> list[int]:
    return [*(ord(letter) >> 5 for letter in prefix), 0, *(ord(letter) & 31 for letter in prefix)]


def _checksum(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for place, generator in enumerate(_GENERATORS):
            check ^= generator if top >> place & 1 else 0
    return check


def _regroup(data: bytes, from_bits: int, to_bits: int) -> list[int]:
    """Return the bits of ``data`` in groups of another size; what is left over must be padding of zeros."""
    bits, held, groups = 0, 0, []
    for value in data:
        bits, held = bits << from_bits | value, held + from_bits
        while held >= to_bits:
            held -= to_bits
            groups.append(bits >> held & (1 << to_bits) - 1)
        bits &= (1 << held) - 1
    if to_bits < from_bits:
        return [*groups, bits << to_bits - held] if held else groups
    if held >= from_bits or bits:
        raise ValueError("the padding is not zero")
    return groups
