"""What a new version of an answer has that the one before had not: named in its own words before the coach asks for the rest.

Only what can be checked is counted as better: a time, a trigger, a number, a name, or a step that the person took or left out,
in words that the judge has nothing against. Which of them count for a finding is said in its file.
"""

import difflib
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import get_args

from coach.judge.sentences import Span
from coach.schema import GainKind

KINDS: tuple[GainKind, ...] = get_args(GainKind)

_MOST_QUOTED = 7
_MOST_STEP_WORDS = 7
_MOST_CHARACTERS = 20_000  # what the judge reads of an answer (``coach.judge.reading``)
_MOST_WORDS = 400  # of each version: laying them beside each other takes time with the square, and more where words repeat

_DAY = (
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?|january|february|march|april|may|june|july|august|september|october|november|december"
    r"|noon|midnight|tomorrow|yesterday|tonight|\d{1,2}(?::\d\d)? ?[ap]\.?m\b\.?|\d{1,2}[:.]\d\d|\d{1,2} o'clock"
)
_UNIT = r"mornings?|evenings?|nights?|lunch(?:time)?|breakfast|weeks?|weekends?|months?|quarters?|minutes?|hours?|days?|term|year"
_BEFORE = r"(?:on|by|before|after|until|at|in|every|each|within|from)"
_SAID: dict[GainKind, str] = {
    "trigger": "“{}” gives it a moment.",
    "time": "“{}” puts a time to it.",
    "number": "“{}” can be counted.",
    "name": "“{}” says who.",
    "step": "“{}” is a step one can look at.",
}
_JOINED = re.compile(r"\s(?:and|but|because|so|which|since|as)\s", re.I)
_DID = (
    "never|always|assumed|decided|chose|skipped|forgot|left|took|kept|trusted|hadn['’]t|had not|signed|sent|booked|picked|copied"
    "|guessed|moved|agreed|accepted|waited|ignored|relied|planned|asked|checked|priced|measured|missed|reckoned|promised|posted|bought"
    "|gave|let|ran|set|used|put|told (?!you)|heard|wrote|opened|changed|drew|cut|said yes"
)
_NO_ACT = "want|care|need|try|think|know|mean|like|believe"
_COUNTED_AMONG = r"times?\b|percent|per\b|more\b|odd\b|of\b|past\b|years\b|or\b|and\b|in\b"
_FIGURES = r"\d[\d,.]{0,20}"
_PATTERNS: dict[GainKind, re.Pattern[str]] = {
    "trigger": re.compile(r"\b(?:when|whenever|before|after|as soon as|every time|each time|once)\b(?: [\w'’]+){2,5}", re.I),
    "time": re.compile(
        rf"\b{_BEFORE} (?:(?!that|this|the end of)\w+ ){{0,2}}(?:{_DAY}|(?<!in ){_UNIT})"
        rf"(?: (?:{_UNIT}|at noon|at \d[\d:.]*|\d{{1,2}}(?:st|nd|rd|th)?))?(?![\w-])"
        rf"|\b(?:{_DAY})(?: (?:{_UNIT}|\d{{1,2}}))?(?![\w-])(?! be\b)",
        re.I,
    ),
    "number": re.compile(
        rf"(?<![\w-])(?:[£$€] ?{_FIGURES}k?|(?:{_FIGURES}|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|thirty|fifty)"
        rf" (?!{_COUNTED_AMONG})[a-z][\w'’-]{{2,}})",
        re.I,
    ),
    "step": re.compile(rf"\b(?:I|we)(?:'d|’d| had)?(?: \w+ly)? (?:{_DID}|didn['’]t (?!{_NO_ACT})\w+)\b[^.!?;,\n]*", re.I),
    "name": re.compile(rf"(?<![.?!“\"\n] )(?<!^)\b(?!I\b|I'|Mr\b|Mrs\b|Ms\b|(?i:{_DAY}))[A-Z][a-z]+(?: [A-Z][a-z]+)?\b"),
}


@dataclass(frozen=True)
class Gain:
    """A piece of the new version that the old one had not, verbatim."""

    text: str
    kind: GainKind

    @property
    def clause(self) -> str:
        """What is better now, as a short sentence with the piece quoted."""
        return _SAID[self.kind].format(self.text)


def gain(old: str, new: str, kinds: Iterable[GainKind], against: Sequence[Span] = ()) -> Gain | None:
    """The most telling piece of the wanted kinds that is new, or None.

    Args:
        against: ranges of the new version that the judge found something in; no step is taken from there.

    >>> gain("I'll plan better.", "I'll plan my week on Sundays.", ["trigger", "time"])
    Gain(text='on Sundays', kind='time')
    >>> gain("I'll plan better.", "I'll really plan better.", KINDS) is None
    True
    """
    old, new = old[:_MOST_CHARACTERS], new[:_MOST_CHARACTERS]
    fresh, wanted = list(_fresh_parts(old, new)), set(kinds)
    for kind in KINDS:
        found = _pieces(kind, new, fresh, against) if kind in wanted else ()
        text = next((piece for piece in found if piece.lower() not in old.lower()), None)
        if text:
            return Gain(text, kind)
    return None


def _pieces(kind: GainKind, new: str, fresh: Sequence[Span], against: Sequence[Span]) -> Iterator[str]:
    """Short pieces of one kind that are mostly new; a step is cut off where another clause begins."""
    step = kind == "step"
    most = _MOST_STEP_WORDS if step else _MOST_QUOTED
    for match in _PATTERNS[kind].finditer(new):
        text = (_JOINED.split(match.group())[0] if step else match.group()).rstrip(" ,.;:")
        start = match.start() + len(text) - len(text.lstrip())
        span, text = (start, match.start() + len(text)), text.lstrip()
        accused = step and _covered(span, against)
        if not accused and 2 * _covered(span, fresh) >= len(text) and len(text.split()) <= most:
            yield text


def _fresh_parts(old: str, new: str) -> Iterator[Span]:
    """The ranges of the new text whose words are not in the old one, in order."""
    here = list(itertools.islice(re.finditer(r"\S+", new), _MOST_WORDS))
    plain = [_plain(match.group()) for match in here]
    matcher = difflib.SequenceMatcher(None, [_plain(word) for word in old.split()[:_MOST_WORDS]], plain, autojunk=False)
    for tag, _, _, start, end in matcher.get_opcodes():
        if tag in ("insert", "replace"):
            yield here[start].start(), here[end - 1].end()


def _covered(span: Span, parts: Sequence[Span]) -> int:
    """How many characters of a range lie in some of the parts."""
    return sum(max(0, min(span[1], end) - max(span[0], start)) for start, end in parts)


def _plain(word: str) -> str:
    return word.lower().strip(".,;:!?\"'“”’()")
