"""What the app and the process that holds the models say to each other, one pickled message at a time.

The app sends ``Load``, ``Call``, ``Prepare`` or ``Write`` and gets ``Done`` or ``Failed`` for each, in order. While a ``Load`` is
under way there may be a ``Loading`` now and then, which nobody answers; while a ``Write`` is, there is a ``Step`` for each round of
tokens, answered by ``GoesOn``. Requests are numbered from 1 up; ``Stop`` names one and may come at any time.
"""

from dataclasses import dataclass
from typing import Any

from coach.llm.base import Prompt, Sampling, Token


@dataclass(frozen=True)
class Load:
    """Make a model and keep it under a name. ``maker`` is the callable that makes it, as "module:name".

    It gets the arguments and, by the keyword ``progress``, whom to tell how far it is.
    """

    role: str
    maker: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True)
class Call:
    """Call a method of a model."""

    role: str
    number: int
    method: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True)
class Prepare:
    """Evaluate a piece of a prompt's fixed part; the answer is whether all of it is kept now."""

    role: str
    number: int
    prompt: Prompt


@dataclass(frozen=True)
class Write:
    """Write continuations."""

    role: str
    number: int
    prompt: Prompt
    samplings: tuple[Sampling, ...]


@dataclass(frozen=True)
class GoesOn:
    """The answer to a ``Step``: the candidates that are to end."""

    number: int
    ended: frozenset[int]


@dataclass(frozen=True)
class Stop:
    """Give up the request of this number, wherever it is: it fails with GivenUp. One that is over is not touched."""

    number: int


@dataclass(frozen=True)
class Loading:
    """How far the ``Load`` under way is, 0 to 1."""

    fraction: float


@dataclass(frozen=True)
class Step:
    """The tokens since the last step, in the order in which they were drawn."""

    tokens: tuple[Token, ...]


@dataclass(frozen=True)
class Done:
    """A request was carried out; ``value`` is its result, for ``Write`` the tokens that no step has brought and all states."""

    value: Any = None


@dataclass(frozen=True)
class Failed:
    """A request failed: the name of one of our errors and its text, which holds nothing that a person wrote."""

    error: str
    text: str
