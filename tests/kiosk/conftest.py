"""One decoder for all the kiosks of a file: it is a process of its own, which has OpenCV to load."""

from collections.abc import Iterator

import pytest

from drivers.scanner.pictures import PictureDecoder
from drivers.simulated import scanner


class KeptDecoder(PictureDecoder):
    def close(self) -> None:
        """Stay for the next kiosk."""

    def end(self) -> None:
        super().close()


@pytest.fixture(scope="module", autouse=True)
def decoder() -> Iterator[None]:
    kept = KeptDecoder()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scanner, "PictureDecoder", lambda: kept)
        yield
    kept.end()
