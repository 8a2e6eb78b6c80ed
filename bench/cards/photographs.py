"""A face as a webcam sees it: perspective, optics, light, damage, sensor and JPEG, all from one seed."""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np

from bench.cards.faces import Face, FaceKind, random_face

_OVERSAMPLING: Final = 2  # the sensor's pixels have an area: drawn twice as fine, then averaged
_MARGIN_PX: Final = 16


@dataclass(frozen=True, slots=True)
class Conditions:
    """How a photograph is taken. Lengths in pixels of the frame, angles in degrees, light as a factor."""

    face: FaceKind = "cccd"
    width_px: int = 1280
    height_px: int = 720
    share: float = 0.75  # of the frame's width that the face takes
    tilt_deg: float = 5.0
    rotation_deg: float = 4.0
    defocus_px: float = 0.6  # radius of the blur disk
    motion_px: float = 0.0
    motion_deg: float = 0.0
    light: float = 1.0
    shadow: float = 0.0  # 0..1, how dark the shaded part is
    glare: float = 0.0  # 1.0 is a spot at the sensor's full scale
    scratches: int = 0
    noise: float = 3.0  # grey levels at middle grey
    jpeg: int = 85
    raster: float = 0.0  # depth of a screen's pixel raster
    shift_px: tuple[float, float] = (0.0, 0.0)
    is_whole: bool = True  # the code lies in the frame; a card on its way in may be cut


@dataclass(frozen=True, slots=True)
class Photograph:
    """``jpeg``: the camera's file. ``corners``: the code's in the frame, as in Face. ``px_per_module``: least side."""

    group: str
    jpeg: bytes
    payload: bytes | None
    corners: np.ndarray
    px_per_module: float


def take(face: Face, conditions: Conditions, chance: random.Random, group: str = "", *, moment: int = 0) -> Photograph:
    """Return one photograph of ``face``; the same arguments and chance give the same bytes.

    Another ``moment`` with the same chance is the same scene with other noise.
    """
    noise = np.random.default_rng([chance.getrandbits(64), moment])
    matrix = _projection(face, conditions, chance)
    light = _scene(face, conditions, matrix, chance)
    frame = _sensed(_blurred(light, conditions), conditions, noise)
    corners = cv2.perspectiveTransform(face.corners[None], matrix)[0] if face.payload else face.corners
    sides = np.linalg.norm(corners - np.roll(corners, -1, axis=0), axis=1)
    return Photograph(
        group,
        cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, conditions.jpeg])[1].tobytes(),
        face.payload,
        corners,
        float(sides.min()) / max(face.modules, 1),
    )


def photograph(group: str, seed: int) -> Photograph:
    """Return photograph number ``seed`` of a group of GROUPS."""
    chance = random.Random(f"{group} {seed}")
    conditions = conditions_of(group, chance)
    return take(random_face(conditions.face, chance), conditions, chance, group)


def _projection(face: Face, conditions: Conditions, chance: random.Random) -> np.ndarray:
    """Return the 3 x 3 matrix from the face's pixels to the frame's, of a pinhole camera with a view of 60 degrees."""
    height, width = face.pixels.shape
    scale = conditions.share * conditions.width_px / width
    turn, lean = math.radians(conditions.rotation_deg), math.radians(conditions.tilt_deg)
    axis = chance.uniform(0, math.tau)
    rotation = cv2.Rodrigues(np.array([math.cos(axis) * lean, math.sin(axis) * lean, 0.0]))[0]
    rotation = rotation @ cv2.Rodrigues(np.array([0.0, 0.0, turn]))[0]
    focal = conditions.width_px / (2 * math.tan(math.radians(30)))
    slack = max(0.0, 1 - conditions.share) / 2
    centre = np.array(
        [
            conditions.width_px * (0.5 + chance.uniform(-slack, slack) * 0.8),
            conditions.height_px * (0.5 + chance.uniform(-0.1, 0.1)),
        ]
    )
    centre += conditions.shift_px
    to_plane = np.array([[scale, 0, -scale * width / 2], [0, scale, -scale * height / 2], [0, 0, 1.0]])
    spread = np.column_stack([rotation[:, 0], rotation[:, 1], [0, 0, focal]])
    camera = np.array([[focal, 0, centre[0]], [0, focal, centre[1]], [0, 0, 1.0]])
    matrix = camera @ spread @ to_plane
    matrix /= matrix[2, 2]
    return _with_code_in_frame(matrix, face, conditions) if conditions.is_whole else matrix


def _with_code_in_frame(matrix: np.ndarray, face: Face, conditions: Conditions) -> np.ndarray:
    """Shift the picture so far that all of the code is in it: a code cut off is nobody's to read."""
    corners = cv2.perspectiveTransform(face.corners[None], matrix)[0] if face.payload else np.full((1, 2), 50.0)
    last = np.array([conditions.width_px, conditions.height_px]) - _MARGIN_PX
    shift = np.maximum(_MARGIN_PX - corners.min(axis=0), 0) + np.minimum(last - corners.max(axis=0), 0)
    return np.asarray(np.array([[1, 0, shift[0]], [0, 1, shift[1]], [0, 0, 1]]) @ matrix)


def _scene(face: Face, conditions: Conditions, matrix: np.ndarray, chance: random.Random) -> np.ndarray:
    """Return the light on the sensor (float32, 0..1 linear) before the lens spoils it."""
    height, width = conditions.height_px, conditions.width_px
    face_pixels = _scratched(face.pixels, conditions.scratches, chance)
    finer = np.diag([_OVERSAMPLING, _OVERSAMPLING, 1.0])
    # The face is shrunk first where it is much finer than the frame, as averaging over a pixel's area would.
    shrink = max(1, int(face.pixels.shape[1] / (conditions.share * width * _OVERSAMPLING)))
    small = cv2.resize(face_pixels, None, fx=1 / shrink, fy=1 / shrink, interpolation=cv2.INTER_AREA)
    enlarge = np.array([[shrink, 0, (shrink - 1) / 2], [0, shrink, (shrink - 1) / 2], [0, 0, 1.0]])
    size = (width * _OVERSAMPLING, height * _OVERSAMPLING)
    canvas = _background(size, chance)
    cv2.warpPerspective(
        small, finer @ matrix @ enlarge, size, canvas, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_TRANSPARENT
    )
    if conditions.raster:
        canvas = _rastered(canvas, conditions.raster, chance)
    grey = cv2.resize(canvas, (width, height), interpolation=cv2.INTER_AREA)
    light = np.square(grey.astype(np.float32) / 255) * np.float32(conditions.light)
    return _lit(light, face, conditions, matrix, chance)


def _background(size: tuple[int, int], chance: random.Random) -> np.ndarray:
    """Return a room out of focus with clutter in it: furniture, cloth with a pattern, printed paper."""
    width, height = size
    coarse = np.array([[chance.randint(40, 190) for _ in range(16)] for _ in range(9)], np.uint8)
    room = cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC)
    for _ in range(chance.randint(2, 7)):
        x, y = chance.randrange(width), chance.randrange(height)
        corner = (x + chance.randint(40, 500), y + chance.randint(20, 300))
        cv2.rectangle(room, (x, y), corner, chance.randint(20, 230), chance.choice((-1, 3, 9)))
    for _ in range(chance.randint(0, 2)):
        x, y = chance.randrange(width - 400), chance.randrange(height - 300)
        room[y : y + 260, x : x + 360] = _cloth(chance) if chance.random() < 0.5 else _print(chance)
    return room


def _cloth(chance: random.Random) -> np.ndarray:
    pitch, dark = chance.randint(10, 40), chance.randint(30, 120)
    ys, xs = np.mgrid[0:260, 0:360]
    return np.asarray(np.where((xs // pitch + ys // pitch) % 2, dark, dark + 80).astype(np.uint8))


def _print(chance: random.Random) -> np.ndarray:
    paper = np.full((260, 360), chance.randint(180, 240), np.uint8)
    for y in range(20, 250, 22):
        line = "".join(chance.choice("abcdeghiklmnopqrstuvxy ") for _ in range(28))
        cv2.putText(paper, line, (6, y), cv2.FONT_HERSHEY_PLAIN, 1.1, 60, 1)
    return paper


def _rastered(canvas: np.ndarray, depth: float, chance: random.Random) -> np.ndarray:
    """Lay a screen's pixels over the picture; sampled by the sensor they give moiré."""
    height, width = canvas.shape
    pitch = chance.uniform(3.2, 5.2)
    rows = 1 - depth * (0.5 + 0.5 * np.sin(np.arange(height) * math.tau / pitch))
    columns = 1 - depth * (0.5 + 0.5 * np.sin(np.arange(width) * math.tau / pitch))
    return np.asarray((canvas * rows[:, None] * columns[None, :]).astype(np.uint8))


def _scratched(pixels: np.ndarray, count: int, chance: random.Random) -> np.ndarray:
    if not count:
        return pixels
    scratched = pixels.copy()
    height, width = pixels.shape
    for _ in range(count):
        x, y, angle = chance.uniform(width / 3, width), chance.uniform(0, height), chance.uniform(0, math.tau)
        length = chance.uniform(150, 700)
        end = (round(x + length * math.cos(angle)), round(y + length * math.sin(angle)))
        cv2.line(scratched, (round(x), round(y)), end, chance.choice((70, 160, 235)), chance.randint(2, 8), cv2.LINE_AA)
    return scratched


def _lit(
    light: np.ndarray, face: Face, conditions: Conditions, matrix: np.ndarray, chance: random.Random
) -> np.ndarray:
    height, width = light.shape
    ys, xs = np.mgrid[0:height:8, 0:width:8].astype(np.float32)
    middle = face.corners.mean(axis=0) if face.payload else np.array([face.pixels.shape[1] / 2] * 2, np.float32)
    code_x, code_y = cv2.perspectiveTransform(middle[None, None].astype(np.float32), matrix)[0, 0]
    code_px = 0.1 * conditions.share * width
    if conditions.shadow:
        angle = chance.uniform(0, math.tau)
        offset = chance.uniform(-0.6, 0.6) * code_px
        edge = (xs - code_x) * math.cos(angle) + (ys - code_y) * math.sin(angle) + offset
        shade = 1 - conditions.shadow / (1 + np.exp(np.clip(-edge / chance.uniform(3, 25), -50, 50)))
        light = light * cv2.resize(shade.astype(np.float32), (width, height))
    if conditions.glare:
        spot_x, spot_y = (at + chance.uniform(-0.9, 0.9) * code_px for at in (code_x, code_y))
        radius = code_px * chance.uniform(0.25, 0.8)
        spot = conditions.glare * np.exp(-((xs - spot_x) ** 2 + (ys - spot_y) ** 2) / (2 * radius**2))
        light = light + cv2.resize(spot.astype(np.float32), (width, height))
    return light


def _blurred(light: np.ndarray, conditions: Conditions) -> np.ndarray:
    if conditions.defocus_px > 0:
        light = cv2.filter2D(light, -1, _disk(conditions.defocus_px))
    if conditions.motion_px > 1:
        light = cv2.filter2D(light, -1, _line(conditions.motion_px, conditions.motion_deg))
    return light


def _disk(radius_px: float) -> np.ndarray:
    """Return the defocus kernel: a disk with soft edges, summing to one."""
    half = math.ceil(radius_px + 1)
    ys, xs = np.mgrid[-half : half + 1, -half : half + 1].astype(np.float32)
    kernel = np.clip(radius_px + 0.5 - np.sqrt(xs**2 + ys**2), 0, 1)
    return np.asarray(kernel / kernel.sum(), np.float32)


def _line(length_px: float, angle_deg: float) -> np.ndarray:
    half = math.ceil(length_px / 2 + 1)
    kernel = np.zeros((2 * half + 1, 2 * half + 1), np.float32)
    for t in np.linspace(-length_px / 2, length_px / 2, 8 * math.ceil(length_px)):
        x, y = half + t * math.cos(math.radians(angle_deg)), half + t * math.sin(math.radians(angle_deg))
        kernel[round(y), round(x)] += 1
    return np.asarray(kernel / kernel.sum(), np.float32)


def _sensed(light: np.ndarray, conditions: Conditions, pixels: np.random.Generator) -> np.ndarray:
    """Return the sensor's picture as BGR bytes: shot noise grows with light, gain brings a dark room half way back."""
    gain = min(4.0, conditions.light**-0.5) if conditions.light < 1 else 1.0
    sigma = conditions.noise / 255 * (0.6 + 0.8 * np.sqrt(np.clip(light, 0, 1))) * gain
    noise = pixels.standard_normal(light.shape, np.float32) * sigma
    grey = np.sqrt(np.clip(light * gain, 0, 1)) + noise
    tinted = np.stack([grey * 0.98, grey, grey * 1.01], axis=2)
    return np.asarray(np.clip(tinted * 255, 0, 255).astype(np.uint8))


def _base(chance: random.Random, **changes: float | str) -> Conditions:
    common = Conditions(
        tilt_deg=chance.uniform(0, 12),
        rotation_deg=chance.uniform(-12, 12),
        noise=chance.uniform(2, 5),
        jpeg=chance.randint(75, 92),
    )
    return replace(common, **changes)  # type: ignore[arg-type]  # names of fields, checked when it runs


def _severity(level: int, chance: random.Random, **changes: float | str) -> Conditions:
    """Everything at once, from 1 (a good webcam, a patient hand) to 5 (hopeless)."""
    return _base(
        chance,
        share=chance.uniform(0.86, 0.94) - 0.11 * level,
        tilt_deg=chance.uniform(0, 5 + 5 * level),
        rotation_deg=chance.uniform(-6, 6) * level,
        defocus_px=chance.uniform(0.40, 0.65) * level,
        motion_px=chance.uniform(0.0, 1.1) * level,
        motion_deg=chance.uniform(0, 180),
        light=chance.uniform(0.8, 1.1) / level**0.5,
        shadow=chance.uniform(0, 0.15) * level,
        glare=chance.uniform(0, 0.12) * level,
        scratches=chance.randint(0, level),
        noise=chance.uniform(1.5, 2.5) * level,
        jpeg=95 - 8 * level + chance.randint(-4, 4),
        **changes,
    )


GROUPS: Final = {
    "s1": lambda chance: _severity(1, chance),
    "s2": lambda chance: _severity(2, chance),
    "s3": lambda chance: _severity(3, chance),
    "s4": lambda chance: _severity(4, chance),
    "s5": lambda chance: _severity(5, chance),
    "hd2": lambda chance: _severity(2, chance, width_px=1920, height_px=1080),
    "hd3": lambda chance: _severity(3, chance, width_px=1920, height_px=1080),
    "hd4": lambda chance: _severity(4, chance, width_px=1920, height_px=1080),
    "cc2": lambda chance: _severity(2, chance, face="can-cuoc"),
    "cc3": lambda chance: _severity(3, chance, face="can-cuoc"),
    "cc4": lambda chance: _severity(4, chance, face="can-cuoc"),
    "bhyt": lambda chance: _severity(2, chance, face="bhyt"),
    "small": lambda chance: _base(chance, share=chance.uniform(0.42, 0.52)),
    "blur": lambda chance: _base(chance, share=0.72, defocus_px=chance.uniform(2.0, 3.4)),
    "motion": lambda chance: _base(
        chance, share=0.72, motion_px=chance.uniform(4, 9), motion_deg=chance.uniform(0, 180)
    ),
    "glare": lambda chance: _base(chance, share=0.72, defocus_px=1.0, glare=chance.uniform(0.3, 1.0)),
    "dark": lambda chance: _base(chance, share=0.72, defocus_px=1.0, light=chance.uniform(0.02, 0.08), noise=4.0),
    "shadow": lambda chance: _base(chance, share=0.72, defocus_px=1.0, shadow=chance.uniform(0.6, 0.92)),
    "scratch": lambda chance: _base(chance, share=0.72, defocus_px=1.0, scratches=chance.randint(8, 22)),
    "tilt": lambda chance: _base(chance, share=0.80, tilt_deg=chance.uniform(35, 52)),
    "rot": lambda chance: _base(chance, share=0.70, rotation_deg=chance.uniform(0, 360)),
    "phone": lambda chance: _base(chance, face="phone", share=0.32, raster=chance.uniform(0.15, 0.45)),
    "none": lambda chance: _severity(2, chance, face="blank"),
}
"""Group of damage -> conditions of one photograph of it; ``none`` holds cards without a code, for false answers."""


def conditions_of(group: str, chance: random.Random) -> Conditions:
    """Return the conditions of one photograph of a group of GROUPS or ZONE_GROUPS."""
    return (GROUPS | ZONE_GROUPS)[group](chance)


def _zone_groups(name: str, face: FaceKind) -> dict[str, Callable[[random.Random], Conditions]]:
    return {
        f"{name}1": lambda chance: _severity(1, chance, face=face),
        f"{name}2": lambda chance: _severity(2, chance, face=face),
        f"{name}3": lambda chance: _severity(3, chance, face=face),
        f"{name} hd2": lambda chance: _severity(2, chance, face=face, width_px=1920, height_px=1080),
        f"{name} blur": lambda chance: _base(chance, face=face, share=0.8, defocus_px=chance.uniform(1.5, 3.0)),
        f"{name} glare": lambda chance: _base(
            chance, face=face, share=0.85, defocus_px=0.8, glare=chance.uniform(0.3, 0.9)
        ),
        f"{name} dark": lambda chance: _base(
            chance, face=face, share=0.85, defocus_px=0.8, light=chance.uniform(0.03, 0.1), noise=4.0
        ),
        f"{name} worn": lambda chance: _base(chance, face=face, share=0.85, scratches=chance.randint(4, 12)),
        f"{name} tilt": lambda chance: _base(chance, face=face, share=0.85, tilt_deg=chance.uniform(15, 30)),
        f"{name} turned": lambda chance: _base(chance, face=face, share=0.8, rotation_deg=chance.uniform(160, 200)),
    }


ZONE_GROUPS: Final = {**_zone_groups("card", "mrz-card"), **_zone_groups("passport", "mrz-passport")}
"""The same for machine readable zones."""
