"""What one simulated chip can do, how fast it is, and how it misbehaves: values only."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Cipher = Literal["3DES", "AES-128", "AES-192", "AES-256"]
Mapping = Literal["GM", "CAM"]
PacePassword = Literal["MRZ", "CAN"]
GetResponse = Literal["never", "long", "always"]
PastEnd = Literal["warn", "silent", "exact", "refuse"]
HashName = Literal["sha1", "sha224", "sha256", "sha384", "sha512"]


@dataclass(frozen=True, slots=True)
class PaceSuite:
    """One PACEInfo: secure messaging cipher, mapping, standardised domain parameters (ICAO 9303-11 9.5.1).

    ``group``: a curve, or ``"modp-1024-160"``, ``"modp-2048-224"``, ``"modp-2048-256"`` (RFC 5114) for DH. CAM exists
    with AES over curves only.
    """

    cipher: Cipher = "AES-128"
    mapping: Mapping = "GM"
    group: str = "brainpoolP256r1"

    def __post_init__(self) -> None:
        if self.mapping == "CAM" and (self.cipher == "3DES" or self.group.startswith("modp-")):
            raise ValueError("chip authentication mapping exists with AES over curves only")


@dataclass(frozen=True, slots=True)
class ChipAuthentication:
    """One ChipAuthenticationInfo with its key; ``group`` as in ``PaceSuite``."""

    cipher: Cipher = "AES-128"
    group: str = "brainpoolP256r1"
    explicit_parameters: bool = False
    """Whether the key in EF.DG14 spells its curve out, as many issuers do, instead of naming it."""

    key_id: int | None = None


@dataclass(frozen=True, slots=True)
class ActiveAuthentication:
    """The key in EF.DG15. ``key``: a curve for plain ECDSA, ``"RSA-1024"`` or ``"RSA-2048"`` for ISO/IEC 9796-2."""

    key: str = "secp256r1"
    hash_name: HashName = "sha256"
    explicit_parameters: bool = False


@dataclass(frozen=True, slots=True)
class SignatureScheme:
    """How one key of the issuer signs. ``key``: a curve, or ``"RSA-2048"`` / ``"RSA-3072"``; padding counts for RSA."""

    key: str = "secp256r1"
    hash_name: HashName = "sha256"
    padding: Literal["pkcs1", "pss"] = "pkcs1"
    explicit_parameters: bool = False


@dataclass(frozen=True, slots=True)
class Issuance:
    """The issuer's side: algorithms of the country signing CA, the document signer and the hashes in EF.SOD."""

    csca: SignatureScheme = SignatureScheme("brainpoolP384r1", "sha384")
    document_signer: SignatureScheme = SignatureScheme()
    digest: HashName = "sha256"
    """Of the data groups; the signed attributes are hashed as the document signer signs."""

    lds_version: Literal[0, 1] = 0


class Tampering(StrEnum):
    """One thing that is wrong with a chip's content, or doubtful about it."""

    DATA_GROUP = "data-group"  # another name in EF.DG13, and in EF.DG1 where there is no DG13; hashes as before
    SIGNATURE = "signature"  # one bit of the SOD's signature
    SIGNED_DIGEST = "signed-digest"  # message digest attribute of other content
    MISSING_HASH = "missing-hash"  # EF.DG13 is not covered by the SOD
    DS_EXPIRED_AT_SIGNING = "ds-expired-at-signing"
    DS_EXPIRED_SINCE = "ds-expired-since"  # was valid at signing: no fault of the card
    DS_FORGED = "ds-forged"  # names the CSCA as its issuer, which never signed it
    DS_WITHOUT_SIGNING_USAGE = "ds-without-signing-usage"
    UNKNOWN_CSCA = "unknown-csca"  # all in order, by an issuer outside the trust store
    CLONED_KEYS = "cloned-keys"  # all files copied, private keys not
    COM_LISTS_ABSENT = "com-lists-absent"  # EF.COM names EF.DG11, which is not there
    NO_SOD = "no-sod"
    NO_DG13 = "no-dg13"


class FaultKind(StrEnum):
    PULLED = "pulled"  # the card leaves the field instead of answering
    MUTE = "mute"  # present, and silent from then on
    WRONG_MAC = "wrong-mac"
    SHORT = "short"  # the answer lacks its second half; the status word stays
    UNPROTECTED = "unprotected"  # the plain answer, as if there were no session
    WRONG_STATUS = "wrong-status"  # outer status word differs from the protected one
    GARBAGE = "garbage"  # random bytes and 9000


@dataclass(frozen=True, slots=True)
class Fault:
    """``kind`` happens at the ``at``-th command since power-on (1 is the first): each time, or ``once`` in a life."""

    at: int
    kind: FaultKind
    once: bool = False


@dataclass(frozen=True, slots=True)
class ChipProfile:
    """One chip's abilities, limits, timing and faults; the default is a sound card that opens by PACE and by BAC."""

    bac: bool = True
    pace: tuple[PaceSuite, ...] = (PaceSuite(),)
    pace_passwords: frozenset[PacePassword] = frozenset({"CAN", "MRZ"})
    card_access_at: frozenset[Literal["start", "mf", "application"]] = frozenset({"start"})
    """Where EF.CardAccess is found: before any SELECT, after SELECT MF, or inside the LDS application."""

    mf_select_sw: int = 0x6D00
    """Answer to SELECT MF; Vietnamese cards say 6D00. With 9000 the master file becomes current."""

    active_authentication: ActiveAuthentication | None = ActiveAuthentication()
    chip_authentication: ChipAuthentication | None = ChipAuthentication()
    issuance: Issuance = Issuance()
    tampering: frozenset[Tampering] = frozenset()

    planted_files: tuple[tuple[str, bytes], ...] = ()
    """Files (name, content) that an attacker wrote over or beside the issuer's, after signing."""

    optional_groups: frozenset[Literal["EF.DG11", "EF.DG12"]] = frozenset()
    photo: Literal["jpeg", "jpeg2000"] = "jpeg"
    photo_bytes: int | None = None
    """Exact size of a JPEG photo; None for whatever the drawing has."""

    dg13_reversed: bool = False
    """Whether the entries of EF.DG13 stand in descending order: a DER SET promises none."""

    extended_length: bool = True
    extended_reads: bool = True
    """Whether READ BINARY has extended length too; the standard asks it of key agreement alone, else 6700."""

    command_chaining: bool = True
    """Whether the data of a command may come in pieces; a chip that says no in its historical bytes answers 6884."""

    max_answer_bytes: int = 65_535
    """Most bytes of one extended answer without its status word, secure messaging included; a short one has 256."""

    oversized_answer: Literal["refuse", "shorten"] = "refuse"
    """What happens to a READ BINARY whose protected answer would be too long: 6700, or fewer bytes than asked."""

    get_response: GetResponse = "long"
    """Which other answers come by 61xx and GET RESPONSE: those beyond the limit, or all to commands with data (T=0)."""

    past_end: PastEnd = "warn"
    """What a READ BINARY beyond the end gives: the rest with 6282, or with 9000; 6Cxx with its length; or 6B00."""

    short_identifiers: bool = True
    """Whether READ BINARY selects a file by its short identifier; without it 6A86."""

    closed_groups: frozenset[str] = frozenset({"EF.DG3", "EF.DG4"})
    """Files that need Terminal Authentication: 6982."""

    refusal_sw: int = 0x6300
    """Answer to a wrong password; cards were seen to say 6988 and 6982 as well."""

    pace_refusal_sw: int | None = None
    """Answer to MSE:Set AT of a chip that offers PACE and does not do it; one log of a real card ends with 6982."""

    latency_ms: float = 0.0
    """From the end of a command to the start of its answer, the chip's own computing included."""

    bits_per_second: int | None = None
    """Speed of the link both ways; None transfers in no time."""

    failure_delay_s: float = 0.0
    """What the chip waits before it answers an authentication, once for every failure since it was issued."""

    faults: tuple[Fault, ...] = ()
