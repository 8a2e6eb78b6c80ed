"""Every word a patient reads, one catalogue per language; the same keys in each, held by a test.

Vietnamese is the original. It addresses nobody by age or sex ("quý vị", "xin mời", "vui lòng"), uses words of the
hospital corridor, and one word for one thing: thẻ, mã QR, phiếu (the slip), số (the number on it), quầy (the desk).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final

from kiosk.conversation.view import Language
from kiosk.screens.texts.catalogue import Catalogue, ProblemText, VerdictText
from kiosk.screens.texts.en import ENGLISH
from kiosk.screens.texts.vi import VIETNAMESE
from server.domain.places import place_words

_EXPLAINED: Final = frozenset({"chip-consistent", "chip-read", "mrz", "qr"})
"""Verdicts a patient may wonder about; the others say all there is to say."""

_HOURS_FROM_MIN: Final = 100
"""More digits would not stand beside a price, and promise more than anybody can know."""

CATALOGUES: Final[Mapping[Language, Catalogue]] = {"vi": VIETNAMESE, "en": ENGLISH}

__all__ = ["CATALOGUES", "Catalogue", "ProblemText", "Texts", "VerdictText"]


@dataclass(frozen=True, slots=True)
class Texts:
    """One language as the templates use it."""

    language: Language

    @property
    def catalogue(self) -> Catalogue:
        return CATALOGUES[self.language]

    def __call__(self, key: str, **values: object) -> str:
        """Return the phrase ``key`` with its ``{placeholders}`` filled; raises KeyError for one that does not exist."""
        return self.catalogue.phrases[key].format(**values)

    def around(self, key: str, placeholder: str) -> tuple[str, str]:
        """Return what stands before and after the one ``{placeholder}`` of a phrase whose number the page counts."""
        before, _, after = self.catalogue.phrases[key].partition(f"{{{placeholder}}}")
        return before, after

    def count(self, key: str, number: int) -> str:
        """Return the phrase for ``number`` things: ``key.none``, ``key.one`` or ``key.many``."""
        form = "none" if number == 0 else "one" if number == 1 else "many"
        return self(f"{key}.{form}", number=number)

    def wait(self, least_min: int, most_min: int) -> str:
        """Return an expected wait as a range: in minutes, from a hundred on in whole hours, rounded outwards."""
        if most_min < _HOURS_FROM_MIN:
            return self("choose.wait", least=least_min, most=most_min)
        least, most = least_min // 60, -(-most_min // 60)
        return self("choose.wait.hours" if least else "choose.wait.hour", least=least, most=most)

    def problem(self, code: str | None) -> ProblemText:
        """Return what to tell a patient; a code of its own family, or a general one, stands in for an unknown one."""
        problems = self.catalogue.problems
        family = (code or "").partition(".")[0]
        return problems.get(code or "") or problems.get(f"{family}.*") or problems["*"]

    def printer(self, code: str | None) -> str:
        """Return one sentence on why the slip did not come out."""
        return self.catalogue.printer_troubles.get(code or "", self.catalogue.printer_troubles["*"])

    def notice(self, code: str) -> str:
        """Return a passing hint; a problem that came when it needs no page of its own is told by its title."""
        for one in (code, f"{code.partition('.')[0]}.*"):
            if one in self.catalogue.notices:
                return self.catalogue.notices[one]
            if one in self.catalogue.problems:
                return self.catalogue.problems[one].title
        return self.catalogue.notices["*"]

    def verdict(self, code: str, reasons: Collection[str] = ()) -> VerdictText:
        """Return how sure the kiosk is of a person, in plain words, and why where ``reasons`` tell."""
        verdict = self.catalogue.verdicts.get(code, self.catalogue.verdicts["*"])
        if code not in _EXPLAINED:
            return verdict
        ground = next((words for reason, words in self.catalogue.grounds.items() if reason in reasons), None)
        return replace(verdict, meaning=ground) if ground else verdict

    def place(self, room: str, floor: str) -> str:
        """Return where to go: ``Phòng 101, Tầng 1``, ``Room 101, Floor 1``; other names of places stay as they are."""
        phrases = self.catalogue.phrases
        return ", ".join(
            place_words(room, floor, room_phrase=phrases["place.room"], floor_phrase=phrases["place.floor"])
        )

    def money(self, amount_vnd: int) -> str:
        """Return an amount as this language writes it: ``50.000 đ``, ``50,000 VND``."""
        separator = self.catalogue.thousands
        return self("money", amount=f"{amount_vnd:,}".replace(",", separator))
