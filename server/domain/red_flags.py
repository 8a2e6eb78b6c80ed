"""Signs at which nobody takes a number: staff are called at once.

A hospital may set its own list in config.yaml; this is what stands without one. It names what a patient or companion
sees, not a diagnosis, in words that need no schooling. The signs are those emergency triage looks for first: airway,
breathing, circulation, consciousness, sudden loss of function, childbirth, poisoning and injury.
"""

from typing import Final

RED_FLAGS: Final = (
    ("breathing", "Khó thở, tím tái", "Hard to breathe, turning blue"),
    ("chest-pain", "Đau ngực dữ dội", "Severe chest pain"),
    ("stroke", "Đột ngột yếu liệt, méo miệng, nói khó", "Sudden weakness, slurred speech"),
    ("unconscious", "Ngất, lơ mơ, gọi không đáp", "Fainting, does not answer"),
    ("fit", "Co giật", "Fits"),
    ("bleeding", "Chảy máu nhiều, nôn ra máu", "Heavy bleeding, vomiting blood"),
    ("childbirth", "Có thai: ra máu, sắp sinh", "Pregnant: bleeding, giving birth"),
    ("allergy", "Dị ứng nặng, sưng mặt", "Severe allergy, swollen face"),
    ("injury", "Tai nạn, bỏng, chấn thương nặng", "Accident, burn, bad injury"),
    ("poison", "Ngộ độc, rắn cắn, uống nhầm thuốc", "Poisoning, snake bite"),
)
"""Code, Vietnamese, English; at most ten and of two short lines, so that all stand on one screen."""
