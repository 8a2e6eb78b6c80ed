"""ZBar in binary mode: the payload of a QR as it was encoded.

ZBar's ordinary answer is text after a guess of the charset, with UTF-8 last: of payloads with two-level Vietnamese
addresses a third came back as Big5 or Shift-JIS. Its option ZBAR_CFG_BINARY (libzbar 0.23.1) turns the guess off;
pyzbar has no switch for it, so only pyzbar's library loading and prototypes are used here.
"""

import ctypes
from typing import Any, Final

import numpy as np
from pyzbar import wrapper

_QRCODE: Final = 64  # zbar_symbol_type_t
_ALL_SYMBOLS: Final = 0
_CFG_ENABLE: Final = 0  # zbar_config_t
_CFG_BINARY: Final = 4
_Y800: Final = int.from_bytes(b"Y800", "little")  # 8-bit grey, as a FourCC


class ZBar:
    """One ZBar scanner for QR codes; used by one thread. Raises OSError where libzbar is older than 0.23.1."""

    def __init__(self) -> None:
        self._scanner: Any = wrapper.zbar_image_scanner_create()
        # Other symbologies cost a third of the time and write assertions to standard error.
        wrapper.zbar_image_scanner_set_config(self._scanner, _ALL_SYMBOLS, _CFG_ENABLE, 0)
        wrapper.zbar_image_scanner_set_config(self._scanner, _QRCODE, _CFG_ENABLE, 1)
        if wrapper.zbar_image_scanner_set_config(self._scanner, _QRCODE, _CFG_BINARY, 1) != 0:
            raise OSError("this libzbar cannot return binary data")

    def decode(self, grey: np.ndarray) -> tuple[bytes, ...]:
        """Return the payloads of all QR codes in ``grey`` (uint8, height x width)."""
        pixels = np.ascontiguousarray(grey)
        height, width = pixels.shape
        image: Any = wrapper.zbar_image_create()
        try:
            wrapper.zbar_image_set_format(image, _Y800)
            wrapper.zbar_image_set_size(image, width, height)
            data = pixels.ctypes.data_as(ctypes.c_void_p)
            wrapper.zbar_image_set_data(image, data, pixels.size, None)  # no clean-up: ``pixels`` outlives the image
            wrapper.zbar_scan_image(self._scanner, image)
            return tuple(_payloads(image))
        finally:
            wrapper.zbar_image_destroy(image)

    def close(self) -> None:
        wrapper.zbar_image_scanner_destroy(self._scanner)


def _payloads(image: Any) -> list[bytes]:
    found = []
    symbol = wrapper.zbar_image_first_symbol(image)
    while symbol:
        length = wrapper.zbar_symbol_get_data_length(symbol)
        found.append(ctypes.string_at(wrapper.zbar_symbol_get_data(symbol), length))
        symbol = wrapper.zbar_symbol_next(symbol)
    return found
