"""Cuts an answer that names two causes side by side, each worth a why of its own, into the two.

Whether there are two is for the judge's head to say; these rules find the joint: a joining phrase ("partly … partly", "on top of
that"), two clauses with subjects of their own, else the strongest joint that cuts most evenly.
"""

import re

from coach.judge.sentences import words

Causes = tuple[str, str]

_FEWEST_WORDS = 3
_MOST_CHARACTERS = 2_000  # five times the longest answer with two causes that was labelled; the time grows with the square
_ADDING = (
    r"also|besides(?: that)?|on top of (?:that|which|it)|in addition(?: to that)?|(?:quite )?apart from that|second(?:ly)?|plus"
    r"|another (?:reason|cause|thing) (?:is|was)(?: that)?|what is more|as well as that|add to that|at the same time"
    r"|independently of that|(?:not|un)connected with (?:this|that)"
    r"|the other (?:reason|cause|thing|half)(?: of it)? (?:is|was)(?: that)?|then there (?:is|was|were)"
)
_PARTLY = r"(?:partly|in part|half)(?: because| since)?"
_BETWEEN = tuple(
    re.compile(pattern, re.I | re.S)
    for pattern in (
        rf"\b{_PARTLY} (?P<a>.+?)[,;.]? (?:and )?{_PARTLY} (?P<b>.+)",
        r"\b(?:because|since)\b (?P<a>.+?),? and (?:also )?(?:because|since) (?P<b>.+)",
        r"\bboth (?P<a>.+?) and (?P<b>(?:the|my|our|his|her|their|an?|I|we|he|she|they|nobody|no one|no) .+)",
        r"\bfirst(?:ly|,)? (?P<a>.+?)[,;.] ?(?:and )?(?:second(?:ly)?|then),? (?P<b>.+)",
        rf"\A(?P<a>.+?)[.;,–—-] ?(?:and )?(?:{_ADDING})[,:]? (?P<b>.+)",
    )
)
_JOINTS = (
    re.compile(r"[.!?…]+\s+"),
    re.compile(r"\s*[;–—]\s*|\s-\s"),
    re.compile(r",?\s+(?:and|plus|with)\s+", re.I),
    re.compile(r",\s+"),
)
_AND = re.compile(r",? and (?=(\w+))")
_SUBJECT = re.compile(
    r"^(?i:because |since |that |it was that )?"
    r"(?P<subject>(?i:(?:the|my|our|his|her|their|its|your|an?|no|both|most|half|two|three|some|all|this|that)\b [\w'’-]+"
    r"|I|we|you|he|she|they|it|nobody|no one|everybody|everyone|there|nothing)|[A-Z][a-z]+)\b"
)
_VERB = re.compile(
    r"\b(?:is|was|were|are|am|had|has|have|did|does|do|could|would|can|will|might|went|came|got|took|gave|made|said|told|left|kept|put|let|ran"
    r"|lost|broke|fell|thought|knew|meant|began|brought|bought|sent|saw|wrote|read|met|paid|sat|stood|held|set|cut|drew|felt|found|grew"
    r"|\w+(?:ed|n['’]t)|['’](?:d|s|ve|m|re))\b",
    re.I,
)
_ONE_STORY = re.compile(r"\b(?:so|then|therefore|because|since|which|that's why|this one|as a result)\b", re.I)


def causes(text: str) -> Causes | None:
    """The two causes of an answer in its own words, None where it cannot be cut. Whether there are two is for the head to say.

    >>> causes("The brief came late and nobody had booked the studio.")
    ('The brief came late', 'nobody had booked the studio')
    >>> causes("Only one key.") is None
    True
    """
    if len(text) > _MOST_CHARACTERS:
        return None
    for pattern in _BETWEEN:
        found = pattern.search(text)
        if found and (pair := _pair(found["a"], found["b"])):
            return pair
    return _two_clauses(text) or _most_even(text)


def _most_even(text: str) -> Causes | None:
    """Both sides of the strongest joint: between sentences, else at a semicolon or dash, else at "and"."""
    for joint in _JOINTS:
        pairs = [pair for match in joint.finditer(text) if (pair := _pair(text[: match.start()], text[match.end() :]))]
        if pairs:
            return min(pairs, key=lambda pair: abs(len(pair[0]) - len(pair[1])))
    return None


def _two_clauses(text: str) -> Causes | None:
    """One sentence of two clauses with subjects of their own, and no word that makes one follow from the other."""
    sentence = text.strip()
    if _ONE_STORY.search(sentence) or re.search(r"[.;!?] ", sentence):
        return None
    joins = [match for match in _AND.finditer(sentence) if _clause(sentence[: match.start()]) and _clause(sentence[match.end() :])]
    if len(joins) != 1:
        return None
    left, right = sentence[: joins[0].start()], sentence[joins[0].end() :]
    return _pair(left, right) if _subject(left) != _subject(right) else None


def _clause(text: str) -> bool:
    """Whether a piece of text has a subject at its beginning and a verb behind it."""
    found = _SUBJECT.match(text.strip())
    return bool(found and _VERB.search(text[found.end() : found.end() + 60]))


def _subject(text: str) -> str:
    found = _SUBJECT.match(text.strip())
    return found["subject"].lower() if found else ""


def _pair(one: str, other: str) -> Causes | None:
    """Both pieces trimmed, if each is long enough to be asked about."""
    left, right = (piece.strip().strip(".,;:–—- ") for piece in (one, other))
    return (left, right) if min(len(words(left)), len(words(right))) >= _FEWEST_WORDS else None
