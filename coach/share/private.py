"""Finds what is private in a text: names of people, companies and places, amounts, and ways to reach somebody. Rules only.

A word in capitals is taken for a name unless it is a common word where a sentence begins. It is better to show one too many: each
is shown to the person, who decides.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from coach.prompts import common_words, name_words

What = Literal["name", "amount", "contact", "number"]

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
_AMOUNT = re.compile(
    rf"(?:[$€£¥₹]|\b(?:USD|EUR|GBP|CHF|Rs\.?)\s?)\s?\d[\d.,’']*(?:\s?{_SCALE}\b)?"
    rf"|\b\d[\d.,’']*\s?(?:{_SCALE}\s)?(?:(?:{_MONEY})\b|[€£$])|\b\d[\d.,’']*\s?(?:k|million|billion|grand)\b"
    rf"|\b(?:{_SPELT})\s(?:hundred|thousand|million|billion|grand)\b(?:\s(?:{_MONEY})\b)?|\b(?:{_SPELT})\s(?:{_MONEY})\b",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"\b[\w.+-]+@[\w-]+\.[\w.-]+\b|\bhttps?://\S+|\bwww\.\S+|(?<!\w)@\w{2,}"
    r"|\b[\w-]+\.(?:com|org|net|io|co|de|fr|uk|eu|ch|at|nl|info|app|dev|example)\b(?:/\S*)?"
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
    found = list[tuple[int, int, What]]()
    patterns: list[tuple[re.Pattern[str], What]] = [(_NUMBER, "number"), (_CONTACT, "contact"), (_AMOUNT, "amount")]
    for pattern, what in patterns:
        new = [(one.start(), one.end(), what) for one in pattern.finditer(text) if not _DAY.match(one.group())]
        found += [one for one in new if not _overlaps(one[0], one[1], found)]
    found += [(start, end, "name") for start, end in _names(text) if not _overlaps(start, end, found)]
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


def _overlaps(start: int, end: int, found: Iterable[tuple[int, int, What]]) -> bool:
    return any(start < b and a < end for a, b, _ in found)


def _instead(words: str, what: What) -> str:
    return "a company" if what == "name" and _COMPANY.search(words) else INSTEAD[what]


def _begins(text: str, at: int) -> bool:
    """Whether a sentence, a line or a quotation begins there."""
    before = text[:at].rstrip(" \t“\"'‘(–—-*")
    return not before or before[-1] in ".!?:;\n…"


def _names(text: str) -> list[tuple[int, int]]:
    """Runs of words in capitals that are names, joined over small words between them."""
    runs, open_run = list[tuple[int, int]](), None
    words = list(_WORD.finditer(text))
    elsewhere = {found.group() for found in words if _is_capital(found.group()) and not _begins(text, found.start())}
    for number, found in enumerate(words):
        gap = text[open_run[1] : found.start()] if open_run else ""
        joined = open_run is not None and gap in (" ", " & ", ". ") and (gap != ". " or len(text[open_run[0] : open_run[1]]) <= 2)
        if _is_name(text, found, elsewhere) or (joined and _is_capital(found.group()) and _bare(found.group()) not in _NEVER):
            open_run = (open_run[0], found.end()) if joined and open_run else (found.start(), found.end())
            runs = runs[:-1] if joined else runs
            runs.append(open_run)
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
    if bare in _MONTHS and (_BEFORE_A_MONTH.search(text[: found.start()]) or re.match(r",?\s\d", text[found.end() :])):
        return False
    if bare == "March" or not _begins(text, found.start()) or word in elsewhere:
        return bare != "March"
    lower = bare.lower()
    if lower in _ALSO_NAMES:
        return bool(_ACTS.match(text, found.start() + len(bare)))
    return not _is_common(lower)


@cache
def _is_common(word: str) -> bool:
    """Whether a word is in everyday use, in this form or with a common ending taken off."""
    known = common_words()
    stems = {word, word.split("'")[0], *(word.removesuffix(end) for end in ("s", "es", "ed", "d", "ing", "ly"))}
    return any(stem in known or f"{stem}e" in known for stem in stems) or all(part in known for part in word.split("-"))
