import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from coach.errors import InputError
from coach.judge.fit import fit_rating
from coach.judge.reading import KeptNumbers
from coach.llm.base import Vector
from coach.llm.fake import FakeLanguageModel
from coach.pushback.score import asking, kept, rated_questions, rater


def test_a_head_learns_which_questions_are_liked() -> None:
    read = asking(FakeLanguageModel())
    words = "the pump stopped at noon"
    questions = [f"What {w} about the pump {i}?" for i in range(12) for w in ("zzgood", "zzbad")]
    ratings = [5.0 if "zzgood" in question else 1.0 for question in questions]
    head = fit_rating(np.vstack(read(words, questions)), ratings)
    good, bad = rater(FakeLanguageModel(), head)(words, ["What zzgood about a van?", "What zzbad about a van?"])
    assert good > bad


def test_only_the_questions_own_tokens_are_pooled() -> None:
    read, width = asking(FakeLanguageModel()), FakeLanguageModel.width
    (one,), (other,) = read("the pump", ["What stopped?"]), read("another thing altogether", ["What stopped?"])
    np.testing.assert_array_equal(one[:width], other[:width])
    assert not np.array_equal(one, other)


def test_what_was_read_is_kept(tmp_path: Path) -> None:
    calls: list[str] = []

    def counting(words: str, questions: Sequence[str]) -> list[Vector]:
        calls.extend(questions)
        return [np.ones(6, np.float32) for _ in questions]

    for _ in range(2):
        read = kept(counting, KeptNumbers(tmp_path / "kept.db", "model"))
        np.testing.assert_array_equal(read("a", ["b?"])[0], np.ones(6, np.float32))
    assert calls == ["b?"]


def test_rated_questions_are_read_and_a_bad_line_is_named(tmp_path: Path) -> None:
    row = {"id": "q1", "source": "hindsight", "words": "I knew it", "question": "What did you know?", "ratings": [4, 5]}
    (tmp_path / "rated.jsonl").write_text(json.dumps(row) + "\n")
    assert rated_questions(tmp_path)[0].rating == 4.5
    (tmp_path / "rated.jsonl").write_text(json.dumps({**row, "ratings": [6]}) + "\n")
    with pytest.raises(InputError, match="line 1"):
        rated_questions(tmp_path)
