"""A recorded piece of a call made fit for a hall: without the silence around it, as loud as every other piece.

espeak-ng 1.51 leaves half a second of silence behind each word, and says "không" 8 dB softer than "a": a call took
eight seconds of which five were silence, and its digits were what one heard least.
"""

import math
import sys
import wave
from array import array
from io import BytesIO
from itertools import accumulate
from typing import Final

LOUDNESS_DBFS: Final = -16.0
"""Root mean square of a piece's loudest tenth of a second."""

PEAK_DBFS: Final = -1.0
"""No piece goes above it, however soft the rest of it is."""

_LOUDEST_S: Final = 0.1
_SILENCE: Final = 16  # of 32768, -66 dBFS: espeak-ng's silence is all zeros, the first breath of "không" is above
_FULL_SCALE: Final = 32768


def finish(recording: bytes, *, pause_s: float) -> bytes:
    """Return a WAV file (mono, 16 bits) levelled and cut to what is heard, ``pause_s`` of silence before it.

    Raises ValueError for another kind of recording, and for one in which nothing is heard.
    """
    samples, rate = _samples(recording)
    heard = _cut(samples)
    factor = _factor(heard, rate)
    silence = array("h", bytes(2 * round(pause_s * rate)))
    return _wave(silence + array("h", (round(sample * factor) for sample in heard)), rate)


def _cut(samples: "array[int]") -> "array[int]":
    heard = [at for at, sample in enumerate(samples) if abs(sample) > _SILENCE]
    if not heard:
        raise ValueError("nothing is heard in the recording")
    return samples[heard[0] : heard[-1] + 1]


def _factor(samples: "array[int]", rate: int) -> float:
    """Return by what to multiply, so that the loudest moment has the wanted loudness and no peak is cut off."""
    length = min(round(_LOUDEST_S * rate), len(samples))
    energy = [0, *accumulate(sample * sample for sample in samples)]
    loudest = max(after - before for before, after in zip(energy, energy[length:], strict=False))
    wanted = _amplitude(LOUDNESS_DBFS) / math.sqrt(loudest / length)
    return min(wanted, _amplitude(PEAK_DBFS) / max(abs(sample) for sample in samples))


def _amplitude(dbfs: float) -> float:
    return _FULL_SCALE * math.pow(10, dbfs / 20)


def _samples(recording: bytes) -> tuple["array[int]", int]:
    try:
        with wave.open(BytesIO(recording)) as file:
            kind = (file.getnchannels(), file.getsampwidth())
            samples = array("h", file.readframes(file.getnframes())) if kind == (1, 2) else array("h")
            rate = file.getframerate()
    except (wave.Error, EOFError, ValueError) as error:
        raise ValueError("not a WAV file") from error
    if kind != (1, 2):
        raise ValueError(f"{kind[0]} channels of {8 * kind[1]} bits")
    return _little_endian(samples), rate


def _wave(samples: "array[int]", rate: int) -> bytes:
    written = BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(_little_endian(samples).tobytes())
    return written.getvalue()


def _little_endian(samples: "array[int]") -> "array[int]":
    """Return samples of this machine's order in WAV's, or the other way round."""
    if sys.byteorder == "big":
        samples.byteswap()
    return samples
