"""Judges by the rules of ``prompts/judgements``: less often right than the heads, but there without a model.

A cue that matches fires, quoting its sentence. Where a judgement lists what a good answer has (``lacks``), an answer
with none of it fires as a whole. An excuse found anywhere silences both.
"""

import re

from coach.judge.sentences import Span, sentences
from coach.prompts import Judgement

CUE_PROBABILITY = 0.7
LACK_PROBABILITY = 0.6


def rule_finding(judgement: Judgement, text: str) -> tuple[float, Span] | None:
    """The probability and the sentence that carries the finding, or None."""
    rules = judgement.rules
    if _first(rules.excuses, text):
        return None
    cue = _first(rules.cues, text)
    if rules.lacks and _first(rules.lacks, text):
        return None
    if cue:
        return CUE_PROBABILITY, _sentence_at(text, cue.start())
    spans = sentences(text)
    return (LACK_PROBABILITY, spans[0]) if rules.lacks and spans else None


def _first(patterns: tuple[str, ...], text: str) -> re.Match[str] | None:
    plain = text.replace("’", "'")
    return next((found for pattern in patterns if (found := re.search(pattern, plain, re.IGNORECASE))), None)


def _sentence_at(text: str, position: int) -> Span:
    spans = sentences(text)
    return next((span for span in spans if span[1] > position), spans[-1] if spans else (0, len(text)))
