"""Vietnamese by code page: the two TCVN-3 tables some printers carry (TCVN 5712:1993, VN3).

VN3 has capitals without tone beside all lower case letters; printers put the capitals with tones into a second table
at the places of their lower case letters. Makers disagree about the second table, therefore a technician has to see it
right on a printed self-test before it is configured.
"""

from typing import Final

# Places of VN3: capitals without tone at A1..A7, lower case from A8 on; "." is an empty place.
_LOWER_AT: Final = {
    0xA8: "ăâêôơưđ",
    0xB5: "àảãáạ",
    0xBB: "ằẳẵắ",
    0xC6: "ặầẩẫấậè",
    0xCE: "ẻẽéẹềểễếệìỉ",
    0xDC: "ĩíịò",
    0xE1: "ỏõóọồổỗốộờởỡớợù",
    0xF1: "ủũúụừửữứựỳỷỹýỵ",
}
_CAPITALS_WITHOUT_TONE: Final = "ĂÂÊÔƠƯĐ"

_LOWER: Final = {letter: start + i for start, row in _LOWER_AT.items() for i, letter in enumerate(row)}
_CAPITAL: Final = {letter.upper(): place for letter, place in _LOWER.items()} | {
    letter: 0xA1 + i for i, letter in enumerate(_CAPITALS_WITHOUT_TONE)
}


def can_encode(text: str) -> bool:
    """Whether every character is printable ASCII or a Vietnamese letter (NFC)."""
    return all(" " <= c <= "~" or c in _LOWER or c in _CAPITAL for c in text)


def encode(text: str, pages: tuple[int, int]) -> bytes:
    """Return ``text`` with an ESC t before each change of table; ``can_encode`` must hold.

    ``pages`` are the printer's numbers of the lower case and the capital table; one number twice means a printer that
    has lower case only: its capitals with tones lose their case, never their tone.
    """
    lower_page, capital_page = pages
    page = -1
    out = bytearray()
    for letter in text:
        if letter <= "~":
            out.append(ord(letter))
            continue
        if letter in _LOWER or (lower_page == capital_page and letter not in _CAPITALS_WITHOUT_TONE):
            wanted, place = lower_page, _LOWER[letter.lower()]
        else:
            wanted, place = capital_page, _CAPITAL[letter]
        if wanted != page:
            page = wanted
            out += bytes((0x1B, 0x74, page))
        out.append(place)
    return bytes(out)


def decode(data: bytes, *, capitals: bool) -> str:
    """Return what a table shows for ``data`` (no commands in it); an empty place is U+FFFD."""
    # The lower case table is VN3 as the standard has it: with the capitals without tone.
    table = {place: letter for letter, place in (_CAPITAL if capitals else _LOWER).items()}
    table |= {0xA1 + i: letter for i, letter in enumerate(_CAPITALS_WITHOUT_TONE)}
    return "".join(chr(byte) if byte < 0x80 else table.get(byte, "\ufffd") for byte in data)
