"""Draws that can be made once more, so that a model is built again on another number of steps."""

import random
from typing import Callable, TypeVar

T = TypeVar("T")


class Draw:
    """Draws from a seed, or, with what an earlier one drew, the same again."""

    def __init__(self, seed: int, drawn: list | None = None):
        self._random = random.Random(seed)
        self._again = None if drawn is None else iter(drawn)
        self.drawn: list = []

    def _keep(self, make: Callable[[], T]) -> T:
        value = make() if self._again is None else next(self._again)
        self.drawn.append(value)
        return value

    def integer(self, low: int, high: int) -> int:
        return self._keep(lambda: self._random.randint(low, high))

    def chance(self, share: float) -> bool:
        return self._keep(lambda: self._random.random() < share)

    def choice(self, options: list[T]) -> T:
        return options[self._keep(lambda: self._random.randrange(len(options)))]

    def when(self, condition: bool) -> bool:
        """A condition on the shape, which decides as it did the first time."""
        return self._keep(lambda: condition)

    def kind(self, kinds: dict[str, Callable[[], T]], possible: dict[str, bool] | None = None) -> T:
        """Makes one of several; those that are not `possible` for this shape are left out."""
        names = [name for name in kinds if (possible or {}).get(name, True)]
        return kinds[self._keep(lambda: self._random.choice(names))]()
