"""Reading what anybody may have written: files that may be none, YAML that may be a trap, names that may turn a screen around."""

import os
import re
import stat
from pathlib import Path
from typing import BinaryIO

import yaml
from yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, Event, ScalarEvent

_FULL = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one in C is ten times as quick, and not everywhere
_WORDS = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

_MOST_DEPTH = 20
"""Lists in lists in YAML; the deepest of ours has nine. Time and memory grow with the square of the depth."""

_MOST_ALIASES = 10
"""Ten can make a document some forty times as large, and are enough for a person's shorthand; ten lines of ten fill a disk."""

_MOST_NAME = 120
"""Characters of somebody else's name for a thing that stand in a message of ours: a line or two."""

_SIXTIES = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")
_MOST_SIXTIES = 20  # characters; YAML 1.1 takes 1:30:00 for a number, and works on a long one for hours


def open_plain(path: Path) -> BinaryIO:
    """Open a file of bytes. Raises OSError, for a pipe or a device too: reading one may never end."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError("not a plain file")
    return os.fdopen(handle, "rb")


def read_plain(path: Path, most: int, encoding: str = "utf-8") -> str:
    """The text of a file. Raises OSError, and ValueError where it is longer than ``most`` bytes or not in that encoding."""
    with open_plain(path) as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise ValueError("too large")
    return data.decode(encoding)


def load_yaml(text: str, *, words_only: bool = False) -> object:
    """What a YAML document holds. Raises ValueError, whatever is wrong with it; more than a few aliases are wrong, too.

    ``words_only``: every scalar comes as the text that it is written as.

    >>> load_yaml("a: [1, x]"), load_yaml("a: [1, x]", words_only=True)
    ({'a': [1, 'x']}, {'a': ['1', 'x']})
    """
    try:
        depth = aliases = 0
        for event in yaml.parse(text, Loader=_FULL):
            depth, aliases = _depth_after(event, depth), aliases + isinstance(event, AliasEvent)
            if depth > _MOST_DEPTH or aliases > _MOST_ALIASES:
                raise ValueError("too deep, or too many aliases")
        return yaml.load(text, Loader=_WORDS if words_only else _FULL)
    except (yaml.YAMLError, ArithmeticError, AttributeError, LookupError, RecursionError, TypeError) as exc:
        raise ValueError(f"not YAML ({type(exc).__name__})") from None


def _depth_after(event: Event, depth: int) -> int:
    """How deep the document is behind an event. Raises ValueError for a scalar that could take for ever to be understood."""
    if isinstance(event, ScalarEvent):
        if event.style is None and len(event.value) > _MOST_SIXTIES and _SIXTIES.fullmatch(event.value):
            raise ValueError("a number in sixties")
    elif isinstance(event, CollectionStartEvent):
        depth += 1
    elif isinstance(event, CollectionEndEvent):
        depth -= 1
    return depth


def shown(text: str, most: int = _MOST_NAME) -> str:
    r"""Somebody else's words in a message of ours: on one line, without signs that a terminal obeys, and bounded.

    >>> shown("notes\x1b[2J\n.md")
    'notes?[2J .md'
    """
    line = " ".join(text[: 10 * most].split())
    plain = "".join(sign if sign.isprintable() else "?" for sign in line)
    return plain if len(plain) <= most else f"{plain[:most]}…"
