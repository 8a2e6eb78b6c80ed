"""The cards one can put on a simulated reader: every invented person's, and some that make trouble."""

from dataclasses import dataclass, replace
from typing import Final

from drivers.simulated.chip.profile import (
    ActiveAuthentication,
    ChipAuthentication,
    ChipProfile,
    Fault,
    FaultKind,
    PaceSuite,
    Tampering,
)
from drivers.simulated.people import PEOPLE, InventedPerson, get_person


@dataclass(frozen=True, slots=True)
class SimulatedCard:
    """One card: whose it is, how its chip behaves, and what a person who picks it is told."""

    key: str
    person: InventedPerson
    profile: ChipProfile
    label_vi: str
    label_en: str
    note_vi: str
    note_en: str


CCCD_CHIP: Final = ChipProfile()
CAN_CUOC_CHIP: Final = ChipProfile(pace=(PaceSuite("AES-256", "GM", "brainpoolP384r1"),), photo="jpeg2000")
PASSPORT_CHIP: Final = ChipProfile(
    pace_passwords=frozenset({"MRZ"}),
    mf_select_sw=0x9000,
    card_access_at=frozenset({"start", "mf"}),
    active_authentication=ActiveAuthentication("RSA-1024", "sha1"),
    chip_authentication=ChipAuthentication("3DES", "secp256r1"),
    optional_groups=frozenset({"EF.DG11", "EF.DG12"}),
    extended_length=False,
)

_NOTES: Final = {
    "duc": ("Có thẻ BHYT", "insured"),
    "hoa": ("78 tuổi, thẻ không thời hạn", "78 years old, card without expiry"),
    "an": ("Trẻ em, thẻ không có ảnh", "young child, no photo on the card"),
    "linh": ("24 tuổi, thẻ bỏ qua mốc 25 tuổi", "24 years old, the card skips the milestone of 25"),
    "thuong": ("Tên có chữ Đ và nhiều dấu", "a name with Đ and many marks"),
    "kbreu": ("Họ tên chỉ có một từ", "a name of one word"),
    "hai": ("Địa chỉ hai cấp, từ tháng 7/2025", "two-level address, as since July 2025"),
    "tuan": ("Thẻ đã hết hạn", "expired card"),
    "mai": ("Không có BHYT", "no health insurance"),
    "ngan": ("Học sinh 14 tuổi", "a pupil of 14"),
    "somsak": ("Hộ chiếu người nước ngoài", "a foreigner's passport"),
}

_TROUBLE: Final = (
    (
        "old-chip",
        "thuong",
        replace(CCCD_CHIP, pace=(), extended_length=False),
        ("Chip đời cũ", "An older chip"),
        ("Chỉ mở được bằng BAC, đọc chậm", "opens by BAC only, reads slowly"),
    ),
    (
        "slips-once",
        "duc",
        replace(CCCD_CHIP, faults=(Fault(16, FaultKind.PULLED, once=True),)),
        ("Thẻ bị nhấc lên giữa chừng", "A card lifted too early"),
        ("Đặt lại thì đọc được", "put it back and it reads"),
    ),
    (
        "mute",
        "mai",
        replace(CCCD_CHIP, faults=(Fault(12, FaultKind.MUTE),)),
        ("Thẻ hỏng chip", "A damaged chip"),
        ("Chip im lặng giữa lúc đọc", "falls silent while it is read"),
    ),
    (
        "broken-messages",
        "hai",
        replace(CCCD_CHIP, faults=(Fault(14, FaultKind.WRONG_MAC),)),
        ("Thẻ trả lời sai", "A chip that answers wrongly"),
        ("Mã xác thực của câu trả lời sai", "an answer's MAC is wrong"),
    ),
    (
        "altered-name",
        "hoa",
        replace(CCCD_CHIP, tampering=frozenset({Tampering.DATA_GROUP})),
        ("Thẻ bị sửa tên", "A card with an altered name"),
        ("Dữ liệu không khớp chữ ký của nơi cấp", "data and the issuer's signature contradict"),
    ),
    (
        "cloned",
        "ngan",
        replace(CCCD_CHIP, tampering=frozenset({Tampering.CLONED_KEYS})),
        ("Thẻ sao chép", "A cloned card"),
        ("Dữ liệu thật, chip giả", "genuine data on another chip"),
    ),
    (
        "unknown-issuer",
        "linh",
        replace(CCCD_CHIP, tampering=frozenset({Tampering.UNKNOWN_CSCA})),
        ("Thẻ của nơi cấp lạ", "A card of an unknown issuer"),
        ("Chữ ký đúng nhưng không rõ nơi cấp", "rightly signed, by nobody we know"),
    ),
)


def _own_card(person: InventedPerson) -> SimulatedCard:
    profile = {"cccd": CCCD_CHIP, "can-cuoc": CAN_CUOC_CHIP, "passport": PASSPORT_CHIP}[person.generation]
    note_vi, note_en = _NOTES[person.key]
    return SimulatedCard(person.key, person, profile, person.full_name, person.full_name, note_vi, note_en)


DECK: Final[tuple[SimulatedCard, ...]] = (
    *(_own_card(person) for person in PEOPLE),
    *(
        SimulatedCard(key, get_person(person), profile, *labels, *notes)
        for key, person, profile, labels, notes in _TROUBLE
    ),
)


def get_card(key: str) -> SimulatedCard:
    """Return the card of the deck named ``key``; raises KeyError."""
    for card in DECK:
        if card.key == key:
            return card
    raise KeyError(key)
