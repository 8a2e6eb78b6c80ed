"""Diseases for which nobody needs a transfer paper: paid in full to whoever comes by themselves.

Source: Circular 01/2025/TT-BYT, in force since 1 January 2025: appendix I for the specialised level (patient type
1.17), appendix II for the basic level (1.16). The rows of appendix II are not known here: a disease of it counts when
staff vouch for it and say on what grounds. The same holds for a row that is added to appendix I later.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from server.domain.ages import youngest_age
from server.domain.coverage import ListedDisease, TechnicalLevel
from server.domain.identity import PartialDate, fold_name

LISTED_SINCE: Final = date(2025, 1, 1)
_LISTS: Final = {
    TechnicalLevel.BASIC: ListedDisease.APPENDIX_II,
    TechnicalLevel.SPECIALISED: ListedDisease.APPENDIX_I,
}
_UNDER: Final = 18  # the only age the appendix names
_CODE: Final = re.compile(r"([A-Z][0-9]{2})(?:\.?([0-9]{1,2}))?[†*+]?(?=$|[\s:·,])\W*", re.IGNORECASE)


class Condition(StrEnum):
    """What must be seen besides the code. Nothing of it can be worked out at the door: staff read it and decide."""

    SAME_VISIT = "same-visit"  # counts in the very visit that finds the disease
    SPECIFIC_TREATMENT = "specific-treatment"
    DIABETES_TYPE_1 = "diabetes-type-1"
    DIABETES_TYPE_2 = "diabetes-type-2"
    WHO_2021 = "who-2021"
    WILSON = "wilson"
    DRUG_RESISTANT = "drug-resistant"
    MYASTHENIA = "myasthenia"
    HEART_FAILURE = "heart-failure"
    SEVERE = "severe"
    CROHN = "crohn"
    PEMPHIGUS = "pemphigus"
    LUPUS = "lupus"
    HEART_SURGERY = "heart-surgery"
    JOINT_REPLACEMENT = "joint-replacement"
    MERIT = "merit"
    TRANSPLANT = "transplant"


@dataclass(frozen=True, slots=True)
class ListedRow:
    """One row of an appendix. ``codes``: ICD-10, of three characters with all below it, or ``C81-C86``; ``but``: codes
    that this row, and no other, leaves out. ``name`` and ``name_en`` as ICD-10 calls the disease.
    """

    number: int
    codes: tuple[str, ...]
    name: str
    name_en: str
    conditions: tuple[Condition, ...] = ()
    but: tuple[str, ...] = ()
    children_only: bool = False  # under 18

    @property
    def only_code(self) -> str | None:
        """The code that the row stands for, None for a row of several."""
        return self.codes[0] if len(self.codes) == 1 and "-" not in self.codes[0] else None

    def names(self, code: str) -> bool:
        return any(_covers(one, code) for one in self.codes) and not any(_covers(one, code) for one in self.but)

    def holds_for(self, born_on: PartialDate | None, on: date) -> bool:
        """Whether the person may be young enough; an unknown day or month is read in the patient's favour."""
        return not self.children_only or born_on is None or youngest_age(born_on, on) < _UNDER


@dataclass(frozen=True, slots=True)
class ShownDisease:
    """What a paper or a diagnosis names. ``code`` is ICD-10 with its dot, None where only a name was given.

    ``grounds``: why staff vouch that the disease is on the list; None leaves it to the rows known here.
    """

    code: str | None
    name: str
    grounds: str | None = None


def list_of(level: TechnicalLevel) -> ListedDisease | None:
    """Return the appendix that counts at a level, None where everybody is paid for in full anyway."""
    return _LISTS.get(level)


def rows_of(appendix: ListedDisease, *, on: date) -> Sequence[ListedRow]:
    """Return the rows known here that are in force on a day."""
    return APPENDIX_I if appendix is ListedDisease.APPENDIX_I and on >= LISTED_SINCE else ()


def read_disease(text: str, rows: Sequence[ListedRow]) -> ShownDisease:
    """Return what was typed: an ICD-10 code, a name, or both; a name without marks finds the row it belongs to."""
    text = " ".join(text.split())
    match = _CODE.match(text)
    code = None
    if match is not None:
        code = match[1].upper() + (f".{match[2]}" if match[2] else "")
        text = text[match.end() :]
    if code is None:
        named = rows_named(text, rows)
        return ShownDisease(named[0].only_code, named[0].name) if len(named) == 1 else ShownDisease(None, text)
    row = next((row for row in rows if row.names(code)), None)
    return ShownDisease(code, text or (row.name if row else ""))


def rows_named(text: str, rows: Sequence[ListedRow]) -> list[ListedRow]:
    """Return the rows of that name in either language, else all whose name has its words; marks and case are free."""
    wanted = fold_name(text)
    exact = [row for row in rows if wanted in {fold_name(row.name), fold_name(row.name_en)}]
    if exact or not wanted:
        return exact
    words = set(wanted.split())
    return [row for row in rows if words <= set(_words(row.name)) or words <= set(_words(row.name_en))]


def find_row(
    disease: ShownDisease, appendix: ListedDisease, *, born_on: PartialDate | None, on: date
) -> ListedRow | None:
    """Return the row that lists the disease for this person on a day; of several, one without an age goes first.

    The row's conditions are not decided here.
    """
    rows = [row for row in rows_of(appendix, on=on) if row.holds_for(born_on, on)]
    if disease.code is not None:
        fitting = [row for row in rows if row.names(disease.code)]
    else:
        fitting = rows_named(disease.name, rows) if disease.name else []
        fitting = fitting if len(fitting) == 1 else []
    return min(fitting, key=lambda row: (row.children_only, row.number), default=None)


def _covers(listed: str, code: str) -> bool:
    """Source: the appendix's notes: three characters stand for every code below them, four for themselves."""
    first, _, last = listed.partition("-")
    if last:
        return first <= code[:3] <= last
    return code == first or code.startswith(first if "." in first else f"{first}.")


def _words(name: str) -> list[str]:
    return re.findall(r"[\w']+", fold_name(name))


_SAME = Condition.SAME_VISIT
_SPECIFIC = Condition.SPECIFIC_TREATMENT

APPENDIX_I: Final[Sequence[ListedRow]] = (
    ListedRow(1, ("A17.0",), "Viêm màng não do lao", "Tuberculous meningitis"),
    ListedRow(2, ("A17.1",), "U lao màng não", "Meningeal tuberculoma"),
    ListedRow(3, ("A17.8",), "Lao khác của hệ thần kinh", "Other tuberculosis of nervous system"),
    ListedRow(4, ("A17.9",), "Lao hệ thần kinh, không xác định", "Tuberculosis of nervous system, unspecified"),
    ListedRow(5, ("A31.0",), "Nhiễm mycobacteria ở phổi", "Pulmonary mycobacterial infection"),
    ListedRow(6, ("B39.0",), "Nhiễm histoplasma capsulatum ở phổi cấp tính",
              "Acute pulmonary histoplasmosis capsulati"),
    ListedRow(7, ("B40.0",), "Nhiễm nấm blastomyces ở phổi cấp tính", "Acute pulmonary blastomycosis"),
    ListedRow(8, ("B41.0",), "Nhiễm nấm paracoccidioides ở phổi", "Pulmonary paracoccidioidomycosis"),
    ListedRow(9, ("B42.0",), "Nhiễm sporotrichum ở phổi", "Pulmonary sporotrichosis"),
    ListedRow(10, ("B44.0",), "Nhiễm aspergillus ở phổi xâm lấn", "Invasive pulmonary aspergillosis"),
    ListedRow(11, ("B45.0",), "Nhiễm cryptococcus ở phổi", "Pulmonary cryptococcosis"),
    ListedRow(12, ("B46.0",), "Nhiễm mucor ở phổi", "Pulmonary mucormycosis"),
    ListedRow(13, ("B46.4",), "Nhiễm mucor lan tỏa", "Disseminated mucormycosis"),
    ListedRow(14, ("C25",), "U ác tụy", "Malignant neoplasm of pancreas", (_SAME,)),
    ListedRow(15, ("C37",), "U ác tuyến ức", "Malignant neoplasm of thymus", (_SAME,)),
    ListedRow(16, ("C38",), "U ác của tim, trung thất và màng phổi",
              "Malignant neoplasm of heart, mediastinum and pleura", (_SAME,), but=("C38.4",)),
    ListedRow(17, ("C41",), "U ác của xương và sụn khớp ở vị trí khác và không xác định",
              "Malignant neoplasm of bone and articular cartilage of other and unspecified sites", (_SAME,)),
    ListedRow(18, ("C70",), "U ác của màng não", "Malignant neoplasm of meninges", (_SAME,)),
    ListedRow(19, ("C71",), "U ác của não", "Malignant neoplasm of brain", (_SAME,)),
    ListedRow(20, ("C72",), "U ác của tủy sống, dây thần kinh sọ và các phần khác của hệ thần kinh trung ương",
              "Malignant neoplasm of spinal cord, cranial nerves and other parts of central nervous system", (_SAME,)),
    ListedRow(21, ("C79.3",), "U ác thứ phát của não và màng não",
              "Secondary malignant neoplasm of brain and cerebral meninges", (_SAME,)),
    ListedRow(22, ("C00-C97",), "Nhóm u ác tính", "Malignant neoplasms", (_SPECIFIC,), children_only=True),
    ListedRow(23, ("C81-C86", "C90-C96"), "U ác của hệ lympho, hệ tạo máu và các mô liên quan",
              "Malignant neoplasms of lymphoid, haematopoietic and related tissue", (_SPECIFIC,), but=("C83.5",)),
    ListedRow(24, ("D46",), "Hội chứng loạn sản tủy xương", "Myelodysplastic syndromes", (_SPECIFIC,)),
    ListedRow(25, ("D61",), "Các thể suy tủy xương khác", "Other aplastic anaemias", (_SPECIFIC,), but=("D61.9",)),
    ListedRow(26, ("D68.6",), "Bệnh tăng đông máu khác (hội chứng kháng phospholipid)", "Other thrombophilia"),
    ListedRow(27, ("D76.2",), "Hội chứng thực bào tế bào máu liên quan đến nhiễm trùng",
              "Haemophagocytic syndrome, infection-associated"),
    ListedRow(28, ("E10.7",), "Bệnh đái tháo đường phụ thuộc insulin (có đa biến chứng)",
              "Type 1 diabetes mellitus with multiple complications", (Condition.DIABETES_TYPE_1,)),
    ListedRow(29, ("E11.7",), "Bệnh đái tháo đường không phụ thuộc insulin (có đa biến chứng)",
              "Type 2 diabetes mellitus with multiple complications", (Condition.DIABETES_TYPE_2,)),
    ListedRow(30, ("E70",), "Rối loạn chuyển hóa acid amin thơm", "Disorders of aromatic amino-acid metabolism",
              children_only=True),
    ListedRow(31, ("E71",), "Rối loạn chuyển hóa acid amin chuỗi nhánh và rối loạn chuyển hóa acid béo",
              "Disorders of branched-chain amino-acid metabolism and fatty-acid metabolism", children_only=True),
    ListedRow(32, ("E72",), "Các rối loạn khác của chuyển hóa acid amin", "Other disorders of amino-acid metabolism",
              children_only=True),
    ListedRow(33, ("E74", "E75", "E76"), "Nhóm rối loạn dự trữ thể tiêu bào (Pompe, MPS, Gaucher, Fabry)",
              "Lysosomal storage disorders (Pompe, MPS, Gaucher, Fabry)", (Condition.WHO_2021, _SAME)),
    ListedRow(34, ("E83.0",), "Rối loạn chuyển hóa đồng (bao gồm cả bệnh Wilson)",
              "Disorders of copper metabolism (Wilson's disease)", (Condition.WILSON,)),
    ListedRow(35, ("E85",), "Thoái hóa dạng bột", "Amyloidosis", (_SPECIFIC,)),
    ListedRow(36, ("F33",), "Rối loạn trầm cảm tái diễn", "Recurrent depressive disorder",
              (Condition.DRUG_RESISTANT, _SAME)),
    ListedRow(37, ("F42",), "Rối loạn ám ảnh nghi thức", "Obsessive-compulsive disorder"),
    ListedRow(38, ("G04",), "Viêm não, viêm tủy và viêm não tủy", "Encephalitis, myelitis and encephalomyelitis",
              but=("G04.2",)),
    ListedRow(39, ("G35",), "Xơ cứng rải rác", "Multiple sclerosis"),
    ListedRow(40, ("G36.0",), "Viêm tủy thị thần kinh [Devic]", "Neuromyelitis optica [Devic]"),
    ListedRow(41, ("G70.0",), "Nhược cơ", "Myasthenia gravis", (Condition.MYASTHENIA, _SAME)),
    ListedRow(42, ("H35.1",), "Bệnh lý võng mạc của trẻ đẻ non", "Retinopathy of prematurity", (_SAME,)),
    ListedRow(43, ("I50",), "Suy tim", "Heart failure", (Condition.HEART_FAILURE,)),
    # The circular prints I51.2 (rupture of papillary muscle); the disease it names is L51.2 in ICD-10. Either counts.
    ListedRow(44, ("I51.2", "L51.2"), "Hoại tử thượng bì nhiễm độc (Lyell, Stevens-Johnson)",
              "Toxic epidermal necrolysis (Lyell, Stevens-Johnson)"),
    ListedRow(45, ("I97.0",), "Hội chứng sau mổ tim", "Postcardiotomy syndrome"),
    ListedRow(46, ("I97.1",), "Rối loạn chức năng khác sau phẫu thuật tim",
              "Other functional disturbances following cardiac surgery"),
    ListedRow(47, ("J84",), "Bệnh phổi mô kẽ khác", "Other interstitial pulmonary diseases"),
    ListedRow(48, ("J85",), "Áp xe phổi và trung thất", "Abscess of lung and mediastinum", (Condition.SEVERE,)),
    ListedRow(49, ("J86",), "Mủ lồng ngực (nhiễm trùng nặng ở phổi)", "Pyothorax", (Condition.SEVERE,)),
    ListedRow(50, ("K50",), "Bệnh Crohn (viêm ruột từng vùng)", "Crohn's disease (regional enteritis)",
              (Condition.CROHN,)),
    ListedRow(51, ("L10",), "Pemphigus", "Pemphigus", (Condition.PEMPHIGUS,)),
    ListedRow(52, ("L95.0",), "Viêm mạch mạng lưới", "Livedoid vasculitis"),
    ListedRow(53, ("L98.2",), "Bệnh da tăng bạch cầu trung tính có sốt [hội chứng Sweet]",
              "Febrile neutrophilic dermatosis [Sweet]"),
    ListedRow(54, ("M32.1",), "Bệnh lupus ban đỏ hệ thống có tổn thương phủ tạng",
              "Systemic lupus erythematosus with organ or system involvement", (Condition.LUPUS, _SAME)),
    ListedRow(55, ("P70.2",), "Đái tháo đường sơ sinh", "Neonatal diabetes mellitus", (_SAME,)),
    ListedRow(56, ("Q04",), "Dị tật bẩm sinh khác của não", "Other congenital malformations of brain", (_SAME,)),
    ListedRow(57, ("Q06",), "Các dị tật bẩm sinh khác của tủy sống", "Other congenital malformations of spinal cord",
              (_SAME,)),
    ListedRow(58, ("Q20-Q28",), "Nhóm các dị tật bẩm sinh của hệ thống tuần hoàn",
              "Congenital malformations of the circulatory system", (Condition.HEART_SURGERY,), children_only=True),
    ListedRow(59, ("Q65",), "Biến dạng bẩm sinh của khớp háng", "Congenital deformities of hip",
              (Condition.JOINT_REPLACEMENT,)),
    ListedRow(60, ("U84.3",), "Kháng (các) thuốc chống lao", "Resistance to tuberculostatic drugs"),
    ListedRow(61, ("Y89.1",), "Di chứng của hoạt động chiến tranh", "Sequelae of war operations", (Condition.MERIT,)),
    ListedRow(62, ("Z94",), "Tình trạng của mảnh ghép cơ quan và tổ chức", "Transplanted organ and tissue status",
              (Condition.TRANSPLANT,)),
)  # fmt: skip
