import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.llm.base import Frame, Prompt, Sampling
from coach.llm.fake import FakeEmbedder, FakeLanguageModel

ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=[]))


def written(model: FakeLanguageModel, user: str = "The server failed.") -> str:
    return "".join(token.text for token in model.write(Prompt("", (), user), [Sampling()]))


def test_replies_come_in_turn_then_questions_of_its_own() -> None:
    model = FakeLanguageModel(["First?", "And then?"])
    assert [written(model) for _ in range(3)] == ["First?", "And then?", "What exactly happened with the server, and on which day?"]


def test_it_remembers_what_it_was_asked() -> None:
    model = FakeLanguageModel()
    written(model, "one")
    written(model, "two")
    assert [prompt.user for prompt in model.asked] == ["one", "two"]


def test_a_reply_comes_in_pieces() -> None:
    tokens = list(FakeLanguageModel(["What came first?"]).write(Prompt("", ()), [Sampling()]))
    assert [token.text for token in tokens] == ["What", " came", " first?"]


def test_several_are_written_side_by_side_and_each_can_be_ended_alone() -> None:
    model = FakeLanguageModel(["one two three", "four five six"])
    tokens = list(model.write(Prompt("", ()), [Sampling(), Sampling()], lambda number, text: number == 1))
    assert [(token.candidate, token.text) for token in tokens] == [(0, "one"), (1, "four"), (1, " five"), (1, " six")]


def test_a_question_that_is_begun_for_it_is_filled_with_a_word_of_the_answer() -> None:
    tokens = FakeLanguageModel().write(Prompt("", (), "The server failed."), [Sampling(start="What led to")])
    assert "".join(token.text for token in tokens) == " the server?"


def test_writing_can_be_stopped_after_any_piece() -> None:
    model = FakeLanguageModel(["one two three", "four"])
    stream = model.write(Prompt("", ()), [Sampling()])
    assert next(stream).text == "one"
    stream.close()
    assert written(model) == "four"


@given(ANY_TEXT)
def test_whatever_is_read_each_state_has_its_place_in_the_text(text: str) -> None:
    reading = FakeLanguageModel().read(Frame("", ""), text)
    assert reading.states.shape == (len(reading.spans), FakeLanguageModel.width)
    assert reading.closing.shape == (FakeLanguageModel.width,)
    assert np.isfinite(reading.states).all()
    last = 0
    for start, end in reading.spans:
        assert last <= start <= end <= len(text)
        last = end


def test_the_same_word_is_read_the_same_wherever_it_stands() -> None:
    states = FakeLanguageModel().read(Frame("", ""), "late and Late").states
    np.testing.assert_array_equal(states[0], states[2])
    assert not np.array_equal(states[0], states[1])


@given(st.lists(ANY_TEXT, max_size=4))
def test_vectors_are_of_length_one_or_nothing(texts: list[str]) -> None:
    vectors = FakeEmbedder().embed(texts)
    assert vectors.shape == (len(texts), FakeEmbedder.width)
    assert vectors.dtype == np.float32
    for length in np.linalg.norm(vectors, axis=1):
        assert length == pytest.approx(1, abs=1e-4) or length == 0


def test_only_a_text_without_words_has_no_vector() -> None:
    assert FakeEmbedder().embed(["", " … ", "a"]).any(axis=1).tolist() == [False, False, True]


def test_texts_with_shared_words_are_nearer() -> None:
    query, near, far = FakeEmbedder().embed(["the late proposal", "a late proposal", "some dog"])
    assert query @ near > 0.5 > query @ far


def test_capitals_make_no_difference() -> None:
    small, large = FakeEmbedder().embed(["late proposal", "Late PROPOSAL"])
    np.testing.assert_array_equal(small, large)


def test_a_text_has_the_same_vector_each_time_and_in_any_company() -> None:
    alone = FakeEmbedder().embed(["late proposal"])[0]
    np.testing.assert_array_equal(FakeEmbedder().embed(["dog", "late proposal"])[1], alone)
