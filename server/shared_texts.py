"""Words that pages of several areas share; an area's own catalogue comes first."""

from typing import Final

from server.texts import Catalogue

SHARED: Final[Catalogue] = {
    "sex.male": ("Nam", "Male"),
    "sex.female": ("Nữ", "Female"),
    "sex.unknown": ("Không rõ", "Unknown"),
    "relation.mother": ("Mẹ", "Mother"),
    "relation.father": ("Bố", "Father"),
    "relation.grandparent": ("Ông, bà", "Grandparent"),
    "relation.guardian": ("Người giám hộ", "Guardian"),
    "relation.spouse": ("Vợ, chồng", "Spouse"),
    "relation.child": ("Con", "Child"),
    "relation.sibling": ("Anh, chị, em", "Brother or sister"),
    "relation.other": ("Người đi cùng", "Companion"),
    "refusal.override.reason_missing": (
        "Xin ghi lý do bằng chữ, ít nhất 3 ký tự.",
        "Please give a reason in words, at least 3 characters.",
    ),
    "keys.title": ("Phím tắt", "Shortcut keys"),
    "keys.open": ("Xem phím tắt", "See the shortcut keys"),
    "keys.help": ("Mở bảng này", "Open this list"),
    "keys.close": ("Đóng", "Close"),
    # A page that follows what happens
    "live.live": ("Trực tiếp", "Live"),
    "live.connecting": ("Đang kết nối", "Connecting"),
    "live.polling": ("Cập nhật mỗi vài giây", "Updated every few seconds"),
    "live.lost": ("Mất liên lạc với máy chủ từ {time}", "No contact with the server since {time}"),
}
