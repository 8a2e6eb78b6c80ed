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
    "coverage.transfer": ("Giấy chuyển cơ sở", "Transfer paper"),
    "coverage.transfer.value": ("số {number}, {sender} → {receiver}", "no. {number}, {sender} → {receiver}"),
    "coverage.transfer.days": ("ký {signed}, giá trị đến hết {ends}", "signed {signed}, good to the end of {ends}"),
    "coverage.circumstance": ("Trường hợp", "Circumstance"),
    "coverage.disease": ("Bệnh", "Disease"),
    "coverage.disease.row": ("dòng {number} Phụ lục I", "row {number} of appendix I"),
    "coverage.disease.vouched": ("nhân viên đã tra danh mục: {grounds}", "staff looked it up: {grounds}"),
    "coverage.disease.condition": ("Danh mục còn đòi hỏi: {condition}", "The list also asks: {condition}"),
    "coverage.disease.unlisted": (
        "Bệnh đã ghi không có trong danh mục cho người bệnh này.",
        "The disease noted is not on the list for this patient.",
    ),
    "coverage.area": ("Mã khu vực", "Living area"),
    # What a row of Circular 01/2025/TT-BYT appendix I asks besides the disease
    "condition.same-visit": (
        "được hưởng ngay trong lượt khám có kết luận chẩn đoán xác định.",
        "it counts in the very visit in which the diagnosis is made.",
    ),
    "condition.specific-treatment": (
        "không áp dụng khi đã chẩn đoán xác định mà không có chỉ định điều trị đặc hiệu.",
        "it does not count where the diagnosis is made and no specific treatment is indicated.",
    ),
    "condition.diabetes-type-1": (
        "loét bàn chân từ độ 2, bệnh thận mạn từ giai đoạn 3, hoặc hai biến chứng: tim mạch, mắt, thần kinh, mạch máu.",
        "a foot ulcer of grade 2+, kidney disease of stage 3+, or two complications: heart, eyes, nerves, vessels.",
    ),
    "condition.diabetes-type-2": (
        "loét bàn chân từ độ 2, hoặc bệnh thận mạn từ giai đoạn 3.",
        "a foot ulcer of grade 2 or more, or chronic kidney disease of stage 3 or more.",
    ),
    "condition.who-2021": (
        "mã bệnh theo ICD-10 của WHO bản 2021.",
        "the code is that of the WHO's ICD-10 of 2021.",
    ),
    "condition.wilson": (
        "bệnh Wilson đã có biến chứng (gan, thận, vận động, tâm thần, động kinh, cơ tim, nhịp tim).",
        "Wilson's disease with a complication (liver, kidney, movement, mind, epilepsy, heart muscle, heart rhythm).",
    ),
    "condition.drug-resistant": ("bệnh kháng thuốc.", "it resists medication."),
    "condition.myasthenia": (
        "phải lọc máu, hoặc suy hô hấp.",
        "blood purification is needed, or breathing fails.",
    ),
    "condition.heart-failure": (
        "đã có kết luận suy tim giai đoạn 3 hoặc 4.",
        "stage 3 or 4 was diagnosed.",
    ),
    "condition.severe": (
        "bệnh tiến triển nặng theo hướng dẫn chẩn đoán, điều trị.",
        "it progresses severely by the treatment guideline.",
    ),
    "condition.crohn": (
        "mức độ nặng (CDAI từ 450 điểm), hoặc rò, thủng, áp xe ổ bụng, suy dinh dưỡng nặng.",
        "severe (CDAI of 450 or more), or with fistula, perforation, abdominal abscess or severe malnutrition.",
    ),
    "condition.pemphigus": (
        "tổn thương trên 10% diện tích cơ thể, hoặc tiến triển nặng, hoặc thể á u.",
        "more than 10 % of the skin, or severe progress, or the paraneoplastic kind.",
    ),
    "condition.lupus": (
        "tổn thương tim, phổi hoặc thận nặng, tiến triển, đe dọa tính mạng.",
        "heart, lungs or kidneys are severely affected, progressing, a threat to life.",
    ),
    "condition.heart-surgery": (
        "phẫu thuật, can thiệp loại đặc biệt, hoặc từ ba phẫu thuật, can thiệp cùng lúc.",
        "surgery or intervention of the special class, or three and more at once.",
    ),
    "condition.joint-replacement": ("có chỉ định thay khớp.", "a joint replacement is indicated."),
    "condition.merit": (
        "thương binh, bệnh binh, người có công với cách mạng.",
        "war invalids, sick soldiers and people with merit to the revolution.",
    ),
    "condition.transplant": (
        "người đã ghép tạng và điều trị sau ghép.",
        "people with a transplant, under treatment after it.",
    ),
    "condition.under-18": ("người bệnh dưới 18 tuổi.", "the patient is under 18."),
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
    "coverage.papers.disease": ("Bệnh thuộc danh mục: mã ICD-10 hoặc tên bệnh", "Listed disease: ICD-10 code or name"),
    "coverage.papers.disease.hint.appendix-i": (
        "Phụ lục I Thông tư 01/2025/TT-BYT (cấp chuyên sâu). Gõ I50 hoặc suy tim, không cần dấu.",
        "Appendix I of Circular 01/2025/TT-BYT (specialised level). Type I50, or a name without marks.",
    ),
    "coverage.papers.disease.hint.appendix-ii": (
        "Phụ lục II Thông tư 01/2025/TT-BYT (cấp cơ bản). Phần mềm chưa có danh sách: xin tra văn bản rồi đánh dấu.",
        "Appendix II of Circular 01/2025/TT-BYT (basic level). It is not held here: please look it up, then tick.",
    ),
    "coverage.papers.disease.vouch": (
        "Đã tra: bệnh thuộc danh mục",
        "I looked it up: the disease is on the list",
    ),
    "coverage.papers.disease.grounds": (
        "Căn cứ (dòng của phụ lục, giấy ra viện, chẩn đoán…)",
        "Grounds (row of the appendix, discharge paper, diagnosis…)",
    ),
    "coverage.papers.area": ("Mã khu vực trên thẻ", "Living area on the card"),
    "coverage.papers.admitted": ("Vào điều trị nội trú", "Comes to be admitted"),
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
    "area.none": ("Không ghi", "None"),
    "area.K1": ("K1: vùng khó khăn (dân tộc thiểu số, hộ nghèo)", "K1: difficult area (minority, poor household)"),
    "area.K2": (
        "K2: vùng đặc biệt khó khăn (dân tộc thiểu số, hộ nghèo)",
        "K2: especially difficult area (minority, poor household)",
    ),
    "area.K3": ("K3: xã đảo", "K3: island commune"),
    "changed.circumstance": ("trường hợp", "circumstance"),
    "changed.disease": ("bệnh thuộc danh mục", "listed disease"),
    "changed.living_area": ("mã khu vực", "living area"),
    "changed.is_admitted": ("vào điều trị nội trú", "comes to be admitted"),
    "is_admitted.yes": ("có", "yes"),
    "trail.encounter.papers-noted": ("Ghi giấy tờ BHYT", "Noted insurance papers"),
    "refusal.papers.disease_several": (
        "Tên bệnh này trùng với nhiều dòng của danh mục. Xin gõ mã ICD-10.",
        "Several rows of the list have this name. Please type the ICD-10 code.",
    ),
    "refusal.papers.disease_unlisted": (
        "Phần mềm không thấy bệnh này trong danh mục. Xin tra Thông tư 01/2025; nếu có, đánh dấu “Đã tra”, ghi căn cứ.",
        "No list held here names this disease. Look it up in Circular 01/2025; if it is there, tick that and say why.",
    ),
    "refusal.papers.disease_grounds": (
        "Xin ghi căn cứ cho bệnh thuộc danh mục, ít nhất 3 chữ.",
        "Please give the grounds on which the disease is on the list, in words.",
    ),
    "refusal.papers.incomplete": (
        "Giấy chuyển cần đủ số giấy, mã cơ sở chuyển đi, mã cơ sở chuyển đến và ngày ký.",
        "A transfer paper needs its number, both facilities' codes and its date.",
    ),
}
