"""Reading the headers of coded video bit by bit. In the child."""

from __future__ import annotations


class Bits:
    """Reads ``data`` from the front. Raises ``EOFError`` behind its end."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = 8 * len(data)

    def take(self, count: int) -> int:
        """``count`` bits as a number."""
        self._left -= count
        if self._left < 0:
            raise EOFError
        return self._value >> self._left & ((1 << count) - 1)

    def flag(self) -> bool:
        """One bit."""
        return bool(self.take(1))

    def number(self) -> int:
        """An Exp-Golomb code (ITU-T H.264, 9.1)."""
        zeros = 0
        while not self.flag():
            zeros += 1
        return (1 << zeros) - 1 + self.take(zeros)

    def signed(self) -> int:
        """A signed Exp-Golomb code."""
        code = self.number()
        return (code + 1) // 2 if code % 2 else -(code // 2)
