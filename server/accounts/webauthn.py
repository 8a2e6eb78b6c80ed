"""What a browser asks a security key, and what the key's answer proves; the only import of fido2. No database.

W3C Web Authentication Level 2, 7.1 (registering) and 7.2 (signing). A key's maker is not asked for (attestation
"none"): hospitals buy what they like, and some keys would name their owner by it.
"""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, TypeVar
from uuid import UUID

from cryptography.exceptions import UnsupportedAlgorithm
from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestationConveyancePreference,
    AttestationObject,
    AttestedCredentialData,
    AuthenticationResponse,
    AuthenticatorAssertionResponse,
    AuthenticatorAttestationResponse,
    AuthenticatorData,
    AuthenticatorTransport,
    CollectedClientData,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialParameters,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from server.accounts.relying_party import RelyingParty

CHALLENGE_BYTES: Final = 32
ANSWER_LENGTH: Final = 16_384
"""Characters; an answer without attestation takes some 1,000."""

_TIMEOUT_MS: Final = 120_000  # people look for the key, and for its PIN
_ALGORITHMS: Final = (-7, -8, -257)  # ES256, EdDSA, RS256 (Windows Hello on a TPM): RFC 9053, RFC 8812
_ID_LENGTH: Final = range(1, 1024)
_TRANSPORTS: Final = frozenset(transport.value for transport in AuthenticatorTransport)
_PROVES_NOTHING: Final = (
    ValueError, KeyError, IndexError, TypeError, AssertionError, NotImplementedError, OverflowError, RecursionError,
    struct.error, UnsupportedAlgorithm,
)  # fmt: skip
"""What the library raises for an answer that is wrong, and for one that was never a key's."""


class NotProven(Exception):
    """An answer does not prove that an asked key is here; the cause says why."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """``credential`` is the attested credential data: AAGUID, id and public key."""

    credential_id: bytes
    credential: bytes
    sign_count: int
    transports: tuple[str, ...]
    verifies_person: bool


@dataclass(frozen=True, slots=True)
class KnownKey:
    """What is kept of a key, as ``NewKey`` had it."""

    credential_id: bytes
    credential: bytes
    transports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Signed:
    """Which key signed, and how often it says it did; 0 from keys that do not count."""

    credential_id: bytes
    sign_count: int


def creation_options(
    party: RelyingParty, *, user_id: UUID, username: str, full_name: str, known: Sequence[KnownKey], challenge: bytes
) -> dict[str, Any]:
    """Return what ``navigator.credentials.create`` takes, bytes as base64url; none of ``known`` is added again."""
    options, _ = _server(party).register_begin(
        PublicKeyCredentialUserEntity(id=user_id.bytes, name=username, display_name=full_name),
        credentials=_descriptors(known),
        # The user name is typed before: nothing needs to be kept in the key, which has few places.
        resident_key_requirement=ResidentKeyRequirement.DISCOURAGED,
        user_verification=UserVerificationRequirement.PREFERRED,
        challenge=challenge,
    )
    return dict(options)


def request_options(
    party: RelyingParty, *, known: Sequence[KnownKey], challenge: bytes, verified: bool
) -> dict[str, Any]:
    """Return what ``navigator.credentials.get`` takes; ``verified`` asks for a PIN or finger besides the touch."""
    options, _ = _server(party).authenticate_begin(
        _descriptors(known), user_verification=_verification(verified), challenge=challenge
    )
    return dict(options)


def read_registration(party: RelyingParty, answer: str, *, challenge: bytes) -> NewKey:
    """Return the key that ``create`` made; raises NotProven."""

    def read(given: "_Answer") -> NewKey:
        response = RegistrationResponse(
            raw_id=websafe_decode(given.id),
            response=AuthenticatorAttestationResponse(
                client_data=CollectedClientData(websafe_decode(given.response["clientDataJSON"])),
                attestation_object=AttestationObject(websafe_decode(given.response["attestationObject"])),
            ),
        )
        state = {"challenge": websafe_encode(challenge), "user_verification": UserVerificationRequirement.PREFERRED}
        data = _server(party).register_complete(state, response)
        credential = data.credential_data
        if credential is None or len(credential.credential_id) not in _ID_LENGTH:
            raise ValueError("no credential of a usable length")
        if credential.public_key[3] not in _ALGORITHMS:
            raise ValueError("an algorithm that was not asked for")
        if credential.credential_id != response.raw_id:
            raise ValueError("another credential than the answer names")
        return NewKey(
            credential.credential_id, bytes(credential), data.counter,
            tuple(one for one in given.transports if one in _TRANSPORTS), data.is_user_verified(),
        )  # fmt: skip

    return _read(answer, read)


def read_signature(
    party: RelyingParty, answer: str, *, known: Sequence[KnownKey], challenge: bytes, verified: bool
) -> Signed:
    """Return which of ``known`` signed ``challenge``; raises NotProven.

    Whether its counter went on is the caller's to compare (7.2, step 21).
    """

    def read(given: "_Answer") -> Signed:
        data = AuthenticatorData(websafe_decode(given.response["authenticatorData"]))
        response = AuthenticationResponse(
            raw_id=websafe_decode(given.id),
            response=AuthenticatorAssertionResponse(
                client_data=CollectedClientData(websafe_decode(given.response["clientDataJSON"])),
                authenticator_data=data,
                signature=websafe_decode(given.response["signature"]),
            ),
        )
        state = {"challenge": websafe_encode(challenge), "user_verification": _verification(verified)}
        keys = [AttestedCredentialData(one.credential) for one in known]
        signed_by = _server(party).authenticate_complete(state, keys, response)
        return Signed(signed_by.credential_id, data.counter)

    return _read(answer, read)


class _Answer(BaseModel):
    """What ``static/server/security_key.js`` sends: bytes as base64url."""

    model_config = ConfigDict(frozen=True)

    id: Annotated[str, Field(max_length=1400)]
    type: Literal["public-key"]
    response: dict[Literal["clientDataJSON", "attestationObject", "authenticatorData", "signature"], str]
    transports: Annotated[tuple[str, ...], Field(max_length=10)] = ()


T = TypeVar("T")


def _read(answer: str, read: Callable[[_Answer], T]) -> T:
    try:
        if len(answer) > ANSWER_LENGTH:
            raise ValueError("too long for a key's answer")
        return read(_Answer.model_validate_json(answer))
    except ValidationError as error:
        raise NotProven("not of the form that our page sends") from error
    except _PROVES_NOTHING as error:
        raise NotProven(type(error).__name__) from error


def _server(party: RelyingParty) -> Fido2Server:
    server = Fido2Server(
        PublicKeyCredentialRpEntity(id=party.id, name="Tiepdon"),
        attestation=AttestationConveyancePreference.NONE,
        verify_origin=lambda origin: origin == party.origin,  # a neighbour's page below our name is not ours
    )
    server.timeout = _TIMEOUT_MS  # type: ignore[assignment]  # milliseconds; the library infers None from its default
    server.allowed_algorithms = [
        PublicKeyCredentialParameters(type=PublicKeyCredentialType.PUBLIC_KEY, alg=one) for one in _ALGORITHMS
    ]
    return server


def _descriptors(known: Sequence[KnownKey]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            type=PublicKeyCredentialType.PUBLIC_KEY,
            id=one.credential_id,
            transports=[AuthenticatorTransport(transport) for transport in one.transports] or None,
        )
        for one in known
    ]


def _verification(verified: bool) -> UserVerificationRequirement:
    return UserVerificationRequirement.REQUIRED if verified else UserVerificationRequirement.DISCOURAGED
