"""Where the files that ship with the program are: beside the package in a checkout, inside it when installed."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def shipped(name: str) -> Path:
    """The shipped file or folder of that name, e.g. ``prompts``.

    >>> shipped("prompts").is_dir()
    True
    """
    inside = _PACKAGE / "_shipped" / name
    return inside if inside.exists() else _PACKAGE.parent / name
