"""Whether an answer is in English: the heads and the rules know no other language, and say so instead of guessing."""

from functools import lru_cache

_MARGIN = 25.0  # nats by which another language must beat English; on 1,220 English rows the largest gap was 22
_FEWEST_WORDS = 3


def is_english(text: str) -> bool:
    """False only where the text is clearly in another language; short or mixed text counts as English.

    >>> is_english("Ich habe es von Anfang an gewusst, es war alles klar.")
    False
    >>> is_english("team no have experience")
    True
    """
    letters = [char for char in text if char.isalpha()]
    if letters and sum(char.isascii() for char in letters) < len(letters) / 2:
        return False
    if len(text.split()) < _FEWEST_WORDS:
        return True
    return _lead_over_english(text[:2000]) < _MARGIN


@lru_cache(maxsize=4)  # an answer is looked at more than once, and not kept for long
def _lead_over_english(text: str) -> float:
    """Log-likelihood of the best language less that of English."""
    import py3langid  # loads a model of 4 MB: only when first needed

    ranked = py3langid.rank(text)
    english = next((score for language, score in ranked if language == "en"), ranked[0][1])
    return float(ranked[0][1] - english)
