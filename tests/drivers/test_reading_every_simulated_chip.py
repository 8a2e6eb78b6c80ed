"""The reader against the simulated chip in every variant: protocols, issuers, limits, tampering, faults."""

from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from drivers.config import SimulatedReaderOptions
from drivers.errors import AccessDenied, CardRemoved, DeviceTimeout, DriverError, MalformedData, StatusWordError
from drivers.icao9303.curves import CURVES
from drivers.icao9303.reader import ReadOptions, read_chip
from drivers.icao9303.reading import Assurance, Check, ChipPasswords, ChipReading
from drivers.icao9303.trust import TrustStore, load_trust_store
from drivers.simulated.chip.data_groups import dg11, ef_com
from drivers.simulated.chip.issuer import csca_certificate
from drivers.simulated.chip.personalise import personalise
from drivers.simulated.chip.profile import (
    ActiveAuthentication,
    ChipAuthentication,
    ChipProfile,
    Cipher,
    Fault,
    FaultKind,
    HashName,
    Issuance,
    PaceSuite,
    SignatureScheme,
    Tampering,
)
from drivers.simulated.deck import DECK, SimulatedCard, get_card
from drivers.simulated.people import NO_EXPIRY_MRZ, InventedPerson, get_person
from drivers.simulated.reader import SimulatedCardReader
from drivers.smartcard.capabilities import CardCapabilities

PERSON: Final = get_person("duc")
CIPHERS: Final[tuple[Cipher, ...]] = ("3DES", "AES-128", "AES-192", "AES-256")
DH_GROUPS: Final = ("modp-1024-160", "modp-2048-224", "modp-2048-256")


def passwords(person: InventedPerson) -> ChipPasswords:
    expires = person.mrz_expiry
    return ChipPasswords(person.can, person.document_number, f"{person.born_on:%y%m%d}", (expires,))


def trusting(issuance: Issuance, folder: Path) -> TrustStore:
    (folder / "csca.der").write_bytes(csca_certificate(issuance))
    return load_trust_store(folder)


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> TrustStore:
    return trusting(Issuance(), tmp_path_factory.mktemp("trust"))


class Desk:
    """A reader with one card on it, which is put back after a pull."""

    def __init__(self, profile: ChipProfile, person: InventedPerson = PERSON) -> None:
        card = SimulatedCard("card", person, profile, "", "", "", "")
        self.person = person
        self.reader = SimulatedCardReader(SimulatedReaderOptions(latency_ms=0), deck=(card,), silence_s=0)

    def read(self, options: ReadOptions, known: ChipPasswords | None = None) -> ChipReading:
        self.reader.insert("card")
        return read_chip(self.reader.connect(), known or passwords(self.person), options=options)


def read(profile: ChipProfile, trust: TrustStore, *, photo: bool = True, extended: bool = True) -> ChipReading:
    return Desk(profile).read(ReadOptions(trust=trust, photo=photo, extended=extended))


class TestOpening:
    # Cipher and group meet nowhere but in the derived keys: every one of each is tried, not every pair.
    @pytest.mark.parametrize(
        "suite",
        [
            *(PaceSuite(cipher) for cipher in CIPHERS),
            *(PaceSuite("AES-256", "GM", curve.name) for curve in CURVES),
            *(PaceSuite("AES-128", "GM", group) for group in DH_GROUPS),
            PaceSuite("3DES", "GM", "modp-1024-160"),
            *(PaceSuite(cipher, "CAM") for cipher in CIPHERS[1:]),
            *(PaceSuite("AES-128", "CAM", curve.name) for curve in CURVES),
        ],
        ids=lambda suite: f"{suite.mapping}-{suite.cipher}-{suite.group}",
    )
    def test_pace_with_every_suite_mapping_and_group(self, suite: PaceSuite, trust: TrustStore) -> None:
        reading = read(ChipProfile(bac=False, pace=(suite,)), trust, photo=False)
        assert (reading.access, reading.assurance) == ("PACE-CAN", Assurance.TRUSTED)
        assert ("cam.valid" in reading.reasons) is (suite.mapping == "CAM")

    @pytest.mark.parametrize("place", ["start", "mf", "application"])
    def test_card_access_is_found_wherever_it_lies(self, place: str, trust: TrustStore) -> None:
        profile = ChipProfile(
            bac=False,
            mf_select_sw=0x9000,
            card_access_at=frozenset({"start"} if place == "start" else {"mf"} if place == "mf" else {"application"}),
        )
        assert read(profile, trust, photo=False).access == "PACE-CAN"

    def test_chip_without_pace_opens_by_bac(self, trust: TrustStore) -> None:
        reading = read(ChipProfile(pace=()), trust)
        assert (reading.access, reading.proof.secure_messaging) == ("BAC", "3DES")

    def test_second_expiry_opens_after_a_wrong_one(self, trust: TrustStore) -> None:
        known = replace(passwords(PERSON), can=None, expiries=(NO_EXPIRY_MRZ, "300815"))
        assert Desk(ChipProfile(pace=())).read(ReadOptions(trust=trust), known).access == "BAC"


class TestProofs:
    @pytest.mark.parametrize(
        "protocol",
        [
            *(ChipAuthentication(cipher) for cipher in CIPHERS),
            *(ChipAuthentication("AES-128", curve.name, explicit_parameters=True) for curve in CURVES),
            *(ChipAuthentication("AES-128", group) for group in DH_GROUPS),
            ChipAuthentication("3DES", "modp-1024-160"),
            ChipAuthentication(key_id=7),
        ],
        ids=str,
    )
    def test_chip_authentication_is_proved_and_the_session_goes_on(
        self, protocol: ChipAuthentication, trust: TrustStore
    ) -> None:
        reading = read(ChipProfile(chip_authentication=protocol), trust)
        assert reading.proof.chip_authentication is Check.VALID
        assert reading.photo

    @pytest.mark.parametrize(
        "protocol",
        [
            ActiveAuthentication("secp256r1", "sha256"),
            ActiveAuthentication("secp224r1", "sha224"),
            ActiveAuthentication("secp384r1", "sha384"),
            ActiveAuthentication("secp521r1", "sha512"),
            ActiveAuthentication("brainpoolP256r1", "sha1"),
            ActiveAuthentication("brainpoolP384r1", "sha384", explicit_parameters=True),
            ActiveAuthentication("brainpoolP512r1", "sha512"),
            ActiveAuthentication("RSA-1024", "sha1"),
            ActiveAuthentication("RSA-1024", "sha256"),
            ActiveAuthentication("RSA-2048", "sha224"),
            ActiveAuthentication("RSA-2048", "sha384"),
            ActiveAuthentication("RSA-2048", "sha512"),
        ],
        ids=str,
    )
    @pytest.mark.parametrize("extended", [True, False], ids=["extended", "short"])
    def test_active_authentication_is_proved(
        self, protocol: ActiveAuthentication, extended: bool, trust: TrustStore
    ) -> None:
        profile = ChipProfile(active_authentication=protocol, extended_length=extended)
        reading = read(profile, trust, photo=False)
        assert (reading.proof.active_authentication, reading.assurance) == (Check.VALID, Assurance.TRUSTED)

    @pytest.mark.parametrize("hash_name", ["sha1", "sha224", "sha256", "sha384", "sha512"])
    @pytest.mark.parametrize(
        ("key", "padding", "explicit"),
        [
            ("RSA-2048", "pkcs1", False),
            ("RSA-2048", "pss", False),
            ("secp224r1", "pkcs1", False),
            ("secp256r1", "pkcs1", True),
            ("secp521r1", "pkcs1", False),
            ("brainpoolP256r1", "pkcs1", False),
            ("brainpoolP384r1", "pkcs1", True),
            ("brainpoolP512r1", "pkcs1", False),
        ],
    )
    def test_passive_authentication_with_every_issuer(
        self, key: str, padding: str, explicit: bool, hash_name: HashName, tmp_path: Path
    ) -> None:
        scheme = SignatureScheme(key, hash_name, "pss" if padding == "pss" else "pkcs1", explicit)
        issuance = Issuance(csca=scheme, document_signer=scheme, digest=hash_name)
        reading = read(ChipProfile(issuance=issuance), trusting(issuance, tmp_path), photo=False)
        assert (reading.proof.passive_authentication, reading.assurance) == (Check.VALID, Assurance.TRUSTED)

    def test_chip_without_any_proof_of_its_own_is_said_to_have_none(self, trust: TrustStore) -> None:
        reading = read(ChipProfile(active_authentication=None, chip_authentication=None), trust)
        assert reading.proof.active_authentication is Check.ABSENT
        assert reading.proof.chip_authentication is Check.ABSENT
        assert "copy.unchecked" in reading.reasons


@pytest.mark.parametrize(
    ("tampering", "assurance", "reason"),
    [
        (Tampering.DATA_GROUP, Assurance.CONTRADICTED, "pa.hash_wrong.dg13"),
        (Tampering.SIGNATURE, Assurance.CONTRADICTED, "pa.signature_wrong"),
        (Tampering.SIGNED_DIGEST, Assurance.CONTRADICTED, "pa.digest_wrong"),
        (Tampering.MISSING_HASH, Assurance.CONTRADICTED, "pa.not_signed.dg13"),
        (Tampering.DS_EXPIRED_AT_SIGNING, Assurance.READ, "pa.ds_expired_at_signing"),
        (Tampering.DS_EXPIRED_SINCE, Assurance.TRUSTED, "pa.ds_expired"),
        (Tampering.DS_FORGED, Assurance.CONTRADICTED, "pa.ds_forged"),
        (Tampering.DS_WITHOUT_SIGNING_USAGE, Assurance.READ, "pa.ds_usage"),
        (Tampering.UNKNOWN_CSCA, Assurance.CONSISTENT, "pa.csca_unknown"),
        (Tampering.CLONED_KEYS, Assurance.CONTRADICTED, "ca.invalid"),
        (Tampering.COM_LISTS_ABSENT, Assurance.TRUSTED, "com.lists_absent"),
        (Tampering.NO_SOD, Assurance.READ, "pa.no_sod"),
        (Tampering.NO_DG13, Assurance.TRUSTED, "dg13.absent"),
    ],
)
def test_tampered_chip_is_judged(tampering: Tampering, assurance: Assurance, reason: str, trust: TrustStore) -> None:
    reading = read(ChipProfile(tampering=frozenset({tampering})), trust)
    assert (reading.assurance, reason in reading.reasons) == (assurance, True), reading.reasons


SHORT: Final = ChipProfile(extended_length=False)

HONEST_CHIPS: Final = {
    "short length only": SHORT,
    "short length only, shortens": replace(SHORT, oversized_answer="shorten"),
    "short length only, no GET RESPONSE": replace(SHORT, get_response="never"),
    "every answer by GET RESPONSE, as over T=0": replace(SHORT, get_response="always"),
    "answers of 300 bytes": ChipProfile(max_answer_bytes=300),
    "answers of 300 bytes, shortens": ChipProfile(max_answer_bytes=300, oversized_answer="shorten"),
    "answers of 1024 bytes": ChipProfile(max_answer_bytes=1024),
    "answers of 5000 bytes, shortens": ChipProfile(max_answer_bytes=5000, oversized_answer="shorten"),
    "a photo beyond offset 32767": ChipProfile(photo_bytes=40_000),
    "a photo beyond offset 65535, short": replace(SHORT, photo_bytes=70_000),
    "a photo beyond offset 32767, BAC, short": replace(SHORT, pace=(), photo_bytes=40_000),
    "JPEG 2000, DG13 in descending order": ChipProfile(photo="jpeg2000", dg13_reversed=True),
    "DG11 and DG12": ChipProfile(optional_groups=frozenset({"EF.DG11", "EF.DG12"})),
    "9000 for the rest of a file": ChipProfile(past_end="silent"),
    "6Cxx beyond the end": ChipProfile(past_end="exact"),
    "6Cxx beyond the end, short": replace(SHORT, past_end="exact"),
    "6B00 beyond the end": ChipProfile(past_end="refuse"),
    "6B00 beyond the end, short": replace(SHORT, past_end="refuse"),
    "no short file identifiers": ChipProfile(short_identifiers=False),
    "no short file identifiers, 6B00 beyond the end": replace(SHORT, short_identifiers=False, past_end="refuse"),
    "LDS 1.8": ChipProfile(issuance=Issuance(lds_version=1)),
    "PACE offered and refused": ChipProfile(pace_refusal_sw=0x6982),
    "files by short length, keys by extended": ChipProfile(
        extended_reads=False,
        pace=(PaceSuite("AES-128", "GM", "modp-2048-256"),),
        bac=False,
        chip_authentication=ChipAuthentication("AES-128", "modp-2048-256"),
        command_chaining=False,
    ),
    "PACE that short length cannot carry": replace(SHORT, pace=(PaceSuite("AES-128", "GM", "modp-2048-256"),)),
}


@pytest.mark.parametrize("name", HONEST_CHIPS)
def test_every_file_of_an_honest_chip_comes_as_it_was_written(name: str, trust: TrustStore) -> None:
    profile = HONEST_CHIPS[name]
    reading = read(profile, trust)
    written = personalise(PERSON, profile).application
    assert reading.assurance is Assurance.TRUSTED
    assert {"EF.DG1", "EF.DG2", "EF.DG13", "EF.DG14", "EF.DG15", "EF.SOD"} <= reading.files.keys()
    for file in reading.files.keys() & written.keys():
        assert reading.files[file] == written[file], file


def test_long_keys_go_by_extended_length_to_a_chip_that_reads_by_short(trust: TrustStore) -> None:
    reading = read(HONEST_CHIPS["files by short length, keys by extended"], trust, photo=False)
    assert (reading.access, reading.proof.chip_authentication) == ("PACE-CAN", Check.VALID)


@pytest.mark.parametrize("cipher", ["3DES", "AES-128"])  # by MSE:Set KAT, and by GENERAL AUTHENTICATE
@pytest.mark.parametrize(
    ("chains", "check"), [(True, Check.VALID), (False, Check.UNSUPPORTED)], ids=["takes pieces", "takes none"]
)
def test_a_long_chip_authentication_key_goes_in_pieces_where_the_chip_takes_them(
    cipher: Cipher, chains: bool, check: Check, trust: TrustStore
) -> None:
    protocol = ChipAuthentication(cipher, "modp-2048-256")
    reading = read(replace(SHORT, chip_authentication=protocol, command_chaining=chains), trust, photo=False)
    assert (reading.proof.chip_authentication, reading.assurance) == (check, Assurance.TRUSTED)


def test_a_chip_that_promises_to_take_pieces_and_does_not_is_read_all_the_same(
    trust: TrustStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    boast = CardCapabilities(command_chaining=True)
    monkeypatch.setattr("drivers.icao9303.chip_authentication.card_capabilities", lambda _: boast)
    protocol = ChipAuthentication("AES-128", "modp-2048-256")
    reading = read(replace(SHORT, chip_authentication=protocol, command_chaining=False), trust, photo=False)
    assert (reading.assurance, "ca.refused" in reading.reasons) == (Assurance.TRUSTED, True)


def test_reader_without_extended_length_reads_an_extended_chip(trust: TrustStore) -> None:
    assert read(ChipProfile(), trust, extended=False).assurance is Assurance.TRUSTED


def test_closed_dg13_leaves_the_name_of_the_machine_readable_zone(trust: TrustStore) -> None:
    reading = read(ChipProfile(closed_groups=frozenset({"EF.DG3", "EF.DG13"})), trust)
    assert (reading.identity.full_name, reading.identity.name_from) == ("NGUYEN VAN DUC", "DG1")
    assert reading.assurance is Assurance.TRUSTED


class TestWrongPasswords:
    @pytest.mark.parametrize("refusal_sw", [0x6300, 0x6988, 0x6982])
    @pytest.mark.parametrize("pace", [True, False], ids=["PACE", "BAC"])
    def test_every_way_to_refuse_is_understood(self, refusal_sw: int, pace: bool, trust: TrustStore) -> None:
        profile = ChipProfile(pace=(PaceSuite(),) if pace else (), bac=not pace, refusal_sw=refusal_sw)
        wrong = ChipPasswords("654321", "090123456", "900815", (NO_EXPIRY_MRZ,))
        with pytest.raises(AccessDenied):
            Desk(profile).read(ReadOptions(trust=trust), wrong)

    def test_slow_refusal_stops_further_tries(self, trust: TrustStore) -> None:
        desk = Desk(ChipProfile(pace=(), failure_delay_s=1.6))
        candidates = replace(passwords(PERSON), can=None, expiries=(NO_EXPIRY_MRZ, "999999", "300815"))
        with pytest.raises(AccessDenied) as caught:
            desk.read(ReadOptions(trust=trust), candidates)
        assert caught.value.tried == ("BAC",)


class TestHostileFiles:
    """Content no issuer writes; a typed refusal, or a reading that says less. Nothing runs on, nothing swells."""

    @pytest.mark.parametrize(
        ("file", "content", "reason"),
        [
            ("EF.DG1", "", "empty"),
            ("EF.DG1", "61", "cut in its header"),
            ("EF.DG1", "6180", "an indefinite length"),
            ("EF.DG1", "6184FFFFFFFF", "four gigabytes announced"),
            ("EF.DG1", "615D5F1F5A" + "3C" * 90, "an MRZ of fillers"),
            ("EF.DG1", "615D5F1F5A" + "FF" * 90, "an MRZ of no characters"),
            ("EF.DG1", "755D5F1F5A" + "3C" * 90, "another file's tag"),
        ],
    )
    def test_broken_dg1_is_refused(self, file: str, content: str, reason: str, trust: TrustStore) -> None:
        profile = ChipProfile(planted_files=((file, bytes.fromhex(content)),))
        with pytest.raises((MalformedData, StatusWordError)):
            read(profile, trust)

    @pytest.mark.parametrize(
        ("file", "content", "reason"),
        [
            ("EF.DG2", "75037F6100", "no photo at all"),
            ("EF.DG13", "6D023000", "no entries"),
            ("EF.DG13", "6D82010030", "cut"),
            ("EF.DG13", "6D8203E8" + "3082" * 500, "nested, as deep as it goes"),
            ("EF.DG14", "6E0131", "cut security infos"),
            ("EF.DG15", "6F023000", "an empty key"),
            ("EF.SOD", "77023000", "an empty signature"),
            ("EF.SOD", "7784FFFFFFFF30", "four gigabytes of signature"),
            ("EF.COM", "60", "cut"),
            ("EF.CardAccess", "3180", "an indefinite length"),
            ("EF.CardAccess", "31820FFF30", "cut"),
        ],
    )
    def test_other_broken_file_never_passes_for_trusted(
        self, file: str, content: str, reason: str, trust: TrustStore
    ) -> None:
        profile = ChipProfile(planted_files=((file, bytes.fromhex(content)),))
        desk = Desk(profile)
        try:
            reading = desk.read(ReadOptions(trust=trust))
        except DriverError:
            return
        assert reading.identity.personal_number == PERSON.personal_number
        harmless = file in ("EF.COM", "EF.CardAccess")  # unsigned, and read with that in mind
        assert (reading.assurance is Assurance.TRUSTED) is harmless, (reason, reading.reasons)

    def test_photo_of_four_gigabytes_is_left_on_the_chip(self, trust: TrustStore) -> None:
        reading = read(ChipProfile(planted_files=(("EF.DG2", bytes.fromhex("7584FFFFFFFF7F61")),)), trust)
        assert reading.photo is None
        assert "photo.unreadable" in reading.reasons

    def test_file_added_to_a_signed_passport_contradicts(self, trust: TrustStore) -> None:
        listed = ef_com(("EF.DG1", "EF.DG2", "EF.DG3", "EF.DG11", "EF.DG14", "EF.DG15"))
        planted = (("EF.DG11", dg11(get_person("mai"))), ("EF.COM", listed))
        desk = Desk(ChipProfile(planted_files=planted), get_person("somsak"))
        reading = desk.read(ReadOptions(trust=trust))
        assert (reading.assurance, "pa.not_signed.dg11" in reading.reasons) == (Assurance.CONTRADICTED, True)


def failure_of(desk: Desk, trust: TrustStore) -> DriverError | None:
    """Return why a reading failed, None when it named the right person."""
    try:
        reading = desk.read(ReadOptions(trust=trust))
    except DriverError as error:
        return error
    assert reading.identity.full_name == PERSON.full_name
    return None


@pytest.mark.parametrize("pace", [True, False], ids=["PACE", "BAC"])
@pytest.mark.parametrize("kind", list(FaultKind))
def test_fault_at_any_command_is_a_typed_refusal_and_the_card_put_back_reads(
    kind: FaultKind, pace: bool, trust: TrustStore
) -> None:
    profile = ChipProfile() if pace else ChipProfile(pace=())
    expected = {FaultKind.PULLED: CardRemoved, FaultKind.MUTE: DeviceTimeout}.get(kind, DriverError)
    for at in range(1, read(profile, trust).apdus + 1):
        desk = Desk(replace(profile, faults=(Fault(at, kind, once=True),)))
        error = failure_of(desk, trust)
        # Some answers do not matter to the outcome, or the reader finds another way.
        assert error is None or isinstance(error, expected), at
        if error is not None and at % 4 == 0:  # each second reading costs as much as the first
            assert desk.read(ReadOptions(trust=trust)).assurance is Assurance.TRUSTED, at


@pytest.mark.parametrize("card", [card for card in DECK if card.key == card.person.key], ids=lambda card: card.key)
def test_every_persons_own_card_reads(card: SimulatedCard, trust: TrustStore) -> None:
    desk = Desk(card.profile, card.person)
    reading = desk.read(ReadOptions(trust=trust))
    assert reading.assurance is Assurance.TRUSTED
    assert reading.identity.personal_number == card.person.personal_number
    assert (reading.photo is not None) is card.person.has_photo
    if card.person.personal_number:
        assert reading.identity.full_name == card.person.full_name
        assert reading.identity.address == card.person.address


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("old-chip", Assurance.TRUSTED),
        ("altered-name", Assurance.CONTRADICTED),
        ("cloned", Assurance.CONTRADICTED),
        ("unknown-issuer", Assurance.CONSISTENT),
    ],
)
def test_card_that_makes_trouble_does_what_its_label_says(key: str, expected: Assurance, trust: TrustStore) -> None:
    card = get_card(key)
    assert Desk(card.profile, card.person).read(ReadOptions(trust=trust)).assurance is expected


@pytest.mark.parametrize("key", ["mute", "broken-messages"])
def test_damaged_card_never_reads(key: str, trust: TrustStore) -> None:
    card = get_card(key)
    desk = Desk(card.profile, card.person)
    for _ in range(2):
        with pytest.raises(DriverError):
            desk.read(ReadOptions(trust=trust))


def test_card_that_slips_once_reads_when_it_is_put_back(trust: TrustStore) -> None:
    card = get_card("slips-once")
    desk = Desk(card.profile, card.person)
    with pytest.raises(CardRemoved):
        desk.read(ReadOptions(trust=trust))
    assert desk.read(ReadOptions(trust=trust)).assurance is Assurance.TRUSTED
