"""What the two sources of model files share."""

from collections.abc import Callable

Progress = Callable[[int, int], None]
"""Called with bytes done and bytes in all."""


class SourceFailed(Exception):
    """This source cannot give the file now; another one may."""
