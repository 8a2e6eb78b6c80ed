"""What a camera sees at 30 frames a second while somebody shows a card: nothing, in it comes, held, away it goes."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count, islice
from typing import Final

from bench.cards.faces import random_face
from bench.cards.photographs import GROUPS, Photograph, conditions_of, take

_EMPTY: Final = 15
_ENTERING: Final = 15
_HELD: Final = 40
_LEAVING: Final = 15


@dataclass(frozen=True, slots=True)
class Sequence:
    """``held_from``: index of the first frame in which the card is held, trembling but in its place and in focus.

    ``leaves_at``: index of the first frame after that.
    """

    frames: tuple[Photograph, ...]
    payload: bytes
    held_from: int
    leaves_at: int


def show_card(group: str, seed: int, *, every: int = 1) -> Sequence:
    """Return one showing of a card under the conditions of a group of GROUPS; only one frame in ``every``."""
    chance = random.Random(f"sequence {group} {seed}")
    held = GROUPS[group](chance)
    face = random_face(held.face, chance)
    assert face.payload is not None
    scene = chance.getrandbits(64)
    way_px = (chance.choice((-1, 1)) * held.width_px * 1.2, chance.uniform(-300, 300))
    frames = []
    for moment in range(0, _EMPTY + _ENTERING + _HELD + _LEAVING, every):
        away = _away(moment)
        speed_px = abs(away - _away(moment - 1)) * held.width_px * 1.2
        tremor = (chance.gauss(0, 1.2), chance.gauss(0, 1.2))
        conditions = replace(
            held,
            shift_px=(way_px[0] * away + tremor[0], way_px[1] * away + tremor[1]),
            motion_px=held.motion_px * chance.uniform(0.2, 1.2) + min(40.0, speed_px * 0.3),  # exposed 1/100 s
            motion_deg=chance.uniform(0, 180) if speed_px == 0 else 0.0,
            defocus_px=held.defocus_px + 2.5 * away,
            rotation_deg=held.rotation_deg + chance.gauss(0, 0.3),
            is_whole=away == 0,
        )
        frames.append(take(face, conditions, random.Random(scene), group, moment=moment))
    held_from = _EMPTY + _ENTERING
    return Sequence(tuple(frames), face.payload, held_from // every, (held_from + _HELD) // every)


def hold_card(group: str, seed: int, frame_count: int) -> Sequence:
    """Return the first frames of ``held_photographs``."""
    frames = tuple(islice(held_photographs(group, seed), frame_count))
    return Sequence(frames, frames[0].payload or b"", 0, frame_count)


def held_photographs(group: str, seed: int) -> Iterator[Photograph]:
    """Yield frame after frame of the very scene of ``photograph(group, seed)``, held by a trembling hand."""
    for moment in count():
        chance, tremor = random.Random(f"{group} {seed}"), random.Random(f"{group} {seed} {moment}")
        still = conditions_of(group, chance)
        face = random_face(still.face, chance)
        held = replace(
            still,
            shift_px=(tremor.gauss(0, 1.2), tremor.gauss(0, 1.2)),
            rotation_deg=still.rotation_deg + tremor.gauss(0, 0.3),
            motion_px=still.motion_px * tremor.uniform(0.2, 1.2),
            motion_deg=still.motion_deg + tremor.gauss(0, 40),
        )
        yield take(face, held, chance, group, moment=moment)


def _away(moment: int) -> float:
    """Return how far the card is from its place: 1 out of sight, 0 held."""
    if moment < _EMPTY:
        return 1.0
    if moment < _EMPTY + _ENTERING:
        return 1 - (moment - _EMPTY + 1) / _ENTERING
    held_until = _EMPTY + _ENTERING + _HELD
    return 0.0 if moment < held_until else (moment - held_until + 1) / _LEAVING
