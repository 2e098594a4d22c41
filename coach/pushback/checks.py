"""What a generated question must be before a person sees it. Pure functions over text, one per rule.

Some rules can be decided on the first words (no advice, no blame); they are also asked of every unfinished text, so
that a question can be shown while it is being written and nothing shown has to be taken back.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from coach.judge.sentences import words
from coach.prompts import question_words

MOST_WORDS = 35
FEWEST_WORDS = 4
_SAME_START = 5

_OPENINGS = frozenset(
    {"what", "when", "where", "which", "who", "whose", "whom", "why", "how", "if", "at", "on", "in", "before", "after"}
)
_ADVICE = re.compile(
    r"\b(should|shouldn't|ought|have you (?:considered|thought|tried)|why (?:don't|didn't|not) you"
    r"|you (?:could|need to|must|might want)|try (?:to|using|adding)|consider|make sure|next time you|be sure"
    r"|I (?:suggest|recommend|would))\b",
    re.IGNORECASE,
)
_BLAME = re.compile(
    r"\b(fault|blame|guilty|guilt|ashamed|shame|ruin(?:ed)?|fail(?:ed|ure|ing)?|wrong with you|stupid|lazy|incompeten\w+|careless"
    r"|mistakes?|mess(?:ed)? up|screw(?:ed)? up|bad (?:leader|manager|person|parent)|neglect\w*|irresponsible|excuse)\b",
    re.IGNORECASE,
)
_LEADING = re.compile(r"\b(isn't it|aren't you|don't you think|wouldn't it|didn't you|weren't you|wasn't it)\b", re.IGNORECASE)
_FIRST_PERSON = re.compile(r"\b(?:I|I'm|I'd|I've|my|me|mine|myself|we|we'd|our|ours|us)\b")
_MARKUP = re.compile(r"[<>*_`#\[\]{}|\\]|https?:|www\.|!\(")
_NUMBER = re.compile(r"\d+")
_NAME = re.compile(r"(?<![.?!“\"] )(?<!^)\b[A-Z][a-z]{2,}\b")


@dataclass(frozen=True)
class Asked:
    """What a question is checked against: the answer it is about and the questions asked before."""

    answer: str
    before: tuple[str, ...] = ()


def no_advice(text: str, asked: Asked) -> bool:
    """It tells nobody what to do."""
    return not _ADVICE.search(text)


def no_blame(text: str, asked: Asked) -> bool:
    """It presupposes no fault, shame or incompetence, unless the very word is the person's own."""
    return all(found.group().lower() in asked.answer.lower() for found in _BLAME.finditer(text))


def not_in_first_person(text: str, asked: Asked) -> bool:
    """It speaks to the person, not as the person."""
    return not _FIRST_PERSON.search(text)


def not_leading(text: str, asked: Asked) -> bool:
    """It is an open question, not a statement with a question mark."""
    return not _LEADING.search(text)


def plain_text(text: str, asked: Asked) -> bool:
    """No markup, no links, no control tokens."""
    return not _MARKUP.search(text)


def no_new_facts(text: str, asked: Asked) -> bool:
    """Every number and every name in it stands in the answer."""
    numbers = all(number in asked.answer for number in _NUMBER.findall(text))
    return numbers and all(name.lower() in asked.answer.lower() for name in _NAME.findall(text))


def grounded(text: str, asked: Asked) -> bool:
    """Every word with a meaning of its own comes from the answer, in that form or a near one (plan, planning)."""
    stems = {_stem(word) for word in words(asked.answer.lower())}
    return all(_stem(word) in stems for word in words(text.lower())[:-1] if _plain(word) not in question_words())


def wholly_grounded(text: str, asked: Asked) -> bool:
    """As ``grounded``, for the finished text: its last word counts too."""
    return grounded(text + " you", asked)


def another_start(text: str, asked: Asked) -> bool:
    """Does not begin like a question asked before."""
    start = words(text.lower())[:_SAME_START]
    return len(start) < _SAME_START or all(words(old.lower())[:_SAME_START] != start for old in asked.before)


def opens_as_question(text: str, asked: Asked) -> bool:
    """Its first word is one that opens a question."""
    found = words(text)
    return not found or found[0].lower() in _OPENINGS


def not_too_long(text: str, asked: Asked) -> bool:
    """At most ``MOST_WORDS`` words."""
    return len(words(text)) <= MOST_WORDS


def one_question(text: str, asked: Asked) -> bool:
    """Exactly one question mark, at its end."""
    return text.count("?") == 1 and text.rstrip().endswith("?") and "\n" not in text.strip()


def long_enough(text: str, asked: Asked) -> bool:
    """More than "Why?"."""
    return len(words(text)) >= FEWEST_WORDS


def not_asked_before(text: str, asked: Asked) -> bool:
    """Differs from every question asked before by more than a word or two."""
    return all(_likeness(text, old) < 0.7 for old in asked.before)


def not_an_echo(text: str, asked: Asked) -> bool:
    """Asks for something beyond the answer's own words."""
    return _fold(text) not in _fold(asked.answer)


Check = Callable[[str, Asked], bool]

WHILE_WRITING: tuple[Check, ...] = (
    no_advice,
    no_blame,
    not_leading,
    not_in_first_person,
    plain_text,
    no_new_facts,
    opens_as_question,
    not_too_long,
    grounded,
    another_start,
)
WHEN_WRITTEN: tuple[Check, ...] = (*WHILE_WRITING, wholly_grounded, one_question, long_enough, not_asked_before, not_an_echo)


def failures(text: str, asked: Asked, checks: tuple[Check, ...] = WHEN_WRITTEN) -> list[str]:
    """The names of the checks that a text does not pass.

    >>> failures("You should plan more.", Asked("I'll be more careful"))
    ['no_advice', 'opens_as_question', 'grounded', 'wholly_grounded', 'one_question']
    """
    return [check.__name__ for check in checks if not check(text, asked)]


def _plain(word: str) -> str:
    """A word without what is cut off it: 'what's' counts as 'what'."""
    return re.split(r"['’]", word)[0]


def _stem(word: str) -> str:
    """A crude stem, good enough to see that 'planning' is 'plan': endings off, then at most six letters."""
    base = re.sub(r"(ing|ed|es|s|ly|ment|er|ion|ions)$", "", _plain(word))
    return base[:6] if len(base) >= 3 else word[:6]


def _fold(text: str) -> str:
    return " ".join(words(text.lower()))


def _likeness(one: str, other: str) -> float:
    """Shared share of two texts' words (Jaccard)."""
    left, right = set(words(one.lower())), set(words(other.lower()))
    return len(left & right) / max(len(left | right), 1)
