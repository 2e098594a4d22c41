"""Finds what is private in a text: names of people, companies and places, amounts, and ways to reach somebody. Rules only.

A word in capitals is taken for a name unless it is a common word where a sentence begins. It is better to show one too many: each
is shown to the person, who decides.
"""

import bisect
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from coach.prompts import common_words, name_words

What = Literal["name", "amount", "contact", "number"]
Place = tuple[int, int, What]

INSTEAD: dict[What, str] = {"name": "someone", "amount": "an amount", "contact": "[left out]", "number": "[a number]"}
"""What stands in the place of what is left out, until the person puts it better."""

_WORDS = name_words()
_NEVER, _ALSO_NAMES, _JOINS = _WORDS["never"], _WORDS["also_names"], _WORDS["joins"]
_COMPANY = re.compile(rf"\b(?:{'|'.join(sorted(_WORDS['companies']))})\b")
_MONEY = "|".join(sorted(_WORDS["currencies"], key=len, reverse=True))
_SCALE = r"(?:k|m|bn|million|billion|thousand|hundred|grand)"
_SPELT = (
    r"(?:half a|a|an|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen"
    r"|(?:twen|thir|for|fif|six|seven|eigh|nine)ty(?:-\w+)?)(?:\s(?:hundred|thousand))*"
)
_DIGITS = r"\d[\d.,’']{0,30}"  # bounded, as every part is that could be read over and over from each place in a long run
_AMOUNT = re.compile(
    rf"(?:[$€£¥₹]|\b(?:USD|EUR|GBP|CHF|Rs\.?)\s?)\s?{_DIGITS}(?:\s?{_SCALE}\b)?"
    rf"|\b{_DIGITS}\s?(?:{_SCALE}\s)?(?:(?:{_MONEY})\b|[€£$])|\b{_DIGITS}\s?(?:k|million|billion|grand)\b"
    rf"|\b(?:{_SPELT})\s(?:hundred|thousand|million|billion|grand)\b(?:\s(?:{_MONEY})\b)?|\b(?:{_SPELT})\s(?:{_MONEY})\b",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"\b[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{1,190}\b|\bhttps?://\S+|\bwww\.\S+|(?<!\w)@\w{2,}"
    r"|\b[\w-]{1,63}\.(?:com|org|net|io|co|de|fr|uk|eu|ch|at|nl|info|app|dev|example)\b(?:/\S*)?"
    r"|\b(?:\d{1,3}\.){3}\d{1,3}\b|\+?\d[\d ()/-]{7,}\d|\b(?:\d{3}[.-])?\d{3}[.-]\d{4}\b"
    r"|\b\d{1,5}\s(?:[A-Z][a-z]+\s){1,3}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Drive|Way|Close)\b"
)
_DAY = re.compile(r"\d{4}-\d\d?-\d\d?")
_NUMBER = re.compile(
    r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b|(?<!\w)(?:[A-Z]{1,5}[-#]?\d{3,}[\w-]*|#\d{2,})\b"
)
_WORD = re.compile(r"[^\W\d_][\w’'-]*(?:\.(?=\w)[\w]+)*")
_ASKS = re.compile(r"\s(?:I|it|he|she|they|we|you|the|this|that|there|anyone|anybody|someone)\b")
_MONTHS = {"May", "June", "April", "August", "March"}
_NEAR = 50  # characters before a word that tell whether a sentence begins there, or a month
_BEHIND_A_MONTH = re.compile(r",?\s\d")
_BEFORE_A_MONTH = re.compile(
    r"(?:\d(?:st|nd|rd|th)?|\b(?:in|on|since|until|till|by|last|next|of|from|to|early|late|mid|this|every|each|during|before|after))[\s-]+$",
    re.IGNORECASE,
)
_ACTS = re.compile(
    r"\s(?:was|is|had|has|said|asked|told|wrote|came|went|did|called|who|wanted|thought|and|took|gave|made)\b|['’]s\b"
)


@dataclass(frozen=True)
class Private:
    """Something private, as it is written; ``instead`` is what could stand in its place."""

    text: str
    what: What
    instead: str


def private_in(text: str, names: Iterable[str] = ()) -> list[Private]:
    """What is private, each once, in the order in which it comes. ``names``: found by other means, and kept where they stand.

    >>> [one.text for one in private_in("I told Dana Smith that Acme Ltd owed us $4,000.")]
    ['Dana Smith', 'Acme Ltd', '$4,000']
    """
    found = list[Place]()
    patterns: list[tuple[re.Pattern[str], What]] = [(_NUMBER, "number"), (_CONTACT, "contact"), (_AMOUNT, "amount")]
    for pattern, what in patterns:
        found += _apart([(one.start(), one.end(), what) for one in pattern.finditer(text) if not _DAY.match(one.group())], found)
    found += _apart([(start, end, "name") for start, end in _names(text)], found)
    for name in names:
        found += [(m.start(), m.end(), "name") for m in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text)]
    result: dict[str, Private] = {}
    for start, end, what in sorted(found, key=lambda one: (one[0], -one[1])):
        words = text[start:end].strip(" .,;:")
        if words and words not in result:
            result[words] = Private(words, what, _instead(words, what))
    return list(result.values())


def without(text: str, left_out: Iterable[tuple[str, str]]) -> str:
    """A text with each of some words replaced, longer ones first, wherever they stand as words.

    >>> without("Dana's plan. Dana Smith left.", [("Dana", "someone"), ("Dana Smith", "a colleague")])
    "Someone's plan. A colleague left."
    """
    pairs = sorted((pair for pair in left_out if pair[0]), key=lambda pair: -len(pair[0]))
    if not pairs:
        return text
    instead = dict(pairs)
    pattern = re.compile("|".join(rf"(?<!\w){re.escape(words)}(?!\w)" for words, _ in pairs))
    replaced = pattern.sub(lambda found: _put(text, found, instead[found.group()]), text)
    return re.sub(r"[ \t]{2,}", " ", replaced)


def _put(text: str, found: re.Match[str], words: str) -> str:
    """What stands in the place of a match; only "Will it …?" and "May I …?" stay, and a capital goes where a sentence begins."""
    if not _begins(text, found.start()):
        return words
    if found.group().lower() in ("will", "may") and _ASKS.match(text, found.end()):
        return found.group()
    return words[:1].upper() + words[1:]


def stays(text: str, words: str) -> bool:
    """Whether something that should be left out stands in a text, in whatever case."""
    return re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text, re.IGNORECASE) is not None


def _apart(new: list[Place], found: list[Place]) -> list[Place]:
    """Those of some places that share nothing with others; the others share nothing among themselves."""
    others = sorted(found)
    starts = [start for start, _, _ in others]
    before = [bisect.bisect_left(starts, end) for _, end, _ in new]
    return [one for one, at in zip(new, before, strict=True) if at == 0 or others[at - 1][1] <= one[0]]


def _instead(words: str, what: What) -> str:
    return "a company" if what == "name" and _COMPANY.search(words) else INSTEAD[what]


def _begins(text: str, at: int) -> bool:
    """Whether a sentence, a line or a quotation begins there."""
    before = text[max(0, at - _NEAR) : at].rstrip(" \t“\"'‘(–—-*")
    return not before or before[-1] in ".!?:;\n…"


def _names(text: str) -> list[tuple[int, int]]:
    """Runs of words in capitals that are names, joined over small words between them."""
    runs, open_run = list[tuple[int, int]](), None
    words = list(_WORD.finditer(text))
    elsewhere = {found.group() for found in words if _is_capital(found.group()) and not _begins(text, found.start())}
    for number, found in enumerate(words):
        gap = text[open_run[1] : found.start()] if open_run else ""
        joined = open_run is not None and gap in (" ", " & ", ". ") and (gap != ". " or open_run[1] - open_run[0] <= 2)
        if _is_name(text, found, elsewhere) or (joined and _is_capital(found.group()) and _bare(found.group()) not in _NEVER):
            open_run = (open_run[0], found.end()) if joined and open_run else (found.start(), found.end())
            runs[len(runs) - joined :] = [open_run]
        elif not (joined and found.group() in _JOINS and _next_is_name(text, words, number, elsewhere)):
            open_run = None
        elif open_run:
            open_run = (open_run[0], found.end())
    return [(start, start + len(_bare(text[start:end]))) for start, end in runs]


def _next_is_name(text: str, words: list[re.Match[str]], number: int, elsewhere: set[str]) -> bool:
    """Whether a small word, or several, join two parts of one name: "Bank of Ireland", "Peter van der Berg"."""
    following = next((word for word in words[number + 1 : number + 4] if word.group() not in _JOINS), None)
    return following is not None and _is_name(text, following, elsewhere)


def _bare(word: str) -> str:
    """A word without the ending of a possessive.

    >>> _bare("Dana's")
    'Dana'
    """
    return re.sub(r"['’]s?$", "", word)


def _is_capital(word: str) -> bool:
    return word[:1].isupper() or any(sign.isupper() for sign in word[1:])


def _is_name(text: str, found: re.Match[str], elsewhere: set[str]) -> bool:
    word = found.group()
    bare = _bare(word)
    if not _is_capital(word) or bare in _NEVER or word in _NEVER or len(bare) < 2:
        return False
    if bare in _MONTHS and _near_a_month(text, found.start(), found.end()):
        return False
    if bare == "March" or not _begins(text, found.start()) or word in elsewhere:
        return bare != "March"
    lower = bare.lower()
    if lower in _ALSO_NAMES:
        return bool(_ACTS.match(text, found.start() + len(bare)))
    return not _is_common(lower)


def _near_a_month(text: str, start: int, end: int) -> bool:
    """Whether the words around a month's name make it one."""
    before = _BEFORE_A_MONTH.search(text[max(0, start - _NEAR) : start])
    return bool(before or _BEHIND_A_MONTH.match(text, end))


@lru_cache(maxsize=10_000)
def _is_common(word: str) -> bool:
    """Whether a word is in everyday use, in this form or with a common ending taken off."""
    known = common_words()
    stems = {word, word.split("'")[0], *(word.removesuffix(end) for end in ("s", "es", "ed", "d", "ing", "ly"))}
    return any(stem in known or f"{stem}e" in known for stem in stems) or all(part in known for part in word.split("-"))
