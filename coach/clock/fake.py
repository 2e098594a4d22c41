"""A clock that a test moves by hand."""

from datetime import UTC, datetime, timedelta


class FakeClock:
    """Starts at noon on 15 March 2026 (UTC) and stands still until moved.

    >>> clock = FakeClock()
    >>> clock.move(timedelta(days=1))
    >>> clock.now().day
    16
    """

    def __init__(self, start: datetime = datetime(2026, 3, 15, 12, tzinfo=UTC)) -> None:
        self._now = start

    def now(self) -> datetime:
        """The moment it was set to."""
        return self._now

    def move(self, by: timedelta) -> None:
        """Let time pass."""
        self._now += by
