"""From what was found to how sure we are: one table, one rule.

Every finding is a stable reason code. ``POLICY`` says how high the assurance may stand in its presence; the lowest
step any reason allows is the verdict. The top needs two things besides: a signature by an issuer we know, and a
proof by the chip that it is no copy.
"""

from collections.abc import Iterable
from typing import Final

from drivers.icao9303.reading import Assurance

_TOP: Final = Assurance.TRUSTED
_LADDER: Final = (Assurance.CONTRADICTED, Assurance.READ, Assurance.CONSISTENT, Assurance.TRUSTED)

POLICY: Final[dict[str, tuple[Assurance, str]]] = {
    # passive authentication
    "pa.trusted": (_TOP, "signed by a signer whose CA is in the trust store"),
    "pa.skipped": (Assurance.READ, "not asked for"),
    "pa.no_sod": (Assurance.READ, "nothing on the chip is signed"),
    "pa.sod_unreadable": (Assurance.READ, "a security object of a form we do not know proves nothing, nor disproves"),
    "pa.algorithm_unknown": (Assurance.READ, "signed by means we cannot check"),
    "pa.no_signer_certificate": (Assurance.READ, "the signer's certificate did not come along"),
    "pa.digest_wrong": (Assurance.CONTRADICTED, "the signature is over other content"),
    "pa.signature_wrong": (Assurance.CONTRADICTED, "the signature does not hold"),
    "pa.hash_wrong": (Assurance.CONTRADICTED, "a file was changed after it was signed"),
    "pa.not_signed": (Assurance.CONTRADICTED, "a file was added to a signed card; issuers sign all they store"),
    "pa.ds_forged": (Assurance.CONTRADICTED, "names the key of a CA we know, which did not sign it"),
    "pa.ds_usage": (Assurance.READ, "the signer's key is not for signing documents"),
    "pa.ds_expired_at_signing": (Assurance.READ, "signed outside the signer's validity: a key gone astray"),
    "pa.ds_expired": (_TOP, "the signer expired since; cards outlive their signer's certificate"),
    "pa.signing_time_unknown": (_TOP, "the signer does not say when; the standard does not ask it to"),
    "pa.csca_unknown": (Assurance.CONSISTENT, "signed and whole, by an issuer outside the trust store"),
    "pa.csca_usage": (Assurance.CONSISTENT, "the certificate in the trust store is none of a CA"),
    "pa.csca_expired_at_issuance": (Assurance.CONSISTENT, "the CA was not valid when it issued the signer"),
    # the chip is no copy
    "aa.valid": (_TOP, "the chip signed a challenge with its own key"),
    "aa.invalid": (Assurance.CONTRADICTED, "the chip's signature does not hold: a copy"),
    "aa.absent": (_TOP, "not offered"),
    "aa.refused": (_TOP, "offered and refused: proves nothing"),
    "aa.unsupported": (_TOP, "of a kind, or a length, that cannot be checked here"),
    "ca.valid": (_TOP, "the session went on under keys only the genuine chip can make"),
    "ca.invalid": (Assurance.CONTRADICTED, "the chip could not follow into the new session: a copy"),
    "ca.absent": (_TOP, "not offered"),
    "ca.refused": (_TOP, "offered and refused: proves nothing"),
    "ca.unsupported": (_TOP, "of a kind, or a length, that cannot be checked here"),
    "cam.valid": (_TOP, "the chip proved its key while it opened"),
    "cam.invalid": (Assurance.CONTRADICTED, "the chip's proof does not go with its signed key: a copy"),
    "cam.unsupported": (_TOP, "its signed key could not be read"),
    "copy.unchecked": (Assurance.CONSISTENT, "neither of the proofs against copies was made"),
    "copy.withheld": (Assurance.CONSISTENT, "a signed file that would prove it no copy is kept back, as a copy would"),
    # the content
    "file.broken": (Assurance.READ, "a file does not come whole, so nothing says that it is the one that was signed"),
    "dg13.absent": (_TOP, "the name has no marks"),
    "dg13.unreadable": (_TOP, "of a form we do not know; DG1 names the person"),
    "dg11.unreadable": (_TOP, "of a form we do not know; DG1 names the person"),
    "dg13.contradicts_dg1": (Assurance.CONTRADICTED, "two people on one chip"),
    "dg14.unreadable": (_TOP, "the proofs it describes cannot be made"),
    "dg15.unreadable": (_TOP, "the proof it describes cannot be made"),
    "photo.absent": (_TOP, "a young child's card has none"),
    "photo.unreadable": (_TOP, "of a form we do not know"),
    "com.lists_absent": (_TOP, "EF.COM names a file that is not there; it is not signed and not believed"),
    "pace.downgraded": (Assurance.CONTRADICTED, "the signed files offer another way in than the one we were given"),
    "document.expired": (_TOP, "still names its holder; what follows from it is the hospital's rule"),
    # the code shown with the card
    "code.differs": (Assurance.CONTRADICTED, "the code shown names another person"),
}

_SAYS_NO_COPY: Final = frozenset({"aa.valid", "ca.valid", "cam.valid"})
_UNSIGNED: Final = frozenset({"pa.skipped", "pa.no_sod", "pa.sod_unreadable", "pa.no_signer_certificate"})


def policy_of(reason: str) -> tuple[Assurance, str]:
    """Return the policy of a reason, of ``pa.hash_wrong.dg1`` by its first two parts. Raises KeyError."""
    return POLICY[".".join(reason.split(".")[:2])]


def judge(reasons: Iterable[str]) -> tuple[Assurance, tuple[str, ...]]:
    """Return the assurance that ``reasons`` allow, and the reasons, with ``copy.unchecked`` added where it is due."""
    found = list(dict.fromkeys(reasons))
    if not _SAYS_NO_COPY.intersection(found) and not _UNSIGNED.intersection(found):
        found.append("copy.unchecked")
    steps = [policy_of(reason)[0] for reason in found]
    if "pa.trusted" not in found:
        steps.append(Assurance.CONSISTENT)
    return min(steps, key=_LADDER.index), tuple(found)
