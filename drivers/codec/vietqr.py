"""VietQR, the payment QR of Vietnamese banks (NAPAS, QR format for NAPAS247 quick transfer, version 1.0, 2021).

A chain of objects: ID (2 digits), length (2 digits), value; object 63, the last one, is a CRC over all before it.
Plain EMVCo makes merchant fields mandatory that VietQR leaves out, so only what NAPAS demands is demanded.
"""

import binascii
import re
from typing import Final

from drivers.codec.reading import CodeKind, Recognised, VietQrCode

_NAPAS: Final = "A000000727"
_SERVICES: Final = {"QRIBFTTA": False, "QRIBFTTC": True}  # transfer to an account, to a card
_AMOUNT: Final = re.compile(r"([1-9]\d{0,11})\.?", re.ASCII)  # whole đồng; the rules allow a lone dot at the end
_BIN: Final = re.compile(r"\d{6}", re.ASCII)
_ACCOUNT: Final = re.compile(r"[0-9A-Za-z]{1,19}", re.ASCII)


def looks_like(text: str) -> bool:
    """Whether ``text`` was begun as an EMV payment code."""
    return text.startswith("000201") and text.isascii()


def parse(text: str) -> Recognised:
    """Return the transfer that ``text`` asks for; refused are broken ones and payment codes of other schemes."""
    objects = _objects(text)
    if objects is None or not _has_right_crc(text):
        return Recognised(CodeKind.UNKNOWN, refusal="code.damaged")
    beneficiary = _objects(objects.get("38", "")) or {}
    if beneficiary.get("00") != _NAPAS or beneficiary.get("02") not in _SERVICES:
        return Recognised(CodeKind.UNKNOWN, refusal="code.foreign")
    payee = _objects(beneficiary.get("01", "")) or {}
    bank, account = payee.get("00", ""), payee.get("01", "")
    amount = _AMOUNT.fullmatch(objects["54"]) if "54" in objects else None
    if not (_BIN.fullmatch(bank) and _ACCOUNT.fullmatch(account)) or ("54" in objects and amount is None):
        return Recognised(CodeKind.UNKNOWN, refusal="code.damaged")
    details = _objects(objects.get("62", "")) or {}
    value = VietQrCode(
        bank_bin=bank,
        account=account,
        is_card=_SERVICES[beneficiary["02"]],
        amount_vnd=int(amount[1]) if amount else None,
        bill_number=details.get("01"),
        purpose=details.get("08"),
    )
    return Recognised(CodeKind.VIETQR, value)


def _objects(text: str) -> dict[str, str] | None:
    """Return the objects of ``text`` by ID; None where a length runs past the end, is 00, or an ID comes twice."""
    objects: dict[str, str] = {}
    at = 0
    while at < len(text):
        head = text[at : at + 4]
        if re.fullmatch(r"\d{4}", head, re.ASCII) is None:
            return None
        name, length = head[:2], int(head[2:])
        value = text[at + 4 : at + 4 + length]
        if length == 0 or len(value) < length or name in objects:
            return None
        objects[name] = value
        at += 4 + length
    return objects


def _has_right_crc(text: str) -> bool:
    """CRC-16 with polynomial 1021 and start FFFF over everything up to its own length field (EMVCo, annex B)."""
    body, crc = text[:-4], text[-4:]
    return body.endswith("6304") and f"{binascii.crc_hqx(body.encode(), 0xFFFF):04X}" == crc.upper()
