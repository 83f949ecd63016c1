"""Columns that were computed once and are used by many trials, oldest use forgotten first."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Final, TypeVar

import numpy.typing as npt

Column = TypeVar("Column", bound=npt.NDArray[Any])
Columns = tuple[npt.NDArray[Any], ...]
DEFAULT_CAPACITY_BYTES: Final = 256 * 1024 * 1024


class ColumnCache:
    """Keeps at most `capacity_bytes` of columns. What it returns is shared and cannot be written to.

    `hits`, `misses` and `evictions` count since it was made. One thread at a time.
    """

    def __init__(self, capacity_bytes: int = DEFAULT_CAPACITY_BYTES) -> None:
        self.capacity_bytes = capacity_bytes
        self.used_bytes = 0
        self.hits = 0
        self.misses = 0
        self.evictions = 0
        self._entries: OrderedDict[Hashable, Columns] = OrderedDict()

    def get(self, key: Hashable, compute: Callable[[], Columns]) -> Columns:
        """Return the columns of this key, computing them if they are not there. What is too large is not kept."""
        if key in self._entries:
            self.hits += 1
            self._entries.move_to_end(key)
            return self._entries[key]
        self.misses += 1
        columns = tuple(lock(column) for column in compute())
        self._keep(key, columns)
        return columns

    def clear(self) -> None:
        """Forget all columns; the counters go on."""
        self._entries.clear()
        self.used_bytes = 0

    def _keep(self, key: Hashable, columns: Columns) -> None:
        size = _bytes_of(columns)
        if size > self.capacity_bytes:
            return
        while self.used_bytes + size > self.capacity_bytes:
            _, forgotten = self._entries.popitem(last=False)
            self.used_bytes -= _bytes_of(forgotten)
            self.evictions += 1
        self._entries[key] = columns
        self.used_bytes += size


def lock(values: Column) -> Column:
    """Return a view that cannot be written to."""
    view = values.view()
    view.setflags(write=False)
    return view


def _bytes_of(columns: Columns) -> int:
    return sum(column.nbytes for column in columns)
