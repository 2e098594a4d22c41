"""Whether an answer shows signs of self-harm: rules, on purpose broad, without a model and before anything else.

It is not a diagnosis and will miss signs that no rule foresees; a false alarm costs a click, a miss can cost more.
"""

import re
from functools import cache

from coach.prompts import safety


@cache
def _compiled() -> tuple[tuple[re.Pattern[str], ...], tuple[re.Pattern[str], ...]]:
    found = safety()
    quick = re.ASCII  # half the time on a long answer; the cues are English words
    return tuple(_patterns(found.cues, quick)), tuple(_patterns(found.excuses))


def _patterns(sources: tuple[str, ...], flags: int = 0) -> list[re.Pattern[str]]:
    return [re.compile(source, re.IGNORECASE | flags) for source in sources]


def shows_danger(text: str) -> bool:
    """Whether to stop the coaching.

    >>> shows_danger("They would all be better off without me.")
    True
    >>> shows_danger("This deadline is killing me.")
    False
    """
    cues, excuses = _compiled()
    plain = text.replace("’", "'")
    if not any(pattern.search(plain) for pattern in cues):  # taking an excuse out makes no cue: most texts are read once
        return False
    for pattern in excuses:
        plain = pattern.sub(" ", plain)
    return any(pattern.search(plain) for pattern in cues)
