"""A progress bar on standard error; a line now and then where that is not a terminal."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tqdm import tqdm

from coach.models.sources import Progress


@contextmanager
def bytes_bar(label: str) -> Iterator[Progress]:
    """A bar over bytes; the callback takes what is done and what there is in all."""
    with _bar(label, unit="B", unit_scale=True, unit_divisor=1000) as show:
        yield show


@contextmanager
def count_bar(label: str, unit: str) -> Iterator[Progress]:
    """A bar over things."""
    with _bar(label, unit=f" {unit}") as show:
        yield show


@contextmanager
def _bar(label: str, **style: object) -> Iterator[Progress]:
    every = 0.1 if sys.stderr.isatty() else 10.0
    bar: tqdm[object] = tqdm(desc=label, mininterval=every, file=sys.stderr, **style)  # type: ignore[call-overload]

    def show(done: int, total: int) -> None:
        bar.total = total
        bar.update(done - bar.n)

    try:
        yield show
    finally:
        bar.close()
