"""Words of the technician's page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from kiosk.conversation.view import Language

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
    "journal.proofs": "Kết quả kiểm tra chip chưa gửi",
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
    "cause.kiosk.token_unusable": "Không dùng được mã thiết bị: tệp phải thuộc tài khoản chạy kiosk, quyền 0600.",
    "cause.kiosk.trust_unusable": "Kho chứng thư không đọc được: thẻ không được kiểm tra nơi cấp.",
    "cause.kiosk.backlog_large": "Nhiều lượt đăng ký chưa gửi được: kiểm tra mạng.",
    "cause.reader.missing": "Không thấy đầu đọc thẻ: cắm lại dây USB.",
    "cause.reader.service_down": "Dịch vụ đọc thẻ (pcscd) không chạy: khởi động lại dịch vụ.",
    "cause.reader.card_mute": "Thẻ trên đầu đọc không trả lời: lấy thẻ ra.",
    "cause.scanner.starting": "Máy quét đang được mở.",
    "cause.scanner.absent": "Không mở được máy quét: kiểm tra dây, quyền truy cập và nguồn trong config.yaml.",
    "cause.scanner.stalled": "Máy quét mở được nhưng không có hình; máy đang tự mở lại.",
    "cause.scanner.frozen": "Hình của camera đứng yên: rút ra cắm lại nếu không hết.",
    "cause.scanner.black": "Hình của camera đen: kiểm tra nắp che và ánh sáng.",
    "cause.scanner.closed": "Máy quét đã đóng.",
    "cause.printer.paper_out": "Máy in hết giấy: thay cuộn giấy.",
    "cause.printer.paper_near_end": "Máy in sắp hết giấy.",
    "cause.printer.cover_open": "Nắp máy in đang mở.",
    "cause.printer.cutter": "Dao cắt giấy bị kẹt: mở nắp, lấy giấy kẹt ra.",
    "cause.printer.error": "Máy in báo lỗi: tắt rồi bật lại.",
    "cause.printer.offline": "Máy in đang tắt hoặc ở chế độ ngoại tuyến.",
    "cause.printer.silent": "Máy in không trả lời: kiểm tra dây và nguồn điện.",
    "cause.printer.unreachable": "Không kết nối được máy in: kiểm tra dây, địa chỉ và quyền truy cập.",
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
    "journal.proofs": "Chip proofs not sent yet",
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
    "cause.kiosk.token_unusable": "The token cannot be used: its file must belong to the kiosk's account, mode 0600.",
    "cause.kiosk.trust_unusable": "The trust store cannot be read: issuers of cards are not checked.",
    "cause.kiosk.backlog_large": "Many check-ins are not sent: check the network.",
    "cause.reader.missing": "No card reader is found: plug its USB cable in again.",
    "cause.reader.service_down": "The card service (pcscd) does not run: start it again.",
    "cause.reader.card_mute": "The card on the reader does not answer: take it away.",
    "cause.scanner.starting": "The scanner is being opened.",
    "cause.scanner.absent": "The scanner cannot be opened: check its plug, permission and source in config.yaml.",
    "cause.scanner.stalled": "The scanner is open but gives no picture; it is opened again by itself.",
    "cause.scanner.frozen": "The camera’s picture stands still: unplug it if this stays.",
    "cause.scanner.black": "The camera’s picture is black: check its cover and the light.",
    "cause.scanner.closed": "The scanner is closed.",
    "cause.printer.paper_out": "The printer is out of paper: put a new roll in.",
    "cause.printer.paper_near_end": "The printer is nearly out of paper.",
    "cause.printer.cover_open": "The printer’s cover is open.",
    "cause.printer.cutter": "The cutter is stuck: open the cover and take the jammed paper out.",
    "cause.printer.error": "The printer reports an error: switch it off and on.",
    "cause.printer.offline": "The printer is off or offline.",
    "cause.printer.silent": "The printer does not answer: check its cable and power.",
    "cause.printer.unreachable": "The printer cannot be reached: check its cable, address and permission.",
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
        """Return what a code of the kiosk or of a device means; the bare code where there are no words."""
        return TECHNICIAN_TEXTS[self.language].get(f"cause.{code}", code)

    def duration(self, length: timedelta) -> str:
        """Return a length of time in its largest whole unit."""
        seconds, minutes, hours, days = _UNITS[self.language]
        total = int(length.total_seconds())
        for size, unit in ((86_400, days), (3_600, hours), (60, minutes)):
            if total >= size:
                return f"{total // size} {unit}"
        return f"{total} {seconds}"
