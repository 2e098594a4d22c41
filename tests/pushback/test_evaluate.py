import itertools
import json
from pathlib import Path

import pytest

from coach.errors import InputError
from coach.judge.judge import Judge
from coach.llm.fake import FakeLanguageModel
from coach.prompts import judgements
from coach.pushback.ask import Asker
from coach.pushback.evaluate import Script, Talk, played, read_scripts, report, transcripts

VERSIONS = ("I'll be more careful.", "I'll be more careful on Mondays.", "When the van is back I will count the 12 boxes.")


def talks(*scripts: Script, asker: Asker | None = None) -> list[Talk]:
    ticks = itertools.count()
    return played(scripts, Judge(judgements()), asker, lambda: float(next(ticks)), lambda done, total: None)


def test_a_conversation_goes_on_until_the_answer_is_good() -> None:
    (talk,) = talks(Script(task="vague_commitment", question="next", versions=VERSIONS))
    assert [one.kind for one in talk.rounds] == ["vague_commitment"] * len(talk.rounds)
    assert talk.rounds[0].shown.startswith("You wrote “I'll be more careful”. ")
    assert talk.end == judgements()["vague_commitment"].better


def test_no_round_repeats_a_question() -> None:
    (talk,) = talks(Script(task="vague_commitment", question="next", versions=("be more careful",) * 3))
    assert not any(one.repeated for one in talk.rounds)
    assert len({one.shown for one in talk.rounds}) == 3


def test_a_weakness_that_the_judge_misses_is_asked_about_all_the_same() -> None:
    (talk,) = talks(Script(task="avoidance", question="why", text="I hadn't asked. It rained."))
    assert talk.rounds[0].shown.startswith("You wrote “I hadn't asked”. ")


def test_the_report_counts_fallbacks_and_checks() -> None:
    scripts = [Script(task="vague_goal", question="intended", text=f"I wanted it to go well {name}") for name in ("here", "there")]
    by_hand = report(talks(*scripts))
    assert by_hand["fallbacks"] == 1.0
    assert by_hand["shown_that_fail_a_check"] == 0
    bad_then_good = Asker(FakeLanguageModel([" the quokka?"] * 3 + [" it had gone well there?"] * 3))
    figures = report(talks(*scripts, asker=bad_then_good))
    assert figures["fallbacks"] == 0.5
    assert figures["checks"]["wholly_grounded"] == 0.5  # type: ignore[index]
    assert figures["checks"]["no_advice"] == 1.0  # type: ignore[index]
    assert figures["words"]["most"] <= 35  # type: ignore[index]


def test_shame_is_no_fallback() -> None:
    figures = report(talks(Script(task="shame_identity", question="why", text="I'm a failure."), asker=Asker(FakeLanguageModel())))
    assert figures["fallbacks"] is None


def test_transcripts_hold_the_words_as_code(tmp_path: Path) -> None:
    text = transcripts(talks(Script(id="x-1", task="vague_goal", question="intended", text="![x](http://a.example) to do well")))
    assert "    ![x](http://a.example) to do well" in text.splitlines()
    assert "x-1" in text


def test_only_weak_rows_of_findings_are_asked_about(tmp_path: Path) -> None:
    rows = [
        {"task": "vague_goal", "question": "intended", "text": "To do well", "label": 1},
        {"task": "vague_goal", "question": "intended", "text": "By May", "label": 0},
        {"task": "control", "question": "factor", "text": "rain", "label": "outside"},
    ]
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n")
    assert [one.text for one in read_scripts([path])] == ["To do well"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "line 1"),
        ('{"task": "vague_goal"}', "needs a text"),
        ('{"task": "vague_goal", "text": " "}', "needs a text"),
        ('{"task": "control", "text": "rain"}', "no weak answers"),
    ],
)
def test_a_bad_file_is_named_with_its_line_and_never_quoted(tmp_path: Path, line: str, words: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(line)
    with pytest.raises(InputError, match=words):
        read_scripts([path])
