"""Words of what needs a decision of the desk."""

from typing import Final

from server.texts import Catalogue

TEXTS: Final[Catalogue] = {
    "issues.title": ("Điểm cần xem lại", "What needs a decision"),
    "issues.none": ("Không có điểm nào cần xem lại.", "Nothing needs a decision."),
    "issue.identity.contradicted": (
        "Chip mâu thuẫn với chính nó hoặc với mã đã quét.",
        "The chip disagrees with itself or with the code shown.",
    ),
    "issue.document.expired": (
        "Giấy tờ đã hết hạn vào ngày đăng ký. Xin xem giấy tờ, so khuôn mặt rồi ghi kết luận.",
        "The document had expired on the day of registration. Please look at it, compare the face, and decide.",
    ),
    "issue.person.differs": (
        "Hồ sơ và giấy tờ khác nhau ở mục {field}. Hồ sơ chưa bị sửa.",
        "Record and document differ in {field}. The record was not changed.",
    ),
    "issue.identifier.conflict": (
        "{field} này đang thuộc hồ sơ của người khác.",
        "This {field} belongs to another person's record.",
    ),
    "issue.ticket.paper_number_taken": (
        "Số in trên giấy trùng với số của một lượt khám khác. Xin thu lại phiếu cũ và in phiếu mới.",
        "The number on paper is also another visit's. Please take the slip back and print a new one.",
    ),
    "issue.appointment.not_used": (
        "Lịch hẹn đã trình không dùng được: {field}",
        "An appointment was shown and does not count: {field}",
    ),
    "issue.appointment.elsewhere": (
        "Kiosk cấp số khi mất liên lạc, không biết hôm nay có lịch hẹn ở nơi khác. Xin hỏi người bệnh muốn khám ở đâu.",
        "Out of reach, the kiosk could not know of an appointment elsewhere today. Please ask where the patient goes.",
    ),
    "field.appointment.too-early": ("chưa đến ngày hẹn", "its day has not come"),
    "field.appointment.too-late": ("đã quá hạn", "it has expired"),
    "field.appointment.used": ("đã dùng cho lượt khám khác", "another visit used it"),
    "field.appointment.cancelled": ("đã hủy", "it was cancelled"),
    "field.appointment.wrong-facility": ("của bệnh viện khác", "it is another hospital's"),
    "field.appointment.wrong-person": ("của người khác", "it is somebody else's"),
    "field.appointment.unknown": ("không có lịch hẹn với mã này", "there is none with this code"),
    "issue.clock.ahead": (
        "Đồng hồ của kiosk chạy nhanh; đã lấy giờ của máy chủ. Xin báo kỹ thuật viên.",
        "The kiosk's clock runs ahead; the server's time was taken. Please tell a technician.",
    ),
    "issue.insurance.card": (
        "Cổng BHYT chưa xác nhận thẻ: {field}.",
        "The insurance gateway does not confirm the card: {field}.",
    ),
    "issue.priority.declared": (
        "Khai thuộc diện ưu tiên: {field}. Xin xem giấy tờ rồi xác nhận hoặc không xác nhận.",
        "Declares priority: {field}. Please look at the papers, then confirm or refuse.",
    ),
    "issue.ticket.second_number": (
        "Người bệnh có hai số ở cùng hàng chờ (máy cấp số khi mất liên lạc). Xin giữ một số, hủy số kia.",
        "The patient has two numbers in one queue (a kiosk gave one while out of reach). Keep one, cancel the other.",
    ),
    "issue.pairs": ("Xem hai hồ sơ cạnh nhau", "See the two records side by side"),
    "issue.recorded": ("Trong hồ sơ", "On record"),
    "issue.presented": ("Trên giấy tờ", "On the document"),
    "issue.decision": ("Kết luận của anh/chị", "What you decided"),
    "issue.settle": ("Đánh dấu đã xử lý", "Mark as settled"),
    "issue.priority.done": ("Đã ghi kết luận về diện ưu tiên.", "The decision on priority is noted."),
    "refusal.issue.priority": (
        "Diện ưu tiên cần được xác nhận hoặc không xác nhận.",
        "Priority is to be confirmed or refused.",
    ),
    "issue.settled": ("Đã xử lý: {decision}", "Settled: {decision}"),
    "field.full_name": ("họ và tên", "the name"),
    "field.born_on": ("ngày sinh", "the birth date"),
    "field.sex": ("giới tính", "the sex"),
    "field.ticket": ("số trên phiếu", "the number on the slip"),
    "field.arrived_at": ("giờ đến", "the time of arrival"),
    "field.vn-personal-number": ("số định danh cá nhân", "personal number"),
    "field.vn-cmnd": ("số CMND cũ", "old ID number"),
    "field.vn-bhyt": ("số thẻ BHYT", "insurance card number"),
    "field.vn-bhxh": ("mã số BHXH", "social insurance number"),
    "field.pregnancy": ("mang thai", "pregnancy"),
    "field.disability": ("khuyết tật nặng, đặc biệt nặng", "severe or very severe disability"),
    "field.merit": ("người có công với cách mạng", "merit to the revolution"),
    "field.passport": ("số hộ chiếu", "passport number"),
    "field.tiepdon-temporary": ("mã tạm của bệnh viện", "temporary number"),
    # Why the insurance gateway does not confirm a card: its result codes
    "field.bhyt.001": (
        "thẻ do BHXH Bộ Quốc phòng quản lý, xin xem thẻ giấy và giấy tờ tùy thân",
        "the Defence Ministry's fund keeps it, please look at the paper card and an ID",
    ),
    "field.bhyt.002": (
        "thẻ do BHXH Công an nhân dân quản lý, xin xem thẻ giấy và giấy tờ tùy thân",
        "the Public Security Ministry's fund keeps it, please look at the paper card and an ID",
    ),
    "field.bhyt.010": ("thẻ đã hết hạn", "it has expired"),
    "field.bhyt.050": ("không có thông tin thẻ này", "it is not known there"),
    "field.bhyt.051": ("mã thẻ không đúng", "the card number is wrong"),
    "field.bhyt.052": ("mã tỉnh cấp thẻ không đúng", "the code of the issuing province is wrong"),
    "field.bhyt.053": ("mã quyền lợi thẻ không đúng", "the benefit code is wrong"),
    "field.bhyt.060": ("họ tên không khớp", "the name does not match"),
    "field.bhyt.061": ("họ tên không khớp, chỉ đúng chữ cái đầu", "the name does not match, only its first letters do"),
    "field.bhyt.070": ("ngày sinh không khớp", "the birth date does not match"),
    "field.bhyt.110": ("thẻ đã bị thu hồi", "it was withdrawn"),
    "field.bhyt.120": ("thẻ đã báo giảm", "it was reported as ended"),
    "field.bhyt.121": (
        "thẻ đã báo giảm do chuyển sang tỉnh khác, có thể đã có thẻ mới",
        "it ended with a move to another province, there may be a new card",
    ),
    "field.bhyt.122": (
        "thẻ đã báo giảm do chuyển nơi khác trong tỉnh, có thể đã có thẻ mới",
        "it ended with a move inside the province, there may be a new card",
    ),
    "field.bhyt.123": (
        "thẻ đã báo giảm do tăng lại tại cùng đơn vị, có thể đã có thẻ mới",
        "it ended as the same employer added the person again, there may be a new card",
    ),
    "field.bhyt.124": ("người bệnh đã ngừng tham gia BHYT", "the patient no longer takes part in health insurance"),
    "field.bhyt.130": (
        "trẻ em không xuất trình thẻ, xin cấp thẻ tạm theo giấy khai sinh",
        "a child without a card, please give a temporary one by the birth certificate",
    ),
    "field.bhyt.dates": ("thẻ không có giá trị vào ngày khám", "it is not valid on the day of the visit"),
}
