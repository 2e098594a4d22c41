"""The judge: an answer and its question in, a verdict out.

With a model and its heads, one reading of the answer decides everything; without them the rules do. The judge knows
when it has too little to go on (a word or two, another language) and then says that instead of guessing.
"""

from collections.abc import Iterable, Mapping
from typing import cast

from coach.errors import ModelError
from coach.judge.heads import FRAME, Heads
from coach.judge.language import is_english
from coach.judge.rules import rule_finding
from coach.judge.sentences import Span, sentences, words
from coach.llm.base import LanguageModel, Reading
from coach.prompts import Judgement
from coach.schema import Control, Finding, Step, Verdict

FEWEST_WORDS = 3
MOST_FINDINGS = 3
_MOST_JUDGED_CHARACTERS = 20_000  # beyond what a model reads in one go; bounds the rules and the sentence cutting

TOO_LITTLE = "That is very short: too little for the coach to go on."
NOT_ENGLISH = "The coach judges English only, so it makes no remark here. Your answer is kept as it is."
CUT = "The coach read the first part of this long answer; all of it is kept."


class Judge:
    """Judges answers.

    Args:
        judgements: what can be found, by kind.
        model: reads the answers; None for rules alone.
        heads: fitted to that model; None for rules alone.
    """

    def __init__(self, judgements: Mapping[str, Judgement], model: LanguageModel | None = None, heads: Heads | None = None) -> None:
        self._judgements = judgements
        self._model: LanguageModel | None = model if heads else None
        self._heads: Heads | None = heads if model else None

    @property
    def by_model(self) -> bool:
        """Whether a model decides, not the rules."""
        return self._model is not None

    def judge(self, step: Step, text: str, *, leave_out: Iterable[str] = ()) -> Verdict:
        """Judge one answer. ``leave_out`` names kinds not to look for. Never raises for what the text holds."""
        short = text[:_MOST_JUDGED_CHARACTERS]
        if not is_english(short):
            return Verdict(note=NOT_ENGLISH)
        kinds = [kind for kind in self._applying(step) if kind not in set(leave_out)]
        if step != "factor" and len(words(short)) < FEWEST_WORDS and not self._cued(kinds, short):
            return Verdict(note=TOO_LITTLE)
        reading = self._read(short) if words(short) else None
        return self._by_heads(step, kinds, short, reading) if reading else self._by_rules(kinds, short)

    def probabilities(self, text: str) -> dict[str, float]:
        """Every head's probability for a text, whatever the question; empty without a model. Raises ModelError."""
        if not (self._model and self._heads and words(text)):
            return {}
        reading = self._model.read(FRAME, text[:_MOST_JUDGED_CHARACTERS])
        return {kind: head.probability(reading) for kind, head in self._heads.findings.items()}

    def _applying(self, step: Step) -> list[str]:
        return [kind for kind, judgement in self._judgements.items() if step in judgement.steps]

    def _cued(self, kinds: Iterable[str], text: str) -> bool:
        """Whether a very short answer is one of the well-known phrases ("bad timing") all the same."""
        return any(self._judgements[kind].rules.cues and rule_finding(self._judgements[kind], text) for kind in kinds)

    def _read(self, text: str) -> Reading | None:
        """One reading; None where there is no model or it fails, and then the rules take over."""
        try:
            return self._model.read(FRAME, text) if self._model else None
        except ModelError:
            return None

    def _by_heads(self, step: Step, kinds: list[str], text: str, reading: Reading) -> Verdict:
        assert self._heads is not None
        spans = sentences(text) or [(0, len(text))]
        found = []
        for kind in kinds:
            head = self._heads.findings.get(kind)
            if head and (probability := head.probability(reading)) >= head.threshold:
                found.append(self._finding(kind, probability, text, head.carrier(reading, spans)))
        control = cast(dict[Control, float], self._heads.control.probabilities(reading)) if step == "factor" else None
        return Verdict(findings=_most_certain(found), control=control, by="model", note=None if reading.complete else CUT)

    def _by_rules(self, kinds: list[str], text: str) -> Verdict:
        found = []
        for kind in kinds:
            if result := rule_finding(self._judgements[kind], text):
                found.append(self._finding(kind, result[0], text, result[1]))
        return Verdict(findings=_most_certain(found), by="rules")

    def _finding(self, kind: str, probability: float, text: str, span: Span) -> Finding:
        judgement, (start, end) = self._judgements[kind], span
        return Finding(
            kind=kind,
            probability=round(probability, 4),
            quote=text[start:end],
            start=start,
            end=end,
            why=judgement.why,
            question=judgement.questions[0],
        )


def _most_certain(found: list[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(found, key=lambda finding: -finding.probability)[:MOST_FINDINGS])
