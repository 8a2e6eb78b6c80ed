"""Words about what a visit's insurance comes to, and about the papers shown for it."""

from typing import Final

from server.texts import Catalogue

TEXTS: Final[Catalogue] = {
    "coverage.title": ("Mức hưởng BHYT (tạm tính)", "Insurance benefit (provisional)"),
    "coverage.unknown": (
        "Chưa tính được: dữ liệu bệnh viện chưa ghi cấp chuyên môn và tuyến trước 2025. Xin báo quản trị.",
        "Cannot be worked out: the hospital's data lacks its level and former line. Please tell an administrator.",
    ),
    "coverage.code": ("Mã đối tượng KCB", "Patient type"),
    "coverage.why": ("Lý do", "Reason"),
    "coverage.card_percent": ("Mức hưởng của thẻ", "Rate of the card"),
    "coverage.percent": ("Mức hưởng lượt này", "Rate of this visit"),
    "coverage.percent.unknown": (
        "chưa rõ, chờ số thẻ đủ 15 ký tự",
        "not known before the 15-character number",
    ),
    "coverage.now": ("Thu trước khi khám", "To pay now"),
    "coverage.now.unknown": ("chưa có giá khám", "no price is known"),
    "coverage.end": ("Khi kết thúc khám", "At the end"),
    "coverage.end.share": (
        "người bệnh trả {percent} chi phí trong phạm vi BHYT và phần ngoài phạm vi",
        "the patient pays {percent} of the covered cost, and whatever is not covered",
    ),
    "coverage.end.nothing": (
        "không cùng chi trả; chỉ trả phần ngoài phạm vi BHYT, nếu có",
        "no own share; only what insurance does not cover, if any",
    ),
    "coverage.end.all": (
        "người bệnh trả toàn bộ chi phí phát sinh",
        "the patient pays all that the visit costs further",
    ),
    "coverage.end.rest": ("thanh toán phần còn lại", "the rest is settled"),
    "coverage.provisional": (
        "Số liệu tạm tính, chốt khi kết thúc khám.",
        "These are provisional and settled when the visit ends.",
    ),
    "coverage.on_request": ("Phần chênh lệch khám theo yêu cầu", "The difference for care on request"),
    "coverage.whole_below": (
        "Nếu tổng chi phí dưới {amount}: không phải cùng chi trả.",
        "If the visit costs less than {amount} in all, there is no own share.",
    ),
    "coverage.five_years": (
        "Đủ 5 năm liên tục từ {day}: không cùng chi trả nếu năm nay đã trả quá 6 lần mức lương cơ sở.",
        "Five continuous years since {day}: no own share once this year's own payments exceed six base salaries.",
    ),
    "coverage.five_years.later": (
        "Đủ 5 năm liên tục vào {day}.",
        "Five continuous years will be complete on {day}.",
    ),
    "coverage.paper_card": (
        "Thẻ quân đội, công an hoặc cơ yếu: xin xem thẻ giấy, cổng BHYT có thể không có dữ liệu.",
        "Army, police or cipher staff: please look at the paper card, the gateway may not know it.",
    ),
    "coverage.change_payer": (
        "Lượt khám đăng ký diện BHYT nhưng thẻ không dùng được. Xin sửa thẻ, hoặc đổi đối tượng chi trả.",
        "The visit is registered as insured, and the card does not hold. Please put the card or the payer right.",
    ),
    "coverage.wants_card": (
        "Đăng ký diện BHYT nhưng chưa có số thẻ. Xin đối chiếu thẻ hoặc chờ cổng BHYT trả lời.",
        "Registered as insured, and no card number is known. Please see the card, or wait for the gateway.",
    ),
    "coverage.temporary_card": (
        "Trẻ dưới 6 tuổi chưa trình thẻ. Xin xem giấy khai sinh hoặc chứng sinh; số thẻ tạm: {number}.",
        "A child under six without a card. Please see the birth certificate; temporary card: {number}.",
    ),
    # Why a visit has its patient type
    "type.registered_here": ("Đăng ký khám bệnh ban đầu tại đây", "First registration is here"),
    "type.initial_level": ("Cơ sở thuộc cấp ban đầu", "An initial-level facility"),
    "type.transfer_paper": ("Có giấy chuyển cơ sở còn giá trị", "With a transfer paper that stands"),
    "type.moved_residence": (
        "Đang cư trú, làm việc hoặc học ở nơi khác nơi đăng ký thẻ",
        "Lives, works or studies away from where the card is registered",
    ),
    "type.appointment": ("Khám lại theo hẹn", "Re-examination by appointment"),
    "type.organ_donor": ("Điều trị ngay sau khi hiến bộ phận cơ thể", "Treated right after donating an organ"),
    "type.newborn": ("Trẻ sơ sinh, điều trị ngay sau sinh", "A newborn, treated right after birth"),
    "type.emergency": ("Cấp cứu", "An emergency"),
    "type.listed_disease": ("Bệnh trong danh mục được hưởng đủ", "A disease listed as paid in full"),
    "type.hard_area": (
        "Nội trú, người dân tộc thiểu số hoặc hộ nghèo vùng khó khăn, xã đảo",
        "Admitted, of an ethnic minority or a poor household in a hard area, or of an island commune",
    ),
    "type.former_district": (
        "Tự đến, bệnh viện tuyến huyện trước năm 2025",
        "Self-referred to what was a district hospital before 2025",
    ),
    "type.self_referred_former_province": (
        "Tự đến khám ngoại trú, cơ sở tuyến tỉnh hoặc cấp chuyên sâu",
        "Self-referred outpatient at a former provincial or a specialised facility",
    ),
    "type.self_referred_50_points": (
        "Tự đến khám ngoại trú, cơ sở cấp cơ bản từ 50 điểm",
        "Self-referred outpatient at a basic-level facility of 50 points or more",
    ),
    "type.self_referred_basic": (
        "Tự đến khám ngoại trú, cơ sở cấp cơ bản",
        "Self-referred outpatient at a basic-level facility",
    ),
    "type.self_referred_inpatient": ("Tự đến, điều trị nội trú", "Self-referred and admitted"),
    "type.self_referred_central": (
        "Tự đến, cơ sở tuyến trung ương trước năm 2025",
        "Self-referred to what was a central hospital before 2025",
    ),
    "type.not_insured": (
        "Không dùng thẻ BHYT, hoặc thẻ không có giá trị hôm nay",
        "No insurance card is used, or it does not hold today",
    ),
    # What is wrong with a transfer paper
    "paper.not_signed_yet": (
        "Giấy chuyển ghi ngày ký ở tương lai. Xin xem lại ngày.",
        "The transfer paper's date lies ahead. Please check it.",
    ),
    "paper.expired": (
        "Giấy chuyển đã quá hạn. Người bệnh vẫn khám được, mức hưởng tính như khi không có giấy.",
        "The transfer paper has expired. The visit goes on, with the benefit of a visit without one.",
    ),
    "paper.wrong_facility": (
        "Giấy chuyển ghi cơ sở khác. Mức hưởng tính như khi không có giấy.",
        "The transfer paper names another facility. The benefit is that of a visit without one.",
    ),
    # The form
    "coverage.papers.title": ("Giấy tờ BHYT", "Insurance papers"),
    "coverage.papers.hint": (
        "Ghi những gì người bệnh đã trình. Để trống nếu không có.",
        "What the patient has shown. Leave empty what there is not.",
    ),
    "coverage.papers.number": ("Giấy chuyển cơ sở: số giấy", "Transfer paper: its number"),
    "coverage.papers.from": ("Mã cơ sở chuyển đi", "Code of the sending facility"),
    "coverage.papers.to": ("Mã cơ sở chuyển đến", "Code of the receiving facility"),
    "coverage.papers.signed_on": ("Ngày ký", "Signed on"),
    "coverage.papers.one_year": ("Giấy có giá trị 1 năm (bệnh thuộc danh mục)", "Good for one year (a listed disease)"),
    "coverage.papers.circumstance": ("Trường hợp khác", "Other circumstance"),
    "coverage.papers.submit": ("Ghi giấy tờ", "Note the papers"),
    "coverage.papers.written": (
        "số {number}, {sender} → {receiver}, ký {day}",
        "no. {number}, {sender} → {receiver}, signed {day}",
    ),
    "coverage.papers.written.one_year": (
        "số {number}, {sender} → {receiver}, ký {day}, giá trị 1 năm",
        "no. {number}, {sender} → {receiver}, signed {day}, good for one year",
    ),
    "circumstance.none": ("Không", "None"),
    "circumstance.moved-residence": (
        "Đang cư trú, làm việc hoặc học ở nơi khác",
        "Lives, works or studies elsewhere",
    ),
    "circumstance.organ-donor": ("Vừa hiến bộ phận cơ thể", "Has just donated an organ"),
    "circumstance.newborn": ("Trẻ sơ sinh điều trị ngay sau sinh", "A newborn treated right after birth"),
    "changed.transfer_paper": ("giấy chuyển cơ sở", "transfer paper"),
    "changed.circumstance": ("trường hợp", "circumstance"),
    "trail.encounter.papers-noted": ("Ghi giấy tờ BHYT", "Noted insurance papers"),
    "refusal.papers.incomplete": (
        "Giấy chuyển cần đủ số giấy, mã cơ sở chuyển đi, mã cơ sở chuyển đến và ngày ký.",
        "A transfer paper needs its number, both facilities' codes and its date.",
    ),
}
