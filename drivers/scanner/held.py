"""A code that is held in front of the scanner is one scan, however many frames show it."""


class HeldCodes:
    """Tells new codes from held ones. A code is new when it was out of sight for ``forget_s``."""

    def __init__(self, forget_s: float = 2.0) -> None:
        self._forget_s = forget_s
        self._seen_at_s: dict[bytes, float] = {}

    def is_new(self, payload: bytes, now_s: float) -> bool:
        """Note that ``payload`` is in sight at ``now_s`` (monotonic); return whether it has just come into sight."""
        self._seen_at_s = {code: at for code, at in self._seen_at_s.items() if now_s - at < self._forget_s}
        is_new = payload not in self._seen_at_s
        self._seen_at_s[payload] = now_s
        return is_new
