"""Key agreement within PACE's generic mapping, over a curve or a multiplicative group (ICAO 9303-11 clause 4.4.3.3)."""

from typing import Final, Protocol

from drivers.errors import MalformedData
from drivers.icao9303.curves import Curve, Point
from drivers.icao9303.dh_groups import DhGroup
from drivers.simulated.chip.dh import dh_group_named, is_dh_group
from drivers.simulated.chip.keys import curve_named
from drivers.simulated.chip.randomness import Randomness


class GenericMapping(Protocol):
    """One run. Keys are encoded as they stand in GENERAL AUTHENTICATE; theirs may be hostile: raises MalformedData."""

    public_key_tag: int
    """Of a public key in the input of an authentication token."""

    def map(self, nonce: int, theirs: bytes) -> bytes:
        """Make the mapped generator; return the chip's mapping key."""
        ...

    def agree(self, theirs: bytes) -> tuple[bytes, bytes]:
        """Return the chip's ephemeral key over the mapped generator, and the shared secret."""
        ...


def generic_mapping(group: str, randomness: Randomness) -> GenericMapping:
    if is_dh_group(group):
        return DhMapping(dh_group_named(group), randomness)
    return CurveMapping(curve_named(group), randomness)


class CurveMapping:
    public_key_tag = 0x86

    def __init__(self, curve: Curve, randomness: Randomness) -> None:
        self.curve: Final = curve
        self._randomness = randomness
        self._generator: Point = curve.g
        self.mapping_scalar = 0

    def map(self, nonce: int, theirs: bytes) -> bytes:
        point = self.curve.decode(theirs)
        self.mapping_scalar = self._randomness.scalar(self.curve.n)
        key = self.curve.key(self.mapping_scalar)
        if point == key.public:
            raise MalformedData("PACE mapping key", "the chip's own")
        self._generator = self.curve.map_generator(nonce, key.multiply(point))
        return self.curve.encode(key.public)

    def agree(self, theirs: bytes) -> tuple[bytes, bytes]:
        point = self.curve.decode(theirs)
        key = self.curve.key(self._randomness.scalar(self.curve.n))
        return self.curve.encode(key.multiply(self._generator)), key.agree(point)


class DhMapping:
    public_key_tag = 0x84

    def __init__(self, group: DhGroup, randomness: Randomness) -> None:
        self._group = group
        self._randomness = randomness
        self._generator = group.g

    def map(self, nonce: int, theirs: bytes) -> bytes:
        group, exponent = self._group, self._randomness.scalar(self._group.q)
        ours = pow(group.g, exponent, group.p)
        element = group.decode(theirs)
        if element == ours:
            raise MalformedData("PACE mapping key", "the chip's own")
        self._generator = pow(group.g, nonce, group.p) * pow(element, exponent, group.p) % group.p
        return group.encode(ours)

    def agree(self, theirs: bytes) -> tuple[bytes, bytes]:
        group, exponent = self._group, self._randomness.scalar(self._group.q)
        secret = pow(group.decode(theirs), exponent, group.p)
        return group.encode(pow(self._generator, exponent, group.p)), group.encode(secret)
