"""The judge: an answer and its question in, a verdict out.

With a model and its heads, one reading of the answer decides everything; without them the rules do. The judge knows
when it has too little to go on (a word or two, another language) and then says that instead of guessing.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from coach.errors import ModelError
from coach.judge.branches import causes
from coach.judge.heads import Heads, logit
from coach.judge.language import is_english
from coach.judge.reading import MOST_CHARACTERS, Features, Reader, in_context
from coach.judge.rows import BRANCH, LOOP, ROOT_REACHED
from coach.judge.rules import CUE_PROBABILITY, rule_finding
from coach.judge.sentences import Span, words
from coach.prompts import Judgement, safety
from coach.schema import Control, Dismissal, Finding, Step, Verdict

FEWEST_WORDS = 3
MOST_FINDINGS = 3

TOO_LITTLE = "That is very short: too little for the coach to go on."
NOT_ENGLISH = "The coach judges English only, so it makes no remark here. Your answer is kept as it is."
CUT = "The coach read the first part of this long answer; all of it is kept."

Bars = Mapping[str, float]
"""By kind, how much surer than usual the judge must be, in log-odds."""

RAISE = 0.5
MOST_RAISED = 3.0


def raised_bars(dismissals: Iterable[Dismissal]) -> dict[str, float]:
    """The bars of a person who has said "not so here": each time raises the bar of that kind, up to a limit.

    Half a unit of log-odds each: after two, a finding of probability 0.73 is made where 0.5 was enough; after six, and never
    more than that, one of 0.95.

    >>> raised_bars([Dismissal("r1", "why.1.1", "hindsight"), Dismissal("r2", "happened", "hindsight")])
    {'hindsight': 1.0}
    """
    counts = Counter(one.kind for one in dismissals)
    return {kind: min(RAISE * count, MOST_RAISED) for kind, count in counts.items()}


class Judge:
    """Judges answers.

    Args:
        judgements: what can be found, by kind.
        read: reads an answer with the model; None for rules alone.
        heads: fitted to that model; None for rules alone.
    """

    def __init__(self, judgements: Mapping[str, Judgement], read: Reader | None = None, heads: Heads | None = None) -> None:
        self._judgements = judgements
        self._reader: Reader | None = read if heads else None
        self._heads: Heads | None = heads if read else None

    @property
    def by_model(self) -> bool:
        """Whether a model decides, not the rules."""
        return self._heads is not None

    def judge(
        self, step: Step, text: str, *, leave_out: Iterable[str] = (), bars: Bars | None = None, earlier: Sequence[str] = ()
    ) -> Verdict:
        """Judge one answer. Never raises for what the text holds.

        Args:
            leave_out: kinds not to look for.
            earlier: for an answer to a why, those before it in its chain.
        """
        short = text[:MOST_CHARACTERS]
        if not is_english(short):
            return Verdict(note=NOT_ENGLISH)
        kinds = [kind for kind in self._applying(step) if kind not in set(leave_out)]
        if step != "factor" and len(words(short)) < FEWEST_WORDS and not self._cued(kinds, short):
            return Verdict(note=TOO_LITTLE)
        features = self._read(short)
        if features is None:
            return self._by_rules(kinds, short, bars or {})
        verdict = self._by_heads(step, kinds, short, features, bars or {})
        return verdict.model_copy(update={"signs": self._signs(short, earlier, features)}) if step == "why" else verdict

    def probabilities(self, text: str) -> dict[str, float]:
        """Every finding's probability for a text, whatever the question; empty where the model cannot be asked."""
        features = self._read(text[:MOST_CHARACTERS])
        return {kind: head.probability(features) for kind, head in self._heads.findings.items()} if self._heads and features else {}

    def sign_probability(self, name: str, text: str, earlier: Sequence[str] = ()) -> float:
        """How probable a sign is in an answer to a why; 0 where the model cannot be asked."""
        features = self._read(in_context(earlier, text))
        return self._heads.signs[name].probability(features) if self._heads and features else 0.0

    def _signs(self, text: str, earlier: Sequence[str], features: Features) -> tuple[str, ...]:
        """Where an answer to a why leads. Whether it says an earlier one again takes a second reading, of them together."""
        assert self._heads is not None
        readings: dict[str, Features | None] = {ROOT_REACHED: features, BRANCH: features if causes(text) else None}
        readings[LOOP] = self._read(in_context(earlier, text)) if earlier else None
        heads = self._heads.signs
        return tuple(name for name, read in readings.items() if read and heads[name].probability(read) >= heads[name].threshold)

    def _applying(self, step: Step) -> list[str]:
        return [kind for kind, judgement in self._judgements.items() if step in judgement.steps]

    def _cued(self, kinds: Iterable[str], text: str) -> bool:
        """Whether a very short answer is one of the well-known phrases ("bad timing") all the same."""
        found = (rule_finding(self._judgements[kind], text) for kind in kinds)
        return any(result and result[0] == CUE_PROBABILITY for result in found)

    def _read(self, text: str) -> Features | None:
        """One reading; None where there is nothing to read or the model fails, and then the rules take over."""
        try:
            return self._reader(text) if self._reader and words(text) else None
        except ModelError:
            return None

    def _by_heads(self, step: Step, kinds: list[str], text: str, features: Features, bars: Bars) -> Verdict:
        assert self._heads is not None
        found = []
        for kind in kinds:
            head = self._heads.findings.get(kind)
            if head and logit(probability := head.probability(features)) >= logit(head.threshold) + bars.get(kind, 0.0):
                found.append(self._finding(kind, probability, text, head.carrier(features)))
        control = cast(dict[Control, float], self._heads.control.probabilities(features)) if step == "factor" else None
        note = None if features.complete else CUT
        alarm = self._heads.danger.probability(features)
        if alarm >= self._heads.danger.note and step != "factor":
            note = safety().note
        danger = alarm >= self._heads.danger.threshold
        return Verdict(findings=_most_certain(found), control=control, by="model", note=note, danger=danger)

    def _by_rules(self, kinds: list[str], text: str, bars: Bars) -> Verdict:
        found = []
        for kind in kinds:
            result = rule_finding(self._judgements[kind], text)
            if result and logit(result[0]) >= bars.get(kind, 0.0):
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
