"""Words about putting a visit right."""

from typing import Final

from server.texts import Catalogue

TEXTS: Final[Catalogue] = {
    "correct.title": ("Sửa lượt khám", "Put the visit right"),
    "correct.lead": (
        "Mỗi lần sửa cần lý do, được ghi vào nhật ký cùng tên anh/chị.",
        "Each change needs a reason, which joins the trail with your name.",
    ),
    "correct.reason": ("Lý do", "Reason"),
    "correct.done": ("Đã ghi lại.", "Done."),
    "correct.ended": ("Lượt khám đã kết thúc hoặc đã hủy.", "The visit has ended or was taken back."),
    "correct.identity": ("Đã đối chiếu giấy tờ và khuôn mặt", "Papers and face were compared"),
    "correct.identity.hint": (
        "Danh tính sẽ được ghi là do nhân viên xác nhận.",
        "The identity will count as confirmed by staff.",
    ),
    "correct.identity.submit": ("Xác nhận danh tính", "Confirm the identity"),
    "correct.card": ("Thẻ BHYT", "Insurance card"),
    "correct.card.number": ("Số thẻ (để trống nếu không dùng thẻ)", "Card number (empty: no card)"),
    "correct.card.facility": ("Mã nơi đăng ký ban đầu", "Primary facility's code"),
    "correct.card.from": ("Giá trị từ", "Valid from"),
    "correct.card.to": ("Giá trị đến", "Valid until"),
    "correct.card.day": ("ngày/tháng/năm", "day/month/year"),
    "correct.card.submit": ("Sửa thẻ", "Change the card"),
    "correct.payer": ("Đối tượng chi trả", "Who pays"),
    "correct.payer.submit": ("Đổi đối tượng", "Change who pays"),
    "correct.fee": ("Giá khám (đồng)", "Fee (VND)"),
    "correct.fee.submit": ("Đổi giá", "Change the fee"),
    "correct.cancel": ("Hủy lượt khám", "Take the visit back"),
    "correct.cancel.hint": (
        "Số {label} sẽ không được gọi nữa. Không hoàn lại được.",
        "Number {label} will be called no more. This cannot be undone.",
    ),
    "correct.cancel.submit": ("Hủy lượt khám", "Take it back"),
    "payer.insured": ("Bảo hiểm y tế", "Health insurance"),
    "payer.self": ("Thu phí", "Fee-paying"),
    "payer.on-request": ("Khám theo yêu cầu", "On request"),
    "payer.none": ("Chưa xác định", "Not decided"),
    # What others changed while the page was open
    "conflict.title": ("Đồng nghiệp vừa sửa lượt khám này", "A colleague has just changed this visit"),
    "conflict.lead": (
        "Thay đổi của anh/chị chưa được lưu. Xin xem nội dung mới bên dưới rồi làm lại nếu vẫn cần.",
        "Your change was not kept. Please look at the visit as it is now, and repeat yours if it is still needed.",
    ),
    "conflict.change": (
        "{who}, {time}: {field} {old} → {new}. Lý do: {reason}",
        "{who}, {time}: {field} {old} → {new}. Reason: {reason}",
    ),
    "conflict.other": ("Lượt khám đã được cập nhật.", "The visit was updated."),
    "changed.service": ("dịch vụ", "service"),
    "changed.assurance": ("danh tính", "identity"),
    "changed.insurance_card": ("số thẻ BHYT", "insurance card"),
    "changed.insurance_facility": ("nơi đăng ký ban đầu", "primary facility"),
    "changed.insurance_from": ("thẻ có giá trị từ", "card valid from"),
    "changed.insurance_to": ("thẻ có giá trị đến", "card valid until"),
    "changed.payer": ("đối tượng chi trả", "who pays"),
    "changed.price_vnd": ("giá khám", "fee"),
    "changed.status": ("tình trạng", "state"),
    "state.arrived": ("đã đến", "arrived"),
    "state.finished": ("đã xong", "finished"),
    "state.cancelled": ("đã hủy", "taken back"),
    "changed.nothing": ("(trống)", "(empty)"),
    "trail.change": ("{field}: {old} → {new}", "{field}: {old} → {new}"),
    "trail.encounter.identity-confirmed": ("Xác nhận danh tính", "Confirmed the identity"),
    "trail.encounter.card-changed": ("Sửa thẻ BHYT", "Changed the insurance card"),
    "trail.encounter.payer-changed": ("Đổi đối tượng chi trả", "Changed who pays"),
    "trail.encounter.fee-changed": ("Đổi giá khám", "Changed the fee"),
    "trail.encounter.cancelled": ("Hủy lượt khám, số {ticket}", "Took the visit back, number {ticket}"),
    "refusal.encounter.ended": ("Lượt khám đã kết thúc hoặc đã hủy.", "The visit has ended or was taken back."),
    "refusal.fee.impossible": ("Giá khám không hợp lệ.", "This is not a possible fee."),
    "refusal.form.invalid": (
        "Xin xem lại: số thẻ BHYT có 15 ký tự, 10 hoặc 12 số; ngày ghi đủ ngày/tháng/năm; giá là số đồng.",
        "Please look again: a card has 15 characters, 10 or 12 digits; dates are day/month/year; a fee is VND.",
    ),
}
