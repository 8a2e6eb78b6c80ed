"""Words of the pages on priority and on the rule of the queues."""

from typing import Final

from server.texts import Catalogue

GROUNDS: Final[Catalogue] = {
    "ground.emergency": ("Cấp cứu", "Emergency"),
    "ground.child": ("Trẻ dưới 6 tuổi", "Child under 6"),
    "ground.pregnancy": ("Phụ nữ mang thai", "Pregnant"),
    "ground.disability": ("Người khuyết tật nặng, đặc biệt nặng", "Severe or very severe disability"),
    "ground.elderly": ("Người từ 75 tuổi", "75 and over"),
    "ground.merit": ("Người có công với cách mạng", "Person of merit to the revolution"),
    "counter.ground": ("Diện ưu tiên", "Priority"),
    "priority.now.none": ("Thường", "Ordinary"),
    "priority.look": ("Xem, xác nhận", "Look, confirm"),
    "claim.declared": ("Tự khai, chờ nhân viên xác nhận", "Declared, to be confirmed by staff"),
    "claim.confirmed": ("Đã xác nhận", "Confirmed"),
    "claim.refused": ("Không xác nhận", "Refused"),
    "priority.reason": ("Căn cứ (giấy tờ đã xem, quan sát)", "What you saw (paper, observation)"),
    "priority.reason.hint": (
        "Bắt buộc khi không xác nhận và khi xác nhận cấp cứu.",
        "Required to refuse, and to confirm an emergency.",
    ),
    "priority.confirm": ("Xác nhận", "Confirm"),
    "priority.refuse": ("Không xác nhận", "Refuse"),
}

TEXTS: Final[Catalogue] = {
    **GROUNDS,
    "priority.title": ("Ưu tiên của số {label}", "Priority of number {label}"),
    "priority.back": ("Quay lại", "Back"),
    "priority.now": ("Đang được gọi theo diện", "Called as"),
    "priority.age": (
        "Diện theo tuổi do ngày sinh trên giấy tờ quyết định, không cần xác nhận.",
        "Priority by age follows from the birth date on the document and needs no confirmation.",
    ),
    "priority.law": (
        "Luật Khám bệnh, chữa bệnh số 15/2023/QH15, khoản 2 Điều 3.",
        "Law on medical examination and treatment 15/2023/QH15, article 3(2).",
    ),
    "priority.claims": ("Đã khai hoặc đã xem xét", "Declared or looked at"),
    "priority.claims.none": ("Chưa khai diện nào.", "Nothing was declared."),
    "priority.by": ("{by}, {time}", "{by}, {time}"),
    "priority.by.patient": ("Người bệnh khai tại máy", "Declared by the patient at the kiosk"),
    "priority.add": ("Xác nhận một diện khác", "Confirm another ground"),
    "priority.ground": ("Diện ưu tiên", "Ground"),
    "priority.choose": ("Chọn diện", "Choose"),
    "priority.done": ("Đã lưu.", "Saved."),
    "priority.conflict": (
        "Có người vừa xem xét diện này. Dưới đây là thông tin mới nhất.",
        "Somebody else has just decided on this. Below is the latest.",
    ),
    "rule.title": ("Quy tắc gọi số", "Rule of calling"),
    "rule.lead": (
        "Áp dụng như nhau cho mọi phòng, mọi người và hiện trên bảng gọi số. Cấp cứu đã xác nhận được gọi trước.",
        "The same at every room and for everybody, shown on the displays. Confirmed emergencies go before all.",
    ),
    "rule.now": (
        "Đang áp dụng: {priority} người ưu tiên, rồi {ordinary} người thường.",
        "In force: {priority} with priority, then {ordinary} ordinary.",
    ),
    "rule.change": ("Đổi quy tắc", "Change the rule"),
    "rule.priority": ("Số người ưu tiên mỗi lượt", "With priority in each turn"),
    "rule.ordinary": ("Số người thường mỗi lượt", "Ordinary in each turn"),
    "rule.counts_declared": (
        "Tính cả diện tự khai khi nhân viên chưa xác nhận (trừ cấp cứu)",
        "Let declared grounds count until staff have looked (not emergencies)",
    ),
    "rule.now.booked": (
        "Trong lượt thường: cứ 1 người hẹn đã đến giờ thì {walk_ins} người không hẹn.",
        "Of the ordinary turns: 1 whose booked time has come, then {walk_ins} others.",
    ),
    "rule.now.booked.off": (
        "Giờ hẹn không đổi thứ tự gọi.",
        "Booked times do not change the order.",
    ),
    "rule.walk_ins": (
        "Trong lượt thường, số người không hẹn cho mỗi người hẹn đã đến giờ (bỏ trống: không tính giờ hẹn)",
        "Of the ordinary turns, others for each one whose booked time has come (empty: booked times do not count)",
    ),
    "rule.history.booked": ("Hẹn : không hẹn", "Booked : not"),
    "rule.reason": ("Lý do", "Reason"),
    "rule.submit": ("Áp dụng từ bây giờ", "Apply from now on"),
    "rule.done": ("Đã đổi quy tắc gọi số.", "The rule was changed."),
    "rule.conflict": (
        "Có người vừa đổi quy tắc. Dưới đây là quy tắc đang áp dụng.",
        "Somebody else has just changed the rule. Below is the one in force.",
    ),
    "rule.no_shows": ("Gọi mà không có mặt", "Called and not there"),
    "rule.no_shows.lead": (
        "Phòng gọi hoàn tác được trong 5 phút; người bệnh đưa phiếu thì được gọi lại sau 3 người.",
        "The room may undo it within 5 minutes; who shows the slip is called again after 3 others.",
    ),
    "rule.no_shows.end": (
        "Hết ngày, số còn chờ được khép lại là chưa khám.",
        "At the day's end, numbers that still wait are closed as not seen.",
    ),
    "rule.no_shows.now": (
        "Đang áp dụng: vắng mặt khi đã gọi ít nhất {calls} lần và quá {minutes} phút từ lần gọi cuối.",
        "In force: missed after at least {calls} calls, {minutes} minutes behind the last one.",
    ),
    "rule.no_shows.off": (
        "Đang áp dụng: chỉ nhân viên ghi vắng mặt.",
        "In force: only staff decide that somebody is missing.",
    ),
    "rule.no_shows.calls": ("Số lần gọi ít nhất", "Calls, at least"),
    "rule.no_shows.minutes": (
        "Số phút từ lần gọi cuối (bỏ trống: chỉ nhân viên ghi)",
        "Minutes since the last call (empty: only staff decide)",
    ),
    "rule.no_shows.submit": ("Áp dụng quy tắc vắng mặt", "Apply to no-shows"),
    "rule.no_shows.done": ("Đã đổi quy tắc ghi vắng mặt.", "The rule of no-shows was changed."),
    "rule.no_shows.written": ("{calls} lần, {minutes} phút", "{calls} calls, {minutes} min"),
    "rule.no_shows.written.off": ("chỉ nhân viên ghi", "only staff"),
    "rule.no_shows.rule": ("Ghi vắng mặt", "No-shows"),
    "rule.history": ("Các lần thay đổi", "Changes"),
    "rule.history.none": ("Chưa ai thay đổi quy tắc mặc định.", "Nobody has changed the default."),
    "rule.history.when": ("Thời điểm", "When"),
    "rule.history.rule": ("Ưu tiên : thường", "Priority : ordinary"),
    "rule.history.declared": ("Tính diện tự khai", "Declared counts"),
    "rule.history.by": ("Người đổi", "By"),
    "rule.yes": ("Có", "Yes"),
    "rule.no": ("Không", "No"),
    "rule.paces": ("Nhịp gọi thường ngày", "Usual pace"),
    "rule.paces.lead": (
        "Số phút giữa hai lần gọi, để ước tính giờ chờ khi hôm nay chưa gọi đủ 5 số. Bỏ trống thì không ước tính.",
        "Minutes from call to call, to expect waits before 5 numbers were called today. Leave empty to expect nothing.",
    ),
    "rule.minutes": ("Số phút giữa hai lần gọi: {clinic}", "Minutes from call to call: {clinic}"),
    "rule.save": ("Lưu", "Save"),
    "rule.saved": ("Đã lưu nhịp gọi.", "The pace was saved."),
    "refusal.rule.same": ("Quy tắc này đang áp dụng rồi.", "This is the rule already."),
    "refusal.priority.by_age": ("Diện theo tuổi do ngày sinh quyết định.", "Age follows from the birth date."),
}
