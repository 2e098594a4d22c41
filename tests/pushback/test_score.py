import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from coach.errors import InputError
from coach.judge.fit import fit_rating
from coach.judge.heads import Linear
from coach.judge.reading import KeptNumbers
from coach.llm.base import Frame, Vector
from coach.llm.fake import FakeLanguageModel
from coach.prompts import judgements
from coach.pushback.ask import push_back_prompt
from coach.pushback.lesson import by_hand, prompt_of, reading, source_named, until_the_gap_ends
from coach.pushback.score import Rated, Score, asking, kept, rated_questions, rater
from coach.resources import shipped


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


def test_a_score_is_fitted_to_what_the_model_makes_of_a_question_while_it_writes(tmp_path: Path) -> None:
    numbers, words = KeptNumbers(tmp_path / "kept.db", "model"), "the pump stopped at noon"
    rated = [
        Rated(
            id=f"{i}{w}", source="blame", words=words, question=f"What {w} about the pump {i}?", ratings=(5 if w == "good" else 1,)
        )
        for i in range(12)
        for w in ("good", "bad")
    ]
    read = reading(FakeLanguageModel(), numbers)
    score = Score(fit_rating(np.vstack([read(one) for one in rated]), [one.rating for one in rated]), {}, 3.0)
    good, bad = (FakeLanguageModel().read(Frame("", ""), f"What {w} about a van").states for w in ("good", "bad"))
    assert score.written(good) > score.written(bad)
    assert score.written(good[:0]) == 0.0


def test_a_rated_question_is_read_up_to_the_end_of_its_gap() -> None:
    frame = next(frame for frame in judgements()["vague_commitment"].frames if not frame.endswith("{}?"))
    start, end = frame.split("{}")
    one = Rated(id="q", source="vague_commitment", words="I'll plan", question=f"{start}plan{end}", ratings=(3,))
    assert until_the_gap_ends(one) == f"{start}plan"
    assert prompt_of(one) == push_back_prompt(judgements()["vague_commitment"], "I'll plan")


@pytest.mark.parametrize("name", sorted({one.source for one in rated_questions(shipped("data") / "questions")}))
def test_each_rated_question_has_a_file_that_it_was_made_from(name: str) -> None:
    assert source_named(name).frames or source_named(name).questions


def test_a_hand_written_question_counts_what_it_was_rated() -> None:
    question = judgements()["blame"].questions[0]
    rows = [Rated(id=str(i), source="blame", words="x", question=question, ratings=(5,)) for i in range(4)]
    rows += [Rated(id="o", source="hindsight", words="x", question=judgements()["hindsight"].questions[0], ratings=(1,))]
    means, usual = by_hand([*rows, Rated(id="m", source="blame", words="x", question="What made that?", ratings=(1,))])
    assert usual == pytest.approx(21 / 5)
    assert means[question] == pytest.approx((20 + 4 * usual) / 8)
    score = Score(Linear(np.zeros(2, np.float32), 0.0), means, usual)
    assert (
        score.hand_written(question)
        > score.hand_written("Never rated?")
        > score.hand_written(judgements()["hindsight"].questions[0])
    )
