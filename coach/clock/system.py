"""The machine's own clock."""

from datetime import datetime


class SystemClock:
    """Local time with its zone."""

    def now(self) -> datetime:
        """The present moment."""
        return datetime.now().astimezone()
