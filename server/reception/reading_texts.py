"""What a card reading found out, in words for the desk; the codes are those of ICAO 9303 part 11 readings."""

from typing import Final

from server.texts import Catalogue

_UNREADABLE_PART: Final = (
    "Một phần dữ liệu phụ trong chip không đọc được; họ tên và số lấy từ phần chính",
    "A side file of the chip could not be read; name and number come from the main one",
)

REASONS: Final[Catalogue] = {
    # Is the data as the issuer wrote it
    "reason.pa.trusted": (
        "Dữ liệu trong chip do cơ quan cấp thẻ ký và chưa bị sửa",
        "The chip's data is signed by a known issuer and unchanged",
    ),
    "reason.pa.skipped": ("Chưa kiểm tra chữ ký của dữ liệu", "The data's signature was not checked"),
    "reason.pa.no_sod": ("Dữ liệu trong chip không có chữ ký", "The chip's data is not signed"),
    "reason.pa.sod_unreadable": (
        "Không đọc được chữ ký trong chip",
        "The signature on the chip could not be read",
    ),
    "reason.pa.algorithm_unknown": (
        "Chữ ký thuộc loại máy chưa kiểm tra được",
        "The signature is of a kind that cannot be checked here",
    ),
    "reason.pa.no_signer_certificate": (
        "Thiếu chứng thư của người ký trong chip",
        "The signer's certificate is missing from the chip",
    ),
    "reason.pa.digest_wrong": (
        "Chữ ký không khớp với nội dung: dữ liệu có thể đã bị sửa",
        "The signature belongs to other content: the data may have been altered",
    ),
    "reason.pa.signature_wrong": (
        "Chữ ký không hợp lệ: dữ liệu có thể đã bị sửa",
        "The signature does not hold: the data may have been altered",
    ),
    "reason.pa.hash_wrong": (
        "Một phần dữ liệu đã bị sửa sau khi ký",
        "Part of the data was altered after it was signed",
    ),
    "reason.pa.not_signed": (
        "Có dữ liệu được thêm vào thẻ mà không có chữ ký",
        "Something was added to the card without a signature",
    ),
    "reason.pa.ds_forged": (
        "Chứng thư người ký là giả mạo",
        "The signer's certificate is forged",
    ),
    "reason.pa.ds_usage": (
        "Chứng thư người ký không dùng để ký giấy tờ",
        "The signer's certificate is not meant for documents",
    ),
    "reason.pa.ds_expired_at_signing": (
        "Thẻ được ký khi chứng thư người ký không còn hiệu lực",
        "The card was signed outside the signer's validity",
    ),
    "reason.pa.ds_expired": (
        "Chứng thư người ký nay đã hết hạn, điều này là bình thường",
        "The signer's certificate has expired since, which is usual",
    ),
    "reason.pa.signing_time_unknown": (
        "Chữ ký không ghi thời điểm ký, điều này là bình thường",
        "The signature does not say when it was made, which is usual",
    ),
    "reason.pa.csca_unknown": (
        "Chưa có chứng thư gốc (CSCA) của cơ quan cấp thẻ nên chưa khẳng định được nơi ký",
        "The issuer's root certificate (CSCA) is not installed, so the signer is not proved",
    ),
    "reason.pa.csca_usage": (
        "Chứng thư gốc đã cài không phải của cơ quan cấp; xin báo kỹ thuật viên",
        "The installed root certificate is not an issuer's; please tell a technician",
    ),
    "reason.pa.csca_expired_at_issuance": (
        "Chứng thư gốc không còn hiệu lực khi cấp chứng thư người ký",
        "The root certificate was not valid when the signer's was issued",
    ),
    # Is the chip a copy
    "reason.aa.valid": ("Chip đã chứng minh không phải bản sao", "The chip proved that it is no copy"),
    "reason.aa.invalid": ("Chip là bản sao", "The chip is a copy"),
    "reason.aa.absent": ("Chip không có chứng minh kiểu ký", "The chip offers no proof by signing"),
    "reason.aa.refused": ("Chip từ chối chứng minh kiểu ký", "The chip refused its proof by signing"),
    "reason.aa.unsupported": (
        "Chứng minh kiểu ký của chip thuộc loại máy chưa kiểm tra được",
        "The chip's proof by signing is of a kind that cannot be checked here",
    ),
    "reason.ca.valid": ("Chip đã chứng minh không phải bản sao", "The chip proved that it is no copy"),
    "reason.ca.invalid": ("Chip là bản sao", "The chip is a copy"),
    "reason.ca.absent": ("Chip không có chứng minh kiểu trao khóa", "The chip offers no proof by key agreement"),
    "reason.ca.refused": (
        "Chip từ chối chứng minh kiểu trao khóa",
        "The chip refused its proof by key agreement",
    ),
    "reason.ca.unsupported": (
        "Chứng minh kiểu trao khóa của chip thuộc loại máy chưa kiểm tra được",
        "The chip's proof by key agreement is of a kind that cannot be checked here",
    ),
    "reason.cam.valid": (
        "Chip đã chứng minh không phải bản sao ngay khi mở",
        "The chip proved while opening that it is no copy",
    ),
    "reason.cam.invalid": ("Chip là bản sao", "The chip is a copy"),
    "reason.cam.unsupported": (
        "Không đọc được khóa để kiểm tra bản sao",
        "The key for the proof against copies could not be read",
    ),
    "reason.copy.unchecked": (
        "Chưa kiểm tra được chip có phải bản sao hay không",
        "Whether the chip is a copy could not be checked",
    ),
    "reason.copy.withheld": (
        "Chip có khả năng chứng minh không phải bản sao nhưng đã không thực hiện",
        "The chip could have proved that it is no copy, and did not",
    ),
    # What it says
    "reason.file.broken": (
        "Một phần dữ liệu trong chip bị hỏng, không đọc được trọn vẹn",
        "Part of the chip's data is damaged and could not be read in full",
    ),
    "reason.dg13.absent": (
        "Chip không có phần tiếng Việt; họ tên không dấu",
        "The chip has no Vietnamese part; the name is without marks",
    ),
    "reason.dg13.unreadable": (
        "Không đọc được phần tiếng Việt; họ tên không dấu",
        "The Vietnamese part could not be read; the name is without marks",
    ),
    "reason.dg13.contradicts_dg1": (
        "Hai phần dữ liệu trong chip nói về hai người khác nhau",
        "Two parts of the chip name two different people",
    ),
    "reason.dg11.unreadable": _UNREADABLE_PART,
    "reason.dg14.unreadable": _UNREADABLE_PART,
    "reason.dg15.unreadable": _UNREADABLE_PART,
    "reason.photo.absent": ("Chip không có ảnh", "The chip has no photo"),
    "reason.photo.unreadable": ("Không đọc được ảnh trong chip", "The photo on the chip could not be read"),
    "reason.com.lists_absent": (
        "Mục lục của chip nêu một phần không có trong chip",
        "The chip's table of contents names a part that is not there",
    ),
    "reason.pace.downgraded": (
        "Chip mở bằng cách yếu hơn cách ghi trong dữ liệu đã ký: có thể bị can thiệp",
        "The chip opened in a weaker way than its signed data names: it may have been tampered with",
    ),
    "reason.document.expired": ("Giấy tờ đã hết hạn", "The document has expired"),
    "reason.code.differs": (
        "Mã đã quét là của người khác",
        "The code shown names another person",
    ),
}
