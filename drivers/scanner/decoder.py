"""Pictures to the payload bytes of the QR codes in them: zxing-cpp first, ZBar as a second opinion.

Text is never taken from a decoder: what a code's bytes mean is decided in drivers.codec.
"""

import logging
from functools import cache
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
import zxingcpp

if TYPE_CHECKING:
    from drivers.scanner.zbar import ZBar

log = logging.getLogger(__name__)

# QRCodeModel2, not QRCode: the latter means Micro QR too, and read a four-digit code out of a damaged card.
_FORMATS: Final = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCodeModel2)
_MODEL_1: Final = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCodeModel1)


def decode(image: np.ndarray) -> tuple[bytes, ...]:
    """Return the payloads of the QR codes in ``image``, each once; empty when there is none.

    ``image``: uint8, height x width (grey) or height x width x 3 (BGR).
    """
    grey = as_grey(image)
    return decode_with_zxing(grey) or decode_with_zbar(grey)


def as_grey(image: np.ndarray) -> np.ndarray:
    return image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)


def decode_with_zxing(grey: np.ndarray, *, light_on_dark: bool = True) -> tuple[bytes, ...]:
    """Return what zxing-cpp reads; codes of light modules on dark ground too, which costs half as much again."""
    found = zxingcpp.read_barcodes(grey, formats=_FORMATS, try_invert=light_on_dark)
    return tuple(dict.fromkeys(one.bytes for one in found if one.valid and one.bytes))


def decode_model_1(grey: np.ndarray) -> tuple[bytes, ...]:
    """Return what zxing-cpp reads of QR codes of 1994's first kind, which some factories still print."""
    return tuple(one.bytes for one in zxingcpp.read_barcodes(grey, formats=_MODEL_1) if one.valid and one.bytes)


def decode_with_zbar(grey: np.ndarray) -> tuple[bytes, ...]:
    """Return what ZBar reads; nothing where it is not installed."""
    zbar = _zbar()
    return tuple(dict.fromkeys(payload for payload in zbar.decode(grey) if payload)) if zbar else ()


@cache
def _zbar() -> "ZBar | None":
    try:
        from drivers.scanner.zbar import ZBar

        return ZBar()
    except (ImportError, OSError) as error:
        log.warning("codes are read without ZBar's second opinion: %s", error)
        return None
