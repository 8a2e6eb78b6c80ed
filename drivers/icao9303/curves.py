"""Elliptic curves of ICAO 9303-11 (standardized domain parameters 8 to 18) and what PACE does on them.

The ``cryptography`` library offers key agreement that returns an x coordinate only; PACE's generic mapping needs whole
points and a generator of its own. Every multiplication by a secret is still the library's constant-time one: two
agreements, with P and with P+G, give x(kP) and x(kP+kG), and from these and the known point kG the y coordinate
follows by the addition law without any secret-dependent branch. Only public points are added up here. The three
small brainpool curves are missing from the library; for them alone, multiplication is done here in Jacobian coordinates
(not constant-time: a kiosk's key lives for one session and is of no use afterwards).
"""

import secrets
from dataclasses import dataclass
from functools import cache
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from drivers.errors import MalformedData


@dataclass(frozen=True, slots=True)
class Point:
    """An affine point other than infinity."""

    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Curve:
    """y² = x³ + ax + b over GF(p) with generator ``g`` of prime order ``n``, cofactor 1.

    ``library`` is the library's name of the curve, None where it has none. ``oid`` names it in certificates.
    """

    parameter_id: int
    name: str
    oid: str
    library: ec.EllipticCurve | None
    p: int
    a: int
    b: int
    g: Point
    n: int

    @property
    def size(self) -> int:
        """Bytes of one coordinate."""
        return (self.p.bit_length() + 7) // 8

    def contains(self, point: Point) -> bool:
        x, y = point.x, point.y
        in_field = 0 <= x < self.p and 0 <= y < self.p
        return in_field and (y * y - (x * x * x + self.a * x + self.b)) % self.p == 0

    def encode(self, point: Point) -> bytes:
        """Return the uncompressed encoding 04 || x || y."""
        return b"\x04" + self.encode_x(point.x) + self.encode_x(point.y)

    def encode_x(self, x: int) -> bytes:
        return x.to_bytes(self.size, "big")

    def decode(self, data: bytes) -> Point:
        """Return the point of an uncompressed encoding; raises MalformedData unless it lies on the curve."""
        if len(data) != 1 + 2 * self.size or data[0] != 4:
            raise MalformedData("EC point", f"not an uncompressed point of {self.name}")
        point = Point(int.from_bytes(data[1 : 1 + self.size], "big"), int.from_bytes(data[1 + self.size :], "big"))
        if not self.contains(point):
            raise MalformedData("EC point", f"not on {self.name}")
        return point

    def add(self, one: Point, other: Point) -> Point:
        """Return the sum; raises ValueError for infinity, which no honest protocol run meets."""
        if one.x == other.x:
            if one.y != other.y:
                raise ValueError("the point at infinity")
            slope = (3 * one.x * one.x + self.a) * pow(2 * one.y, -1, self.p)
        else:
            slope = (other.y - one.y) * pow(other.x - one.x, -1, self.p)
        x = (slope * slope - one.x - other.x) % self.p
        return Point(x, (slope * (one.x - x) - one.y) % self.p)

    def negate(self, point: Point) -> Point:
        return Point(point.x, -point.y % self.p)

    def key(self, scalar: int | None = None) -> "CurveKey":
        """Return the key of ``scalar`` (1..n-1); a fresh random one without it."""
        return CurveKey(self, secrets.randbelow(self.n - 1) + 1 if scalar is None else scalar)

    def map_generator(self, nonce: int, shared: Point) -> Point:
        """Return PACE's generator of the generic mapping, nonce·G + shared (ICAO 9303-11, 4.4.3.3.1)."""
        reduced = nonce % self.n
        return self.add(self.key(reduced).public, shared) if reduced else shared


class CurveKey:
    """A private scalar k on a curve. Raises ValueError unless 1 <= k < n."""

    def __init__(self, curve: Curve, scalar: int) -> None:
        if not 1 <= scalar < curve.n:
            raise ValueError("a private key out of range")
        self.curve = curve
        self.scalar = scalar
        self._key = ec.derive_private_key(scalar, curve.library) if curve.library else None
        self.public: Final = self._public()

    def _public(self) -> Point:
        if self._key is None:
            return _multiply(self.curve, self.scalar, self.curve.g)
        numbers = self._key.public_key().public_numbers()
        return Point(numbers.x, numbers.y)

    def agree(self, point: Point) -> bytes:
        """Return the x coordinate of k·point; the point must lie on the curve."""
        return self.curve.encode_x(self._agree(point))

    def multiply(self, point: Point) -> Point:
        """Return k·point."""
        curve = self.curve
        if self._key is None:
            return _multiply(curve, self.scalar, point)
        if point == curve.g:
            return self.public
        if point == curve.negate(curve.g):
            return curve.negate(self.public)
        known, x = self.public, self._agree(point)
        x_of_sum = self._agree(curve.add(point, curve.g))
        # (y_known - y)² = (x_of_sum + x_known + x)(x_known - x)², and y² is known from x: solve for y
        y_squared = x * x * x + curve.a * x + curve.b
        rest = known.y * known.y + y_squared - (x_of_sum + known.x + x) * (known.x - x) ** 2
        return Point(x, rest * pow(2 * known.y, -1, curve.p) % curve.p)

    def _agree(self, point: Point) -> int:
        if self._key is None:
            return _multiply(self.curve, self.scalar, point).x
        assert self.curve.library
        public = ec.EllipticCurvePublicNumbers(point.x, point.y, self.curve.library).public_key()
        return int.from_bytes(self._key.exchange(ec.ECDH(), public), "big")


def verify_ecdsa(curve: Curve, public: Point, digest: bytes, r: int, s: int) -> bool:
    """Whether (r, s) signs ``digest`` (FIPS 186-5, 6.4.2); for curves the library lacks. Nothing in it is secret."""
    if not (1 <= r < curve.n and 1 <= s < curve.n):
        return False
    bits = curve.n.bit_length()
    e = int.from_bytes(digest, "big") >> max(0, 8 * len(digest) - bits)
    w = pow(s, -1, curve.n)
    left, right = e * w % curve.n, r * w % curve.n
    terms = [_multiply(curve, k, point) for k, point in ((left, curve.g), (right, public)) if k]
    try:
        total = terms[0] if len(terms) == 1 else curve.add(*terms)
    except ValueError:
        return False
    return total.x % curve.n == r


def _multiply(curve: Curve, scalar: int, point: Point) -> Point:
    """Return scalar·point by windows of four bits in Jacobian coordinates; one inversion at the end."""
    table: list[_Jacobian] = [(point.x, point.y, 1)]
    for _ in range(14):
        table.append(_add(curve, table[-1], table[0]))
    total: _Jacobian = (1, 1, 0)
    for shift in range((scalar.bit_length() - 1) // 4 * 4, -4, -4):
        for _ in range(4):
            total = _double(curve, total)
        window = scalar >> shift & 15
        if window:
            total = _add(curve, total, table[window - 1])
    x, y, z = total
    if z == 0:
        raise ValueError("the point at infinity")
    inverse = pow(z, -1, curve.p)
    return Point(x * inverse**2 % curve.p, y * inverse**3 % curve.p)


_Jacobian = tuple[int, int, int]


def _double(curve: Curve, point: _Jacobian) -> _Jacobian:
    x, y, z = point
    p = curve.p
    if z == 0 or y == 0:
        return (1, 1, 0)
    yy = y * y % p
    s = 4 * x * yy % p
    m = (3 * x * x + curve.a * pow(z, 4, p)) % p
    x3 = (m * m - 2 * s) % p
    return x3, (m * (s - x3) - 8 * yy * yy) % p, 2 * y * z % p


def _add(curve: Curve, one: _Jacobian, other: _Jacobian) -> _Jacobian:
    p = curve.p
    if one[2] == 0:
        return other
    if other[2] == 0:
        return one
    zz1, zz2 = one[2] ** 2 % p, other[2] ** 2 % p
    u1, u2 = one[0] * zz2 % p, other[0] * zz1 % p
    s1, s2 = one[1] * zz2 * other[2] % p, other[1] * zz1 * one[2] % p
    h, r = (u2 - u1) % p, (s2 - s1) % p
    if h == 0:
        return _double(curve, one) if r == 0 else (1, 1, 0)
    hh = h * h % p
    hhh, v = h * hh % p, u1 * hh % p
    x3 = (r * r - hhh - 2 * v) % p
    return x3, (r * (v - x3) - s1 * hhh) % p, h * one[2] * other[2] % p


def _curve(parameter_id: int, name: str, oid: str, library: type[ec.EllipticCurve] | None, *numbers: str) -> Curve:
    p, a, b, x, y, n = (int(number, 16) for number in numbers)
    return Curve(parameter_id, name, oid, library() if library else None, p, a, b, Point(x, y), n)


# Sources: FIPS 186-4 appendix D (secp), RFC 5639 clause 3 (brainpool); order p, a, b, x and y of G, n.
CURVES: Final = (
    _curve(
        8,
        "secp192r1",
        "1.2.840.10045.3.1.1",
        ec.SECP192R1,
        "fffffffffffffffffffffffffffffffeffffffffffffffff",
        "fffffffffffffffffffffffffffffffefffffffffffffffc",
        "64210519e59c80e70fa7e9ab72243049feb8deecc146b9b1",
        "188da80eb03090f67cbf20eb43a18800f4ff0afd82ff1012",
        "07192b95ffc8da78631011ed6b24cdd573f977a11e794811",
        "ffffffffffffffffffffffff99def836146bc9b1b4d22831",
    ),
    _curve(
        9,
        "brainpoolP192r1",
        "1.3.36.3.3.2.8.1.1.3",
        None,
        "c302f41d932a36cda7a3463093d18db78fce476de1a86297",
        "6a91174076b1e0e19c39c031fe8685c1cae040e5c69a28ef",
        "469a28ef7c28cca3dc721d044f4496bcca7ef4146fbf25c9",
        "c0a0647eaab6a48753b033c56cb0f0900a2f5c4853375fd6",
        "14b690866abd5bb88b5f4828c1490002e6773fa2fa299b8f",
        "c302f41d932a36cda7a3462f9e9e916b5be8f1029ac4acc1",
    ),
    _curve(
        10,
        "secp224r1",
        "1.3.132.0.33",
        ec.SECP224R1,
        "ffffffffffffffffffffffffffffffff000000000000000000000001",
        "fffffffffffffffffffffffffffffffefffffffffffffffffffffffe",
        "b4050a850c04b3abf54132565044b0b7d7bfd8ba270b39432355ffb4",
        "b70e0cbd6bb4bf7f321390b94a03c1d356c21122343280d6115c1d21",
        "bd376388b5f723fb4c22dfe6cd4375a05a07476444d5819985007e34",
        "ffffffffffffffffffffffffffff16a2e0b8f03e13dd29455c5c2a3d",
    ),
    _curve(
        11,
        "brainpoolP224r1",
        "1.3.36.3.3.2.8.1.1.5",
        None,
        "d7c134aa264366862a18302575d1d787b09f075797da89f57ec8c0ff",
        "68a5e62ca9ce6c1c299803a6c1530b514e182ad8b0042a59cad29f43",
        "2580f63ccfe44138870713b1a92369e33e2135d266dbb372386c400b",
        "0d9029ad2c7e5cf4340823b2a87dc68c9e4ce3174c1e6efdee12c07d",
        "58aa56f772c0726f24c6b89e4ecdac24354b9e99caa3f6d3761402cd",
        "d7c134aa264366862a18302575d0fb98d116bc4b6ddebca3a5a7939f",
    ),
    _curve(
        12,
        "secp256r1",
        "1.2.840.10045.3.1.7",
        ec.SECP256R1,
        "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
        "ffffffff00000001000000000000000000000000fffffffffffffffffffffffc",
        "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b",
        "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
        "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
        "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
    ),
    _curve(
        13,
        "brainpoolP256r1",
        "1.3.36.3.3.2.8.1.1.7",
        ec.BrainpoolP256R1,
        "a9fb57dba1eea9bc3e660a909d838d726e3bf623d52620282013481d1f6e5377",
        "7d5a0975fc2c3057eef67530417affe7fb8055c126dc5c6ce94a4b44f330b5d9",
        "26dc5c6ce94a4b44f330b5d9bbd77cbf958416295cf7e1ce6bccdc18ff8c07b6",
        "8bd2aeb9cb7e57cb2c4b482ffc81b7afb9de27e1e3bd23c23a4453bd9ace3262",
        "547ef835c3dac4fd97f8461a14611dc9c27745132ded8e545c1d54c72f046997",
        "a9fb57dba1eea9bc3e660a909d838d718c397aa3b561a6f7901e0e82974856a7",
    ),
    _curve(
        14,
        "brainpoolP320r1",
        "1.3.36.3.3.2.8.1.1.9",
        None,
        "d35e472036bc4fb7e13c785ed201e065f98fcfa6f6f40def4f92b9ec7893ec28fcd412b1f1b32e27",
        "3ee30b568fbab0f883ccebd46d3f3bb8a2a73513f5eb79da66190eb085ffa9f492f375a97d860eb4",
        "520883949dfdbc42d3ad198640688a6fe13f41349554b49acc31dccd884539816f5eb4ac8fb1f1a6",
        "43bd7e9afb53d8b85289bcc48ee5bfe6f20137d10a087eb6e7871e2a10a599c710af8d0d39e20611",
        "14fdd05545ec1cc8ab4093247f77275e0743ffed117182eaa9c77877aaac6ac7d35245d1692e8ee1",
        "d35e472036bc4fb7e13c785ed201e065f98fcfa5b68f12a32d482ec7ee8658e98691555b44c59311",
    ),
    _curve(
        15,
        "secp384r1",
        "1.3.132.0.34",
        ec.SECP384R1,
        "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff",
        "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000fffffffc",
        "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef",
        "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7",
        "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f",
        "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
    ),
    _curve(
        16,
        "brainpoolP384r1",
        "1.3.36.3.3.2.8.1.1.11",
        ec.BrainpoolP384R1,
        "8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b412b1da197fb71123acd3a729901d1a71874700133107ec53",
        "7bc382c63d8c150c3c72080ace05afa0c2bea28e4fb22787139165efba91f90f8aa5814a503ad4eb04a8c7dd22ce2826",
        "04a8c7dd22ce28268b39b55416f0447c2fb77de107dcd2a62e880ea53eeb62d57cb4390295dbc9943ab78696fa504c11",
        "1d1c64f068cf45ffa2a63a81b7c13f6b8847a3e77ef14fe3db7fcafe0cbd10e8e826e03436d646aaef87b2e247d4af1e",
        "8abe1d7520f9c2a45cb1eb8e95cfd55262b70b29feec5864e19c054ff99129280e4646217791811142820341263c5315",
        "8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b31f166e6cac0425a7cf3ab6af6b7fc3103b883202e9046565",
    ),
    _curve(
        17,
        "brainpoolP512r1",
        "1.3.36.3.3.2.8.1.1.13",
        ec.BrainpoolP512R1,
        "aadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca70330871"
        "7d4d9b009bc66842aecda12ae6a380e62881ff2f2d82c68528aa6056583a48f3",
        "7830a3318b603b89e2327145ac234cc594cbdd8d3df91610a83441caea9863bc"
        "2ded5d5aa8253aa10a2ef1c98b9ac8b57f1117a72bf2c7b9e7c1ac4d77fc94ca",
        "3df91610a83441caea9863bc2ded5d5aa8253aa10a2ef1c98b9ac8b57f1117a7"
        "2bf2c7b9e7c1ac4d77fc94cadc083e67984050b75ebae5dd2809bd638016f723",
        "81aee4bdd82ed9645a21322e9c4c6a9385ed9f70b5d916c1b43b62eef4d0098e"
        "ff3b1f78e2d0d48d50d1687b93b97d5f7c6d5047406a5e688b352209bcb9f822",
        "7dde385d566332ecc0eabfa9cf7822fdf209f70024a57b1aa000c55b881f8111"
        "b2dcde494a5f485e5bca4bd88a2763aed1ca2b2fa8f0540678cd1e0f3ad80892",
        "aadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca70330870"
        "553e5c414ca92619418661197fac10471db1d381085ddaddb58796829ca90069",
    ),
    _curve(
        18,
        "secp521r1",
        "1.3.132.0.35",
        ec.SECP521R1,
        "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
        "ffff",
        "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
        "fffc",
        "0051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef1"
        "09e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b50"
        "3f00",
        "00c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d"
        "3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5"
        "bd66",
        "011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e"
        "662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd1"
        "6650",
        "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
        "fffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e9138"
        "6409",
    ),
)


@cache
def curve_by_parameter_id(parameter_id: int) -> Curve:
    """Return the curve of ICAO 9303-11 table 7; raises KeyError for one that is none."""
    return {curve.parameter_id: curve for curve in CURVES}[parameter_id]


@cache
def curve_by_oid(oid: str) -> Curve:
    """Return the curve a certificate or key names; raises KeyError for an unknown one."""
    return {curve.oid: curve for curve in CURVES}[oid]
