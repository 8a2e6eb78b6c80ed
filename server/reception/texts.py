"""Words of the reception desk: those of one visit's page, with all that stands in files of their own."""

from typing import Final

from server.reception.call_texts import TEXTS as CALLS
from server.reception.identity_texts import TEXTS as IDENTITY
from server.reception.issue_texts import TEXTS as ISSUES
from server.reception.list_texts import TEXTS as LIST
from server.reception.trail_texts import TEXTS as TRAIL
from server.texts import Catalogue, combined

_VISIT: Final[Catalogue] = {
    "encounter.title": ("Lượt khám {label}", "Visit {label}"),
    "encounter.back": ("Về danh sách", "Back to the list"),
    "encounter.number": ("Số thứ tự", "Number"),
    "encounter.where": ("Nơi khám", "Where"),
    "encounter.service": ("Dịch vụ", "Service"),
    "encounter.arrived": ("Đến lúc", "Arrived"),
    "encounter.old_number": ("Số cũ {label}: không còn dùng", "Old number {label}: no longer used"),
    "encounter.ticket_status": ("Trạng thái số", "State of the number"),
    "ticket.waiting": ("đang chờ", "waiting"),
    "ticket.called": ("đã gọi", "called"),
    "ticket.serving": ("đang khám", "being served"),
    "ticket.done": ("đã khám xong", "done"),
    "ticket.missed": ("gọi vắng mặt", "missed"),
    "ticket.held": ("tạm dừng", "held"),
    "ticket.not-seen": ("hết ngày, chưa khám", "not seen that day"),
    "ticket.transferred": ("đã chuyển phòng", "transferred"),
    "ticket.cancelled": ("đã hủy", "cancelled"),
    "ticket.superseded": ("đã thay bằng số khác", "replaced"),
    "person.title": ("Bệnh nhân", "Patient"),
    "person.open": ("Xem hồ sơ, các lượt khám trước", "Open the record and earlier visits"),
    "person.name": ("Họ và tên", "Full name"),
    "person.born": ("Ngày sinh", "Born"),
    "person.sex": ("Giới tính", "Sex"),
    "person.address": ("Địa chỉ", "Address"),
    "insurance.code": ("{words} (mã {code})", "{words} (code {code})"),
    "nationality.VNM": ("Việt Nam", "Viet Nam"),
    "nationality.LAO": ("Lào", "Laos"),
    "nationality.KHM": ("Campuchia", "Cambodia"),
    "nationality.CHN": ("Trung Quốc", "China"),
    "nationality.KOR": ("Hàn Quốc", "South Korea"),
    "nationality.JPN": ("Nhật Bản", "Japan"),
    "nationality.other": ("{words} ({code})", "{words} ({code})"),
    "person.nationality": ("Quốc tịch", "Nationality"),
    "person.ethnicity": ("Dân tộc", "Ethnicity"),
    "identifier.vn-personal-number": ("Số định danh cá nhân", "Personal number"),
    "identifier.vn-cmnd": ("Số CMND cũ", "Old ID number"),
    "identifier.vn-bhyt": ("Số thẻ BHYT", "Insurance card"),
    "identifier.vn-bhxh": ("Mã số BHXH", "Social insurance number"),
    "identifier.passport": ("Hộ chiếu", "Passport"),
    "identifier.tiepdon-temporary": ("Mã tạm của bệnh viện", "Temporary number"),
    # Change of clinic
    "change.title": ("Chuyển phòng khám", "Change of clinic"),
    "change.to": ("Chuyển đến", "Move to"),
    "change.choose": ("Chọn phòng khám", "Choose a clinic"),
    "change.reason": ("Lý do", "Reason"),
    "change.reason.hint": (
        "Bắt buộc. Lý do được ghi vào nhật ký cùng tên của anh/chị.",
        "Required. It is kept in the trail with your name.",
    ),
    "change.submit": ("Chuyển và cấp số mới", "Move and give a new number"),
    "change.keeps_place": (
        "Người bệnh nhận số mới, thứ tự chờ vẫn tính theo giờ đến.",
        "The patient gets a new number; the place in line still follows from the arrival.",
    ),
    "change.done": ("Đã chuyển. Số mới: {label}.", "Moved. The new number is {label}."),
    "change.closed": (
        "Không thể chuyển phòng lúc này: người bệnh đang khám, đã xong, hoặc không phải lượt của hôm nay.",
        "The clinic cannot be changed now: the patient is being served, is done, or did not come today.",
    ),
    "change.conflict": (
        "Có người vừa thay đổi lượt khám này. Dưới đây là thông tin mới nhất; xin xem lại rồi gửi lại nếu cần.",
        "Somebody else has just changed this visit. Below is the latest; look again and repeat if still needed.",
    ),
    "refusal.override.same": (
        "Người bệnh đang ở phòng khám này rồi.",
        "The patient is at this clinic already.",
    ),
    "refusal.service.unknown": ("Xin chọn phòng khám.", "Please choose a clinic."),
    "refusal.service.withdrawn": ("Dịch vụ này không còn nữa.", "This service is no longer offered."),
    "refusal.encounter.under_way": (
        "Người bệnh đang khám hoặc đã khám xong.",
        "The patient is being served or is done.",
    ),
    "refusal.encounter.past": (
        "Chỉ chuyển được lượt khám của hôm nay.",
        "Only today's visits can be moved.",
    ),
    # Insurance
    "insurance.title": ("Bảo hiểm y tế", "Health insurance"),
    "insurance.card": ("Số thẻ", "Card"),
    "insurance.facility": ("Nơi đăng ký ban đầu", "First registration"),
    "insurance.valid": ("Thời hạn", "Valid"),
    "insurance.from_to": ("{first} đến {last}", "{first} to {last}"),
    # Reprint
    "reprint.title": ("Phiếu số thứ tự", "Slip"),
    "reprint.count": ("Đã in lại {count} lần.", "Reprinted {count} times."),
    "reprint.submit": ("In lại phiếu", "Reprint the slip"),
    "reprint.mark": ("Bản in sẽ có dấu “IN LẠI lần {copy}”.", "The paper will be marked “REPRINT no. {copy}”."),
    "slip.title": ("Phiếu {label}, in lại lần {copy}", "Slip {label}, copy {copy}"),
    "slip.back": ("Về lượt khám", "Back to the visit"),
}

TEXTS: Final[Catalogue] = combined(LIST, CALLS, _VISIT, IDENTITY, ISSUES, TRAIL)
