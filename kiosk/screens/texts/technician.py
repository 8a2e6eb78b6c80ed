"""Words of the technician's page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from kiosk.view import Language

_VI: Final = {
    "title": "Trang kỹ thuật viên",
    "refreshed": "Lúc {time}. Trang tự cập nhật.",
    "back": "Về màn hình kiosk",
    "language": "English",
    "sign_out": "Thoát",
    "sign_in": "Vào",
    "secret": "Mã bí mật của máy này",
    "secret.not_set": "Máy này chưa đặt mã bí mật. Chạy lệnh dưới đây trên máy kiosk:",
    "refusal.wrong": "Mã bí mật chưa đúng.",
    "refusal.locked": "Đã sai nhiều lần. Xin chờ ít phút rồi thử lại.",
    "refusal.not-set": "Máy này chưa đặt mã bí mật.",
    "serving": "Máy đang phục vụ",
    "blocked": "Máy không nhận ai: cần xử lý ngay",
    "warnings": "Cần để ý",
    "devices": "Thiết bị",
    "device.card-reader": "Đầu đọc thẻ",
    "device.scanner": "Máy quét mã",
    "device.printer": "Máy in",
    "state.ready": "Sẵn sàng",
    "state.attention": "Cần để ý",
    "state.unavailable": "Không dùng được",
    "column.device": "Thiết bị",
    "column.state": "Tình trạng",
    "column.since": "Từ",
    "column.cause": "Nguyên nhân",
    "devices.none": "Chưa có thiết bị nào trả lời.",
    "server": "Máy chủ",
    "server.online": "Đang liên lạc được",
    "server.offline": "Mất liên lạc",
    "server.last": "Lần cuối liên lạc: {time}",
    "server.never": "Chưa từng liên lạc từ lúc khởi động",
    "journal": "Sổ ghi của máy",
    "journal.unusable": "Không mở được sổ ghi: máy không nhận ai cho đến khi sửa xong.",
    "journal.visits": "Lượt đăng ký chưa gửi",
    "journal.calls": "Lần gọi nhân viên chưa gửi",
    "journal.oldest": "Chờ lâu nhất",
    "dead": "Máy chủ từ chối, nhân viên phải xem ({number})",
    "dead.none": "Không có lượt nào bị từ chối.",
    "dead.number": "Số của máy: {number}",
    "papers": "Có thể chưa có phiếu ({number})",
    "papers.none": "Phiếu nào cũng đã in.",
    "paper.never": "chưa in",
    "cause.kiosk.disk_full": "Ổ đĩa đầy.",
    "cause.kiosk.disk_low": "Ổ đĩa sắp đầy.",
    "cause.kiosk.clock_wrong": "Đồng hồ của máy sai: đặt lại giờ.",
    "cause.kiosk.never_connected": "Máy chưa nhận được danh sách phòng khám: kiểm tra mạng và địa chỉ máy chủ.",
    "cause.kiosk.refused": "Máy chủ không nhận máy này: ghi danh lại (tiepdon-server kiosk enrol).",
    "cause.kiosk.not_enrolled": "Máy chưa được ghi danh: thiếu mã thiết bị (tiepdon-server kiosk enrol).",
    "cause.kiosk.trust_unusable": "Kho chứng thư không đọc được: thẻ không được kiểm tra nơi cấp.",
    "cause.kiosk.backlog_large": "Nhiều lượt đăng ký chưa gửi được: kiểm tra mạng.",
    "cause.journal.busy": "Sổ ghi đang bị chương trình khác giữ.",
    "cause.journal.disk_full": "Không ghi được sổ: ổ đĩa đầy.",
    "cause.journal.unusable": "Sổ ghi hỏng hoặc mất khóa.",
}

_EN: Final = {
    "title": "Technician",
    "refreshed": "At {time}. This page renews itself.",
    "back": "Back to the kiosk",
    "language": "Tiếng Việt",
    "sign_out": "Sign out",
    "sign_in": "Sign in",
    "secret": "Secret of this machine",
    "secret.not_set": "No secret is set on this machine. Run this command on it:",
    "refusal.wrong": "This is not the secret.",
    "refusal.locked": "Too many wrong tries. Please wait a few minutes.",
    "refusal.not-set": "No secret is set on this machine.",
    "serving": "In service",
    "blocked": "Takes nobody in: act now",
    "warnings": "To look at",
    "devices": "Devices",
    "device.card-reader": "Card reader",
    "device.scanner": "Code scanner",
    "device.printer": "Printer",
    "state.ready": "Ready",
    "state.attention": "Look at it",
    "state.unavailable": "Cannot be used",
    "column.device": "Device",
    "column.state": "State",
    "column.since": "Since",
    "column.cause": "Cause",
    "devices.none": "No device has answered yet.",
    "server": "Server",
    "server.online": "In contact",
    "server.offline": "Out of reach",
    "server.last": "Last contact: {time}",
    "server.never": "No contact since the start",
    "journal": "Journal",
    "journal.unusable": "The journal cannot be opened: nobody is taken in until it is mended.",
    "journal.visits": "Check-ins not sent yet",
    "journal.calls": "Calls for staff not sent yet",
    "journal.oldest": "Longest wait",
    "dead": "Refused by the server, staff must look ({number})",
    "dead.none": "Nothing was refused.",
    "dead.number": "The kiosk’s number: {number}",
    "papers": "May have no slip ({number})",
    "papers.none": "Every slip was printed.",
    "paper.never": "not printed",
    "cause.kiosk.disk_full": "The disk is full.",
    "cause.kiosk.disk_low": "The disk is nearly full.",
    "cause.kiosk.clock_wrong": "The machine’s clock is wrong: set it.",
    "cause.kiosk.never_connected": "The list of clinics never came: check the network and the server’s address.",
    "cause.kiosk.refused": "The server does not know this machine: enrol it again (tiepdon-server kiosk enrol).",
    "cause.kiosk.not_enrolled": "This machine is not enrolled: its token is missing (tiepdon-server kiosk enrol).",
    "cause.kiosk.trust_unusable": "The trust store cannot be read: issuers of cards are not checked.",
    "cause.kiosk.backlog_large": "Many check-ins are not sent: check the network.",
    "cause.journal.busy": "Another program holds the journal.",
    "cause.journal.disk_full": "The journal cannot be written: the disk is full.",
    "cause.journal.unusable": "The journal is damaged or its key is missing.",
}

TECHNICIAN_TEXTS: Final[Mapping[Language, Mapping[str, str]]] = {"vi": _VI, "en": _EN}
_UNITS: Final[Mapping[Language, tuple[str, str, str, str]]] = {
    "vi": ("giây", "phút", "giờ", "ngày"),
    "en": ("s", "min", "h", "days"),
}


@dataclass(frozen=True, slots=True)
class TechnicianTexts:
    language: Language

    def __call__(self, key: str, **values: object) -> str:
        return TECHNICIAN_TEXTS[self.language][key].format(**values)

    @property
    def other_language(self) -> Language:
        return "en" if self.language == "vi" else "vi"

    def cause(self, code: str) -> str:
        """Return what a code of the kiosk itself means; the bare code where there are no words."""
        return TECHNICIAN_TEXTS[self.language].get(f"cause.{code}", code)

    def duration(self, length: timedelta) -> str:
        """Return a length of time in its largest whole unit."""
        seconds, minutes, hours, days = _UNITS[self.language]
        total = int(length.total_seconds())
        for size, unit in ((86_400, days), (3_600, hours), (60, minutes)):
            if total >= size:
                return f"{total // size} {unit}"
        return f"{total} {seconds}"
