"""Frames in, codes and hints out: the frame loop without a camera."""

import random
from collections.abc import Iterable, Iterator
from typing import Literal

import cv2
import numpy as np
import pytest

from bench.cards.faces import random_face
from bench.cards.photographs import Conditions, photograph, take
from bench.cards.sequences import hold_card, show_card
from drivers.scanner.capture import Frame
from drivers.scanner.decoder import decode_with_zbar, decode_with_zxing
from drivers.scanner.hints import Hint, hint_for, pixels_per_module
from drivers.scanner.locate import densest_windows
from drivers.scanner.pipeline import FramePipeline, Look, read_picture
from drivers.scanner.restore import Blur, deblur, even_light, motion_direction_deg
from drivers.simulated.scanner import qr_picture


def _grey(jpeg: bytes) -> np.ndarray:
    grey = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert grey is not None
    return grey


def _frame(jpeg: bytes) -> Frame:
    return Frame(np.frombuffer(jpeg, np.uint8)[None])


def _looks(jpegs: Iterable[bytes]) -> Iterator[Look]:
    pipeline = FramePipeline()
    return (pipeline.look(_frame(jpeg)) for jpeg in jpegs)


@pytest.mark.parametrize("group", ["s1", "cc2"])
def test_a_card_that_is_shown_and_taken_away_is_read_while_it_is_there_and_not_after(group: str) -> None:
    shown = show_card(group, 3, every=5)
    looks = list(_looks(frame.jpeg for frame in shown.frames))
    assert {code for look in looks for code in look.codes} == {shown.payload}
    assert looks[shown.held_from + 4].codes == (shown.payload,)
    assert looks[0].codes == looks[-1].codes == ()


def test_a_blurred_card_that_plain_decoding_misses_is_read_within_some_frames() -> None:
    held = hold_card("blur", 1, 4)
    assert not any(decode_with_zxing(_grey(frame.jpeg)) for frame in held.frames)
    assert (held.payload,) in [look.codes for look in _looks(frame.jpeg for frame in held.frames * 3)]


def test_pictures_that_neither_decoder_reads_plainly_are_read_by_deblurring() -> None:
    rescued = 0
    for seed in (1, 2, 4, 5):
        taken = photograph("blur", seed)
        grey = _grey(taken.jpeg)
        found = read_picture(grey)
        assert found in {(), (taken.payload,)}
        rescued += bool(found) and not decode_with_zxing(grey) and not decode_with_zbar(grey)
    assert rescued >= 2


def test_a_held_code_stays_in_sight_though_nothing_is_decoded_any_more() -> None:
    looks = list(_looks([qr_picture("TD1:0123456789ABCDEFGHJK")] * 10))
    assert {look.codes for look in looks} == {(b"TD1:0123456789ABCDEFGHJK",)}


def test_while_a_code_is_in_sight_two_of_three_frames_are_not_even_decoded() -> None:
    pipeline = FramePipeline()
    frames = [_frame(one.jpeg) for one in hold_card("s1", 1, 12).frames]
    looks = [pipeline.look(frame) for frame in frames]
    read_at = next(number for number, look in enumerate(looks) if look.codes)
    assert sum(frame._grey is None for frame in frames[read_at + 1 :]) >= 2 * (len(frames) - read_at - 2) // 3
    assert len({look.codes for look in looks[read_at:]}) == 1


def _bowed(grey: np.ndarray, rise_px: float, *, upright: bool) -> np.ndarray:
    """Return ``grey`` as a sheet bent into a half wave is seen."""
    ys, xs = np.mgrid[0 : grey.shape[0], 0 : grey.shape[1]].astype(np.float32)
    bow = np.float32(rise_px) * np.sin(np.pi * (ys if upright else xs) / grey.shape[1])
    x, y = (xs + bow, ys) if upright else (xs, ys + bow)
    return cv2.remap(grey, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


@pytest.mark.parametrize(("rise_px", "upright"), [(20, False), (-20, False), (20, True), (-20, True)])
def test_a_code_on_bent_paper_that_neither_decoder_reads_is_read(rise_px: float, upright: bool) -> None:
    payload = b"TD1:0123456789ABCDEFGHJK TD1:0123456789ABCDEFGHJK TD1:0123456789ABCDEFGHJK"
    flat = cv2.resize(_grey(qr_picture(payload.decode())), (420, 420), interpolation=cv2.INTER_AREA)
    bent = _bowed(flat, rise_px, upright=upright)
    assert not decode_with_zxing(bent)
    assert not decode_with_zbar(bent)
    assert read_picture(bent) == (payload,)


def test_a_code_shown_after_a_long_rest_is_seen() -> None:
    room = photograph("none", 7).jpeg
    code = photograph("s1", 1)
    looks = list(_looks([room] * 80 + [code.jpeg] * 6))
    assert looks[-1].codes == (code.payload,)


def test_frames_of_changing_size_are_taken_as_they_come() -> None:
    sizes = [hold_card("s5", 2, 1).frames[0].jpeg, photograph("hd4", 5).jpeg, qr_picture("TD1:0123456789ABCDEFGHJK")]
    looks = list(_looks(sizes * 3))
    assert looks[2].codes == looks[-1].codes == (b"TD1:0123456789ABCDEFGHJK",)


def test_a_black_frame_and_a_broken_one_are_told_apart() -> None:
    pipeline = FramePipeline()
    assert pipeline.look(Frame(np.full((720, 1280), 4, np.uint8))).is_black
    assert pipeline.look(_frame(b"\xff\xd8 cut on its way")) == Look()


def test_hints_come_when_a_code_stays_unread_and_never_for_what_stands_there_anyway() -> None:
    unreadable = hold_card("s5", 2, 5)
    hints = [look.hint for look in _looks(frame.jpeg for frame in unreadable.frames * 5)]
    assert hints[0] is None
    assert hints[-1] is not None
    furniture = photograph("none", 7).jpeg
    looks = list(_looks([furniture] * 90))
    assert looks[-1].hint is None


@pytest.mark.parametrize(
    ("window", "moved", "hint"),
    [
        (np.full((200, 200), 128, np.uint8), 0.4, Hint.MOVING),
        (np.full((200, 200), 20, np.uint8), 0.0, Hint.DARK),
        (np.full((200, 200), 255, np.uint8), 0.0, Hint.GLARE),
        (np.full((90, 90), 128, np.uint8), 0.0, Hint.SMALL),
        (np.full((200, 200), 128, np.uint8), 0.0, Hint.BLURRED),
    ],
)
def test_the_hint_names_what_would_help(window: np.ndarray, moved: float, hint: Hint) -> None:
    assert hint_for(window, moved) is hint


@pytest.mark.parametrize(
    ("share", "defocus_px", "hint"),
    [
        (0.34, 0.6, Hint.SMALL),
        (0.36, 2.0, Hint.SMALL),  # out of focus as well, and farther away it would be hopeless
        (0.50, 0.6, None),  # read as it is: whatever the hint, nobody sees it
        (0.62, 3.4, Hint.BLURRED),
        (0.80, 3.4, Hint.BLURRED),
    ],
)
@pytest.mark.parametrize("face", ["cccd", "can-cuoc"])
def test_a_card_too_far_away_is_to_come_closer_and_only_a_near_one_may_go_back(
    share: float, defocus_px: float, hint: Hint | None, face: Literal["cccd", "can-cuoc"]
) -> None:
    chance = random.Random(f"{share} {face}")
    taken = take(random_face(face, chance), Conditions(face=face, share=share, defocus_px=defocus_px), chance)
    grey = _grey(taken.jpeg)
    window = densest_windows(grey, 1)[0].cut(grey)
    if hint is None:
        assert pixels_per_module(window) == pytest.approx(taken.px_per_module, rel=0.15)
    else:
        assert hint_for(window, 0.0) is hint


@pytest.mark.parametrize("group", ["s2", "small", "dark", "shadow", "tilt", "phone"])
def test_the_densest_windows_hold_the_code(group: str) -> None:
    for seed in range(2):
        taken = photograph(group, seed)
        left, top = taken.corners.min(axis=0)
        right, bottom = taken.corners.max(axis=0)
        assert any(
            one.left <= left + 2 and one.top <= top + 2 and one.right >= right - 2 and one.bottom >= bottom - 2
            for one in densest_windows(_grey(taken.jpeg), 3)
        )


def test_deblurring_brings_back_the_contrast_of_fine_modules() -> None:
    modules = np.kron(np.random.default_rng(1).integers(0, 2, (60, 60)), np.ones((4, 4))).astype(np.uint8) * 200 + 20
    blurred = cv2.filter2D(modules, -1, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7)).astype(np.float32) / 37)
    restored = deblur(even_light(blurred), Blur(3.0, 0.01))
    truth = modules > 120

    def wrong(picture: np.ndarray) -> float:
        return float(np.mean((picture > 128)[8:-8, 8:-8] != truth[8:-8, 8:-8]))

    assert wrong(restored) < 0.5 * wrong(even_light(blurred).clip(0, 255).astype(np.uint8))


@pytest.mark.parametrize("angle_deg", [0, 30, 90, 140])
def test_the_direction_of_motion_shows_in_the_picture(angle_deg: int) -> None:
    noise = np.random.default_rng(2).integers(0, 255, (240, 240)).astype(np.float32)
    kernel = np.zeros((15, 15), np.float32)
    for step in np.linspace(-6, 6, 60):
        x, y = step * np.cos(np.radians(angle_deg)), step * np.sin(np.radians(angle_deg))
        kernel[round(7 + y), round(7 + x)] = 1
    dragged = cv2.filter2D(cv2.GaussianBlur(noise, (0, 0), 1.0), -1, kernel / kernel.sum())
    found = motion_direction_deg(even_light(np.clip(dragged, 0, 255).astype(np.uint8)))
    assert abs((found - angle_deg + 90) % 180 - 90) < 6


def test_a_scene_at_rest_is_left_alone_between_checks() -> None:
    pipeline = FramePipeline()
    frames = [_frame(photograph("none", 7).jpeg)] * 80 + [_frame(photograph("none", 7).jpeg) for _ in range(6)]
    for frame in frames:
        pipeline.look(frame)
    assert [frame._grey is None for frame in frames[-6:]] == [True] * 6
