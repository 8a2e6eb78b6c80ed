"""Frames in, codes and hints out: what to spend on which frame.

A frame that shows what the last one showed costs nothing, and while a code is in sight every third frame tells whether
it still is. Any other frame is decoded plainly, which reads most cards in a millisecond or two. Where that fails and
something in the frame could be a code, one dearer way a frame is tried on that part, in turn: a card held for a third
of a second has then been read in ten ways. Frames of a held card are also laid over each other, which takes out noise
and, with trembling hands, some of the motion.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from drivers.codec.recognise import CodeKind, recognise
from drivers.scanner.capture import Frame
from drivers.scanner.decoder import decode_model_1, decode_with_zbar, decode_with_zxing
from drivers.scanner.hints import Hint, hint_for
from drivers.scanner.ladder import BENT, QUICK, WAYS, Patch, Way, enlarged
from drivers.scanner.locate import Window, densest_windows
from drivers.scanner.stack import FrameStack

_THUMBNAIL: Final = (80, 45)
_BLACK_MEAN: Final = 12.0  # grey levels of 255; sensors show a covered lens as 0 to 6
_SAME_PIXEL: Final = 10  # grey levels that one cell may differ by noise and flicker
_WIDEST_PATCH_PX: Final = 720  # dearer ways on more than this cost more than a frame's time
_WAYS: Final = tuple(WAYS.values())
_BENDS_A_ROUND: Final = 3  # of twelve: paper that is bent much is rarer than a lens out of focus
_GIVE_UP_AFTER: Final = 4 * len(_WAYS)  # tries on a scene at rest; after that only a change is worth looking at
_REST_EVERY: Final = 3  # of a scene at rest, or with a code that was read, every third frame is looked at
_INVERT_EVERY: Final = 4  # codes of light modules on dark ground are rare: a few phones show them
_LOCATE_EVERY: Final = 4
_ELSEWHERE: Final = 0.03  # share of the scene that changes when the code has left its place
_LARGEST_ENLARGED: Final = 4_000_000  # pixels of a picture; codes in larger ones have pixels enough
_HINT_AFTER: Final = 20  # frames with something like a code in sight and unread


@dataclass(frozen=True, slots=True)
class Look:
    """What one frame gave. ``hint`` tells the person what would help, None while all is well or nothing is there."""

    codes: tuple[bytes, ...] = ()
    hint: Hint | None = None
    is_black: bool = False
    delay_frames: int | None = None
    """With codes: how many frames the scene had been still before they were read."""


class FramePipeline:
    """Reads codes from the frames of one camera, which come in order."""

    def __init__(self) -> None:
        self._thumbnail: np.ndarray | None = None
        self._codes: tuple[bytes, ...] = ()
        self._windows: list[Window] = []
        self._stack = FrameStack()
        self._shape: tuple[int, ...] = ()
        self._misses = 0  # tries since the scene changed
        self._unread = 0  # frames in a row with a window and without a code
        self._still = 0  # frames since something moved
        self._furniture: list[Window] = []  # what looks like a code and stood there when nobody moved
        self._is_at_rest = False
        self._frames = 0
        self._turn = -1

    def look(self, frame: Frame) -> Look:
        """Return the codes in sight in ``frame``."""
        self._frames += 1
        if (self._is_at_rest or self._codes) and self._frames % _REST_EVERY:
            return Look(self._codes)
        if not self._is_at_rest:
            frame.grey()  # it will be needed, and makes the thumbnail cheap
        thumbnail = frame.thumbnail(_THUMBNAIL)
        if thumbnail is None:
            return Look(self._codes)  # a JPEG cut on its way: the next one is 33 ms away
        if float(thumbnail.mean()) < _BLACK_MEAN:
            self._codes = ()
            return Look(is_black=True)
        moved = self._moved_by(thumbnail)
        self._misses = 0 if moved else self._misses + 1
        self._still = 0 if moved > _ELSEWHERE else self._still + 1
        if self._misses == _GIVE_UP_AFTER:
            self._furniture = self._windows
        self._is_at_rest = moved == 0 and (bool(self._codes) or self._misses > _GIVE_UP_AFTER)
        grey = None if self._is_at_rest else frame.grey()
        return Look(self._codes) if grey is None else self._search(grey, moved)

    def _search(self, grey: np.ndarray, moved: float) -> Look:
        if grey.shape != self._shape:  # another camera mode, or the next picture of a folder
            self._shape, self._windows, self._furniture, self._stack = grey.shape, [], [], FrameStack()
        self._codes = decode_with_zxing(grey, light_on_dark=self._frames % _INVERT_EVERY == 0)
        if self._codes:
            self._windows = []
        elif moved > _ELSEWHERE or self._frames % _LOCATE_EVERY == 0 or not self._windows:
            self._windows = _windows(grey, 2)
        if self._windows:
            self._codes = tuple(filter(_is_believable, self._try_one_way(grey, self._windows)))
        shown = [one for one in self._windows if not any(one.overlaps(other) for other in self._furniture)]
        self._unread = self._unread + 1 if shown and not self._codes else 0
        hint = hint_for(shown[0].cut(grey), moved) if self._unread > _HINT_AFTER else None
        return Look(self._codes, hint, delay_frames=self._still if self._codes else None)

    def _try_one_way(self, grey: np.ndarray, windows: list[Window]) -> tuple[bytes, ...]:
        """Try the next way, on this frame alone and on all frames of the held card laid over each other in turn."""
        stacked = self._stack.add(grey, windows[0])
        if stacked is not None and self._frames % 2:
            return self._way()(Patch(stacked))
        self._turn += 1
        # The densest window is nearly always the code; the next one gets every fourth round.
        window = windows[-1] if self._turn // len(_WAYS) % 4 == 3 else windows[0]
        return self._way()(Patch(window.cut(grey)))

    def _way(self) -> Way:
        """Return the way whose turn it is: all of them in order, then the sheet bent this way or that, and again."""
        round_, step = divmod(self._turn, len(_WAYS) + _BENDS_A_ROUND)
        if step < len(_WAYS):
            return _WAYS[step]
        return BENT[(round_ * _BENDS_A_ROUND + step - len(_WAYS)) % len(BENT)]

    def _moved_by(self, thumbnail: np.ndarray) -> float:
        """Return the share of the scene that changed since the last frame that differed, 0 for none."""
        if self._thumbnail is None:
            self._thumbnail = thumbnail
            return 1.0
        changed = cv2.absdiff(thumbnail, self._thumbnail) > _SAME_PIXEL
        share = float(np.count_nonzero(changed)) / changed.size
        if share:
            self._thumbnail = thumbnail
        return share


def _is_believable(payload: bytes) -> bool:
    """Whether a payload that only a dearer way could read has the form of something people show here."""
    found = recognise(payload)
    return found.kind is not CodeKind.UNKNOWN or found.refusal == "code.unreadable_here"


def _windows(grey: np.ndarray, count: int) -> list[Window]:
    return [one for one in densest_windows(grey, count) if one.side_px <= _WIDEST_PATCH_PX]


def read_picture(grey: np.ndarray) -> tuple[bytes, ...]:
    """Return the codes in one picture, with time enough to try every way: a tenth of a second where none helps."""
    return next((found for found in _attempts(grey) if found), ())


def _attempts(grey: np.ndarray) -> Iterator[tuple[bytes, ...]]:
    """Yield what one way after the other finds, the most rewarding for its cost first; bench/codes.py tells the sum."""
    yield decode_with_zxing(grey)
    yield decode_with_zbar(grey)
    patches = [Patch(one.cut(grey)) for one in _windows(grey, 3)]
    densest, others = patches[:1], patches[1:]
    whole = [Patch(grey)] if max(grey.shape) <= _WIDEST_PATCH_PX else []
    yield from (way(patch) for patch in densest for way in _WAYS)
    yield decode_with_zxing(enlarged(grey)) if grey.size < _LARGEST_ENLARGED else ()
    yield decode_with_zxing(cv2.GaussianBlur(grey, (0, 0), 1.0))
    yield decode_with_zxing(cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
    yield from (way(patch) for patch in whole for way in _WAYS)
    yield decode_with_zxing(cv2.createCLAHE(3.0, (8, 8)).apply(grey))
    yield decode_model_1(grey)
    yield from (way(patch) for patch in others for way in QUICK)
    yield from (way(patch) for patch in (*densest, *whole) for way in BENT)
