"""Days and quarters as one says them."""

from calendar import monthrange
from datetime import date
from typing import NamedTuple


def day(date: date) -> str:
    """A date as one says it.

    >>> day(date(2026, 3, 5))
    '5 March 2026'
    """
    return f"{date.day} {date:%B %Y}"


class Quarter(NamedTuple):
    """A quarter of a year; quarters compare as moments do."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> "Quarter":
        """The quarter that a day lies in.

        >>> str(Quarter.of(date(2026, 5, 1)))
        '2026 Q2'
        """
        return cls(day.year, (day.month - 1) // 3 + 1)

    def __str__(self) -> str:
        return f"{self.year} Q{self.number}"

    @property
    def next(self) -> "Quarter":
        """The one behind it."""
        return Quarter(self.year + self.number // 4, self.number % 4 + 1)

    @property
    def before(self) -> "Quarter":
        """The one before it.

        >>> str(Quarter(2026, 1).before)
        '2025 Q4'
        """
        return Quarter(self.year - (self.number == 1), (self.number - 2) % 4 + 1)

    @property
    def first_day(self) -> date:
        """The day it begins."""
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def last_day(self) -> date:
        """The day it ends.

        >>> Quarter(2025, 4).last_day
        datetime.date(2025, 12, 31)
        """
        month = 3 * self.number
        return date(self.year, month, monthrange(self.year, month)[1])


def period_name(since: date, until: date) -> str:
    """What a review of a period is called.

    >>> period_name(date(2026, 7, 1), date(2026, 9, 30)), period_name(date(2026, 7, 2), date(2026, 9, 30))
    ('Quarterly review 2026 Q3', 'Review of 2 July 2026 to 30 September 2026')
    """
    quarter = Quarter.of(since)
    if (since, until) == (quarter.first_day, quarter.last_day):
        return f"Quarterly review {quarter}"
    return f"Review of {day(since)} to {day(until)}"
