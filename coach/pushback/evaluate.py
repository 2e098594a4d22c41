"""How good the push-backs are: what ``coach eval pushback`` prints, by the code path that the app uses.

Every weak answer is judged and asked about; a scripted conversation goes on with its next version, as a person's would. Whether a
question is wise no program can say: thirty transcripts are written for people to rate.
"""

import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from coach.errors import InputError
from coach.judge.judge import Judge
from coach.judge.sentences import sentences, words
from coach.prompts import Judgement, fits, judgements
from coach.pushback.ask import Asker, Candidate, Exchange, Occasion, choose, lead, question_of, source_of, words_about
from coach.pushback.checks import BY_HAND, WHEN_WRITTEN, Asked, failures
from coach.schema import Finding, Step

Progress = Callable[[int, int], None]
Clock = Callable[[], float]
Report = dict[str, object]
MOST_ROUNDS = 3


class Script(BaseModel):
    """A weak answer, or the versions of one as its writer was asked again and again. ``task`` is the weakness of the first."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str = ""
    task: str
    question: Literal["intended", "happened", "why", "next", "factor", "any"] = "any"
    persona: str = ""
    text: str = ""
    versions: tuple[str, ...] = ()
    label: int | str = 1

    @model_validator(mode="after")
    def _has_words(self) -> "Script":
        if not self.answers or not all(text.strip() for text in self.answers):
            raise ValueError("a row needs a text, or versions of one")
        return self

    @property
    def answers(self) -> tuple[str, ...]:
        """The versions in order."""
        return self.versions or ((self.text,) if self.text else ())


@dataclass(frozen=True)
class Round:
    """One push-back: what was shown, what it was chosen from, the checks that the shown words fail, and the seconds it took."""

    answer: str
    kind: str
    shown: str
    by: str
    candidates: tuple[Candidate, ...]
    failed: tuple[str, ...]
    repeated: bool
    first_word: float
    whole: float


@dataclass(frozen=True)
class Talk:
    """A script as it was played, and the coach's last word where an answer became good."""

    script: Script
    rounds: tuple[Round, ...]
    end: str = ""


def read_scripts(files: Iterable[Path]) -> list[Script]:
    """The weak rows of JSON Lines files. Raises InputError naming the file, the line and the field."""
    found = []
    for path in files:
        for number, line in enumerate(_text(path).splitlines(), 1):
            if line.strip():
                found.append(_script(line, f"{path}, line {number}"))
    weak = [one for one in found if one.label == 1 and one.task in judgements()]
    if not weak:
        raise InputError("There are no weak answers in what was given: rows of a finding's task with label 1. See data/README.md.")
    return weak


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise InputError(f"{path} cannot be read as UTF-8 text ({type(exc).__name__}). Check its name and its encoding.") from exc


def _script(line: str, where: str) -> Script:
    try:
        return Script.model_validate_json(line)
    except ValidationError as exc:
        first = exc.errors(include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "the line"
        raise InputError(f"{where}: {field}: {first['msg']}. See data/README.md for the format.") from None


# -- playing -----------------------------------------------------------------------------------------------------------


def played(scripts: Sequence[Script], judge: Judge, asker: Asker | None, clock: Clock, progress: Progress) -> list[Talk]:
    """Every script, asked about as the app would ask."""
    talks = []
    for script in scripts:
        talks.append(_played(script, judge, asker, clock))
        progress(len(talks), len(scripts))
    return talks


def _played(script: Script, judge: Judge, asker: Asker | None, clock: Clock) -> Talk:
    rounds: list[Round] = []
    step = _step(script, judgements()[script.task])
    for answer in script.answers[:MOST_ROUNDS]:
        found = judge.judge(step, answer).findings
        if not found and rounds:
            return Talk(script, tuple(rounds), judgements()[rounds[-1].kind].better)
        finding = _foremost(found, script.task if not rounds else None) or _taken_as_found(script.task, answer)
        rounds.append(_round(answer, finding, found, rounds, asker, clock))
    return Talk(script, tuple(rounds))


def _step(script: Script, judgement: Judgement) -> Step:
    return judgement.steps[-1] if script.question == "any" else script.question


def _foremost(found: Sequence[Finding], wanted: str | None) -> Finding | None:
    """The finding that the row is about, at its first version; later the one that the app would ask about."""
    among = [one for one in found if wanted in (None, one.kind)]
    return min(among, key=lambda one: judgements()[one.kind].priority, default=None)


def _taken_as_found(kind: str, answer: str) -> Finding:
    """For a row that the judge misses: its first sentence, so that the question is evaluated all the same."""
    start, end = next(iter(sentences(answer)), (0, len(answer)))
    judgement = judgements()[kind]
    quote, question = answer[start:end], judgement.questions[0]
    return Finding(kind=kind, probability=0.5, quote=quote, start=start, end=end, why=judgement.why, question=question)


def _round(
    answer: str, finding: Finding, found: Sequence[Finding], rounds: Sequence[Round], asker: Asker | None, clock: Clock
) -> Round:
    earlier = tuple(Exchange(one.answer, one.kind, one.shown) for one in rounds)
    before = tuple(one.shown for one in rounds)
    occasion = Occasion(answer, finding, tuple(found), earlier, before)
    start = clock()
    front = lead(occasion)
    first_word = clock() - start
    choice = choose(occasion, asker)
    whole = clock() - start
    frame = next((one for one in source_of(occasion).frames if choice.by == "model" and fits(one, choice.question)), "")
    asked = Asked(answer, tuple(question_of(text) for text in before), front, frame, words_about(occasion))
    failed = tuple(failures(choice.question, asked, WHEN_WRITTEN if choice.by == "model" else BY_HAND))
    repeated = any(choice.question in text for text in before)
    shown = front + choice.question
    return Round(answer, finding.kind, shown, choice.by, choice.candidates, failed, repeated, first_word, whole)


# -- reporting ---------------------------------------------------------------------------------------------------------


def report(talks: Sequence[Talk]) -> Report:
    """All figures as plain data; shares are of 1, times in seconds on this machine."""
    rounds = [one for talk in talks for one in talk.rounds]
    asked = [one for one in rounds if not judgements()[one.kind].hand_written]
    kinds = Counter(one.kind for one in rounds)
    return {
        "answers": len(talks),
        "questions": len(rounds),
        "checks": _passed([one.failed for round_ in asked for one in round_.candidates]),
        "shown_that_fail_a_check": sum(bool(one.failed) for one in rounds),
        "fallbacks": _share(one.by == "hand" for one in asked),
        "by_finding": {kind: _kind_report([one for one in rounds if one.kind == kind]) for kind in sorted(kinds)},
        "repeats": _share(one.repeated for one in rounds),
        "became_good": _share(bool(talk.end) for talk in talks if len(talk.script.answers) > 1),
        "words": _spread([float(len(words(one.shown))) for one in rounds]),
        "first_word_seconds": _spread([one.first_word for one in rounds]),
        "whole_question_seconds": _spread([one.whole for one in rounds]),
    }


def _kind_report(rounds: Sequence[Round]) -> Report:
    return {"questions": len(rounds), "fallbacks": _share(one.by == "hand" for one in rounds)}


def _passed(failed: Sequence[tuple[str, ...]]) -> dict[str, float | None]:
    """For each check the share of the model's candidates that pass it; ``all``: that pass every one."""
    rates = {check.__name__: _share(check.__name__ not in names for names in failed) for check in WHEN_WRITTEN}
    return {**rates, "all": _share(not names for names in failed)}


def _share(values: Iterable[bool]) -> float | None:
    found = list(values)
    return sum(found) / len(found) if found else None


def _spread(values: Sequence[float]) -> dict[str, float] | None:
    if not values:
        return None
    ordered = sorted(values)
    return {"median": statistics.median(ordered), "p95": ordered[int(0.95 * (len(ordered) - 1))], "most": ordered[-1]}


def transcripts(talks: Sequence[Talk], most: int = 30) -> str:
    """Conversations as Markdown, for people to rate, spread evenly over what was played. All words stand in code blocks."""
    step = max(1, len(talks) // most)
    parts = ["# Push-backs to rate\n", "Rate each question 1 (wounds, or makes no sense) to 5 (exactly the question to ask).\n"]
    for talk in talks[::step][:most]:
        title = " · ".join(part for part in (talk.script.id, talk.script.task, talk.script.persona) if part)
        parts += [f"## {title}\n", *(_round_as_markdown(number, one) for number, one in enumerate(talk.rounds, 1))]
        parts += [f"The answer became good: {talk.end}\n"] if talk.end else []
    return "\n".join(parts)


def _round_as_markdown(number: int, one: Round) -> str:
    lines = [
        f"**Version {number}**\n",
        _quoted(one.answer),
        f"\n**Coach** ({one.kind}, by {one.by}, {one.whole:.1f} s): rating __\n",
    ]
    lines += [_quoted(one.shown), "\nCandidates:\n"]
    for candidate in one.candidates:
        verdict = ", ".join(candidate.failed) or (f"passed, rated {candidate.rating:.1f}" if candidate.rating else "passed")
        lines.append(f"- `{_plain(candidate.text)}` ({verdict})")
    return "\n".join(lines if one.candidates else lines[:-1]) + "\n"


def _plain(text: str) -> str:
    return text.replace("`", "'")


def _quoted(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())
