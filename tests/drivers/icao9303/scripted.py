"""A connection that plays back a recorded exchange and checks every command on the way."""

from collections.abc import Sequence


class ScriptedConnection:
    """``exchanges``: (command, answer with status word), both in hex."""

    atr = b""
    supports_extended_length = False

    def __init__(self, exchanges: Sequence[tuple[str, str]]) -> None:
        self._exchanges = list(exchanges)
        self.resets = 0

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        expected, answer = self._exchanges.pop(0)
        assert command.hex().upper() == expected.replace(" ", "").upper()
        raw = bytes.fromhex(answer)
        return raw[:-2], int.from_bytes(raw[-2:], "big")

    def reset(self) -> None:
        self.resets += 1

    def close(self) -> None:
        assert not self._exchanges, "commands were left out"
