"""Words on the server's screens: a catalogue per area, Vietnamese first, English complete.

A text is looked up by a stable code and may hold ``{names}``. A code nobody wrote a text for is a mistake of ours and
raises KeyError; codes that come from a device go through ``find``, which leaves them readable.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

Language = Literal["vi", "en"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
Catalogue = Mapping[str, tuple[str, str]]  # code -> Vietnamese, English


@dataclass(frozen=True, slots=True)
class Texts:
    """One language of some catalogues; callable, as templates write ``t("code")``."""

    language: Language
    catalogues: tuple[Catalogue, ...]

    def __call__(self, code: str, /, **values: object) -> str:
        return self._choose(self._entry(code)).format(**values)

    def find(self, prefix: str, code: str) -> str:
        """Return the text of ``prefix.code``; the code itself when nobody wrote one (a newer kiosk knows more).

        A code may end in a place, ``pa.hash_wrong.dg1``, which is put behind the text of the code without it.
        """
        for text_code, place in ((code, ""), (code.rpartition(".")[0], code.rpartition(".")[2])):
            if self.has(f"{prefix}.{text_code}"):
                text = self._choose(self._entry(f"{prefix}.{text_code}"))
                return f"{text} ({place.upper()})" if place else text
        return code

    def has(self, code: str) -> bool:
        return any(code in catalogue for catalogue in self.catalogues)

    def either(self, vietnamese: str, english: str) -> str:
        """Return one of two names that the data itself carries in both languages."""
        return english if self.language == "en" else vietnamese

    def _entry(self, code: str) -> tuple[str, str]:
        for catalogue in self.catalogues:
            if code in catalogue:
                return catalogue[code]
        raise KeyError(code)

    def _choose(self, entry: tuple[str, str]) -> str:
        return self.either(*entry)
