"""Which code is this? Bytes from a scanner in, a typed reading or a kind refusal out.

Damage on the way from the card is repaired where the repair is exact; otherwise the field is left out or the code
refused. Nothing is guessed, nothing is logged, and no input raises.
"""

import re
import unicodedata
from dataclasses import replace
from typing import Final

from drivers.codec import bhyt_qr, cccd_qr, own_codes, typed_mrz, vietnamese, vietqr
from drivers.codec.reading import (
    CodeKind,
    IdCardCode,
    InsuranceCode,
    MrzCode,
    OwnCode,
    Recognised,
    Sex,
    VietQrCode,
)

__all__ = [
    "CodeKind",
    "IdCardCode",
    "InsuranceCode",
    "MrzCode",
    "OwnCode",
    "Recognised",
    "Sex",
    "VietQrCode",
    "readable_text",
    "recognise",
    "recognise_all",
    "shape_of",
    "unglued",
]

_LONGEST: Final = 4096  # bytes; one QR holds 2953 at most, a scanner may glue two together
_AIM: Final = re.compile(r"\][A-Za-z]\d(?:\\000026)?")  # AIM symbology identifier; ECI 26 (UTF-8) may be spelt out
_BOM: Final = "\ufeff"
# Not str.strip(): that would take NBSP and NEL, which are the second halves of letters before the charset is undone.
_ENDS: Final = "".join(map(chr, range(0x21))) + "\x7f"

_TOKEN: Final = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)  # a JSON Web Token
_BLOB: Final = re.compile(r"[A-Za-z0-9+/_-]{24,}={0,2}", re.ASCII)
_URL: Final = re.compile(r"https?://([^/\s:?#]+)", re.ASCII | re.IGNORECASE)
_MARK: Final = f"(?:{_BOM}|{_AIM.pattern})*"
_STARTS: Final = tuple(
    re.compile(_MARK + form.pattern, re.ASCII) for form in (cccd_qr.CARD_START, bhyt_qr.CARD_START, own_codes.CODE)
)
# A keyboard-wedge scanner under a wrong layout: the digits' row with Shift (US), of the French and of the Vietnamese
# layout, where the 12 digits of a number should stand. Compared in NFD: the marks may have joined into letters.
_LAYOUTS: Final = re.compile(
    "[!@#$%^&*()]{12}"
    "|(?:[&\"'(§_!-]|[ea]\u0300|e\u0301|c\u0327){12}"
    "|(?:a[\u0306\u0302]|[eo]\u0302|[\u0300\u0309\u0303\u0301]|[đ₫]){12}"
)


def recognise(data: bytes) -> Recognised:
    """Return the one code in ``data``. Two different codes in one scan are refused: either one would be a guess."""
    found = recognise_all(data)
    return found[0] if len(found) == 1 else Recognised(CodeKind.UNKNOWN, refusal="code.several")


def recognise_all(data: bytes) -> tuple[Recognised, ...]:
    """Return every code in ``data``, at least one: a scanner without end mark may glue two together.

    The same code twice is one code.
    """
    if len(data) > _LONGEST:
        return (Recognised(CodeKind.UNKNOWN, refusal="code.foreign"),)
    text, repairs = readable_text(data)
    pieces = _split(text)
    unique = tuple(dict.fromkeys(pieces))
    if len(unique) < len(pieces):
        repairs = (*repairs, "twice")
    return tuple(_with(repairs, _recognise_text(piece)) for piece in unique)


def unglued(data: bytes) -> tuple[bytes, ...]:
    """Return ``data`` as it came, or the texts in it where a scanner glued several codes together."""
    if len(data) > _LONGEST:
        return (data,)
    pieces = _split(readable_text(data)[0])
    return tuple(dict.fromkeys(piece.encode() for piece in pieces)) if len(pieces) > 1 else (data,)


def readable_text(data: bytes) -> tuple[str, tuple[str, ...]]:
    """Return the text of ``data`` in NFC without what a scanner put around it, and the names of the repairs.

    Bytes that are not UTF-8 stand as U+FFFD in it.
    """
    repairs: dict[str, None] = {}
    text = _unwrapped(data.decode("utf-8", errors="replace"), repairs)
    text, charset = vietnamese.undo_wrong_charset(text)
    if charset:
        repairs[charset] = None
        text = _unwrapped(text, repairs)  # the BOM may have been damaged with the rest
    composed = unicodedata.normalize("NFC", text)
    if composed != text:
        repairs["nfd"] = None
    return composed, tuple(repairs)


def shape_of(data: bytes) -> str:
    """Return what may be told of a code that must not be kept: its length and alphabet, e.g. ``"312 bytes, base64"``.

    Opaque codes may be bearer credentials: nothing of their content stands in it.
    """
    text, _ = readable_text(data[:_LONGEST])
    forms = {
        "digits": text.isascii() and text.isdecimal(),
        "hex": re.fullmatch("[0-9A-Fa-f]+", text, re.ASCII) is not None,
        "token": _TOKEN.fullmatch(text) is not None,
        "base64": _BLOB.fullmatch(text) is not None,
        "address": _URL.match(text) is not None,
        "ASCII": text.isascii(),
        "bytes": "\ufffd" in text,
    }
    form = next((name for name, is_so in forms.items() if is_so), "text")
    fields = text.count("|") + 1
    return f"{len(data)} bytes, {form}" + (f", {fields} fields" if fields > 1 else "")


def _unwrapped(text: str, repairs: dict[str, None]) -> str:
    while True:
        text = text.strip(_ENDS)
        if text.startswith(_BOM):
            text, repairs["bom"] = text[1:], None
        elif match := _AIM.match(text):
            text, repairs["aim"] = text[match.end() :], None
        else:
            return text


def _split(text: str) -> list[str]:
    edges = [*sorted({0, *(match.start() for form in _STARTS for match in form.finditer(text))}), len(text)]
    return [_unwrapped(text[edges[i] : edges[i + 1]], {}) for i in range(len(edges) - 1)]


def _recognise_text(text: str) -> Recognised:
    fields = text.split("|")
    if own_codes.has_prefix(text):
        return _own(text)
    if bhyt_qr.looks_like(fields):
        return bhyt_qr.parse(fields)
    if cccd_qr.looks_like(fields):
        return cccd_qr.parse(fields)
    if vietqr.looks_like(text):
        return vietqr.parse(text)
    if typed_mrz.looks_like(text):
        return typed_mrz.parse(text)
    return Recognised(CodeKind.UNKNOWN, refusal=_refusal(text, fields))


def _own(text: str) -> Recognised:
    parsed = own_codes.parse(text)
    if parsed is None:
        return Recognised(CodeKind.UNKNOWN, refusal="code.half")
    kind, value = parsed
    return Recognised(kind, value, () if value.code in text else ("case",))


def _refusal(text: str, fields: list[str]) -> str:
    if text.isascii() and text.isdecimal() and len(text) in {10, 12}:
        return "code.number_only"
    if _LAYOUTS.match(unicodedata.normalize("NFD", text)):
        return "code.layout"
    if _is_tail(fields):
        return "code.half"
    address = _URL.match(text)
    if address:
        return "code.unreadable_here" if address[1].lower().endswith(".gov.vn") else "code.foreign"
    return "code.unreadable_here" if _TOKEN.fullmatch(text) or _BLOB.fullmatch(text) else "code.foreign"


def _is_tail(fields: list[str]) -> bool:
    """Whether a card's text seems to have lost its beginning: some fields, one of them a date or a check string."""
    return len(fields) >= 2 and any(
        re.fullmatch(r"\d{8}|\d\d/\d\d/\d{4}|[0-9a-f]{15,16}-7102|Nam|Nữ", one.strip(), re.ASCII) for one in fields
    )


def _with(repairs: tuple[str, ...], found: Recognised) -> Recognised:
    if found.kind is CodeKind.UNKNOWN or not repairs:
        return found
    return replace(found, repairs=tuple(dict.fromkeys((*repairs, *found.repairs))))
