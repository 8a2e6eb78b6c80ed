"""Words on the server's screens: a catalogue per area, Vietnamese first, English complete.

A text is looked up by a stable code and may hold ``{names}``. A code nobody wrote a text for is a mistake of ours and
raises KeyError; codes that come from a device go through ``find``, which leaves them readable.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Final, Literal, get_args

Language = Literal["vi", "en"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
Catalogue = Mapping[str, tuple[str, str]]  # code -> Vietnamese, English


def combined(*catalogues: Catalogue) -> Catalogue:
    """Return one catalogue of several; raises ValueError when one would hide a text of another."""
    twice = sorted(code for code, times in Counter(chain.from_iterable(catalogues)).items() if times > 1)
    if twice:
        raise ValueError(f"texts hidden by others of the same code: {', '.join(twice)}")
    return {code: texts for catalogue in catalogues for code, texts in catalogue.items()}


@dataclass(frozen=True, slots=True)
class Texts:
    """One language of a catalogue; callable, as templates write ``t("code")``."""

    language: Language
    catalogue: Catalogue

    def __call__(self, code: str, /, **values: object) -> str:
        return self.either(*self.catalogue[code]).format(**values)

    def find(self, prefix: str, code: str) -> str:
        """Return the text of ``prefix.code``; the code itself when nobody wrote one (a newer kiosk knows more).

        A code may end in a place, ``pa.hash_wrong.dg1``, which is put behind the text of the code without it.
        """
        for text_code, place in ((code, ""), (code.rpartition(".")[0], code.rpartition(".")[2])):
            if self.has(f"{prefix}.{text_code}"):
                text = self.either(*self.catalogue[f"{prefix}.{text_code}"])
                return f"{text} ({place.upper()})" if place else text
        return code

    def has(self, code: str) -> bool:
        return code in self.catalogue

    def either(self, vietnamese: str, english: str) -> str:
        """Return one of two names that the data itself carries in both languages."""
        return english if self.language == "en" else vietnamese
