import numpy as np
import pytest

from coach.errors import ModelError
from coach.judge.reading import FRAME, Features, KeptNumbers, KeptReadings, pooled, reader
from coach.llm.fake import FakeLanguageModel

TEXT = "It was late. She left. nobody said why"


def features() -> Features:
    return pooled(FakeLanguageModel().read(FRAME, TEXT), TEXT)


def test_an_answer_has_three_states_joined_and_each_sentence_one() -> None:
    width = FakeLanguageModel.width
    assert features().answer.shape == (3 * width,)
    assert features().sentences.shape == (3, width)
    assert [TEXT[start:end] for start, end in features().spans] == ["It was late.", "She left.", "nobody said why"]


def test_a_sentence_is_the_mean_of_its_own_words_alone() -> None:
    alone = FakeLanguageModel().read(FRAME, "She left.").states.mean(axis=0)
    np.testing.assert_allclose(features().sentences[1], alone, atol=1e-6)


def test_a_text_is_read_once_and_kept(tmp_path) -> None:
    read: list[str] = []

    def counting(text: str) -> Features:
        read.append(text)
        return reader(FakeLanguageModel())(text)

    for _ in range(2):
        kept = KeptReadings(KeptNumbers(tmp_path / "readings.db", "model"), counting)(TEXT)
    assert read == [TEXT]
    np.testing.assert_allclose(kept.answer, features().answer, atol=2e-3)
    np.testing.assert_allclose(kept.sentences, features().sentences, atol=2e-3)
    KeptReadings(KeptNumbers(tmp_path / "readings.db", "another model"), counting)(TEXT)
    assert len(read) == 2


def test_what_is_kept_holds_no_text(tmp_path) -> None:
    KeptReadings(KeptNumbers(tmp_path / "readings.db", "model"), reader(FakeLanguageModel()))("Zanzibar quokka ledger")
    for path in tmp_path.iterdir():
        assert b"quokka" not in path.read_bytes()


def test_an_error_of_the_model_is_handed_on_and_nothing_is_kept(tmp_path) -> None:
    def broken(text: str) -> Features:
        raise ModelError("out of memory")

    with pytest.raises(ModelError):
        KeptReadings(KeptNumbers(tmp_path / "readings.db", "model"), broken)(TEXT)
    assert KeptReadings(KeptNumbers(tmp_path / "readings.db", "model"), reader(FakeLanguageModel()))(TEXT).spans
