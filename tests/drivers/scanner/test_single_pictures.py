"""Pictures decoded in the worker process: good ones, hostile ones, and a worker that dies."""

import os
import signal
import struct
import zlib
from collections.abc import Iterator

import pytest

from drivers.errors import MalformedData
from drivers.scanner.pictures import PictureDecoder
from drivers.simulated.scanner import qr_picture


@pytest.fixture(scope="module")
def decoder() -> Iterator[PictureDecoder]:
    opened = PictureDecoder()
    yield opened
    opened.close()


def _png(width: int, height: int) -> bytes:
    """A PNG that promises ``width`` x ``height`` grey pixels and holds hardly any."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


def test_a_picture_with_a_code_gives_its_payload_and_the_time_it_took(decoder: PictureDecoder) -> None:
    decoded = decoder.decode(qr_picture("TD1:0123456789ABCDEFGHJK"))
    assert decoded.payloads == (b"TD1:0123456789ABCDEFGHJK",)
    assert decoded.ms > 0


@pytest.mark.parametrize(
    "picture",
    [
        b"",
        b"not a picture",
        b"\xff\xd8\xff\xe0 a JPEG that is none",
        qr_picture("TD1:0123456789ABCDEFGHJK")[:60],
        _png(60_000, 60_000),  # more pixels than fit
    ],
)
def test_what_is_no_picture_is_refused_and_the_next_picture_is_read(decoder: PictureDecoder, picture: bytes) -> None:
    with pytest.raises(MalformedData):
        decoder.decode(picture)
    assert decoder.decode(qr_picture("TD1:0123456789ABCDEFGHJK")).payloads


def test_a_worker_that_died_since_the_last_picture_is_replaced_without_losing_this_one() -> None:
    decoder = PictureDecoder()
    try:
        assert decoder.decode(qr_picture("TD1:0123456789ABCDEFGHJK")).payloads
        assert decoder._worker is not None
        os.kill(decoder._worker.pid, signal.SIGKILL)
        assert decoder.decode(qr_picture("TA1:0123456789ABCDEFGHJK")).payloads
    finally:
        decoder.close()


def test_a_decoder_that_hangs_on_a_picture_gives_it_up() -> None:
    decoder = PictureDecoder(limit_s=0.0)
    try:
        with pytest.raises(MalformedData, match="gave up"):
            decoder.decode(qr_picture("TD1:0123456789ABCDEFGHJK"))
    finally:
        decoder.close()
