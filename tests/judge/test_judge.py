import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coach.errors import HeadsMissing, ModelError
from coach.judge.heads import ControlHead, DangerHead, Head, Heads, Linear, load_heads, save_heads
from coach.judge.judge import NOT_ENGLISH, TOO_LITTLE, Judge
from coach.judge.reading import reader
from coach.judge.rows import SIGNS
from coach.llm.base import Frame, Reading
from coach.llm.fake import FakeLanguageModel
from coach.prompts import judgements, safety
from coach.schema import CONTROLS, STEPS

WIDTH = FakeLanguageModel.width
BY_RULES = Judge(judgements())


def heads(bias: float, danger: float = -9.0) -> Heads:
    """Heads that give every finding the same probability and prefer the sentence with 'late'."""
    late = FakeLanguageModel().read(Frame("", ""), "late.").states[0]
    head = Head(Linear(np.zeros(3 * WIDTH, np.float32), bias), Linear(late, 0.0), (1.0, 0.0, 0.0), 0.5)
    control = ControlHead(CONTROLS, np.zeros((3, 3 * WIDTH), np.float32), np.array([0, 2, 0], np.float32))
    alarm = DangerHead(head.answer, head.sentence, (0.0, 0.0, danger), threshold=0.5, note=0.2)
    return Heads(FakeLanguageModel.sha256, dict.fromkeys(judgements(), head), control, alarm, dict.fromkeys(SIGNS, head))


def by_model(bias: float, model: FakeLanguageModel | None = None, danger: float = -9.0) -> Judge:
    return Judge(judgements(), reader(model or FakeLanguageModel()), heads(bias, danger))


def test_with_heads_the_sentence_that_carries_a_finding_is_quoted() -> None:
    answer = "We met on Monday at nine. It came late. She left."
    found = by_model(2.0).judge("why", answer).findings
    assert found
    assert {finding.quote for finding in found} == {"It came late."}
    assert all(answer[finding.start : finding.end] == finding.quote for finding in found)


def test_below_the_threshold_nothing_is_found() -> None:
    assert by_model(-2.0).judge("why", "The pump failed at noon.").findings == ()


def test_only_findings_of_the_question_are_made() -> None:
    found = by_model(2.0).judge("intended", "I wanted it to go well").findings
    assert {finding.kind for finding in found} <= {kind for kind, one in judgements().items() if "intended" in one.steps}


def test_what_is_left_out_is_not_looked_for() -> None:
    judged = BY_RULES.judge("why", "The team wasn't experienced enough", leave_out=["premature_closure"])
    assert judged.findings == ()


def test_an_answer_to_a_why_says_where_it_leads() -> None:
    fork = "The brief came late and nobody had booked the studio."
    assert by_model(2.0).judge("why", fork, earlier=["It was a mess."]).signs == ("root_reached", "branch", "loop")
    assert by_model(2.0).judge("why", "The brief came late.").signs == ("root_reached",)
    assert by_model(-2.0).judge("why", fork).signs == ()
    assert by_model(2.0).judge("happened", fork).signs == ()


def test_a_factor_gets_the_three_control_classes() -> None:
    control = by_model(0).judge("factor", "the weather").control
    assert control is not None
    assert list(control) == list(CONTROLS)
    assert sum(control.values()) == pytest.approx(1.0)
    assert max(control, key=lambda name: control[name]) == "partial"


@pytest.mark.parametrize("text", ["ok", "my finances", "", "   ", "???"])
def test_a_word_or_two_is_too_little_to_judge(text: str) -> None:
    judged = BY_RULES.judge("why", text)
    assert judged.findings == ()
    assert judged.note == TOO_LITTLE


def test_one_endless_word_is_too_little_to_judge_whatever_the_question() -> None:
    for step in ("intended", "happened", "why", "next"):
        assert by_model(2.0).judge(step, "a" * 5000).note == TOO_LITTLE


def test_a_known_phrase_of_two_words_is_judged_all_the_same() -> None:
    assert BY_RULES.judge("next", "Be more careful").findings[0].kind == "vague_commitment"


@pytest.mark.parametrize(
    "text",
    [
        "Ich habe von Anfang an gewusst, dass das schiefgehen würde.",
        "J'aurais dû être plus prudent, c'est entièrement ma faute.",
        "我本来就知道会这样",
        "Это полностью моя вина",
    ],
)
def test_another_language_is_said_not_guessed_at(text: str) -> None:
    judged = BY_RULES.judge("why", text)
    assert judged.findings == ()
    assert judged.note == NOT_ENGLISH


def test_when_the_model_fails_the_rules_take_over() -> None:
    class Failing(FakeLanguageModel):
        def read(self, frame: Frame, text: str) -> Reading:
            raise ModelError("out of memory")

    judged = by_model(2.0, Failing()).judge("why", "I knew this would happen")
    assert judged.by == "rules"
    assert judged.findings[0].kind == "hindsight"


@settings(max_examples=200, deadline=None)
@given(text=st.text(alphabet=st.characters(exclude_categories=[]), max_size=400), step=st.sampled_from(STEPS))
def test_whatever_is_typed_is_judged_without_an_error_and_quoted_exactly(text: str, step: str) -> None:
    for finding in BY_RULES.judge(step, text).findings:  # type: ignore[arg-type]
        assert text[finding.start : finding.end] == finding.quote


def test_heads_are_kept_and_found_by_the_models_hash(tmp_path) -> None:
    save_heads(heads(1.0), tmp_path)
    again = load_heads([tmp_path / "none", tmp_path], FakeLanguageModel.sha256)
    assert again.findings["hindsight"].answer.bias == 1.0
    assert again.control.classes == CONTROLS


def test_missing_and_damaged_heads_say_what_to_do(tmp_path) -> None:
    with pytest.raises(HeadsMissing, match="coach judge fit"):
        load_heads([tmp_path], "0" * 64)
    save_heads(heads(1.0), tmp_path).write_bytes(b"not a zip file")
    with pytest.raises(HeadsMissing, match="damaged"):
        load_heads([tmp_path], FakeLanguageModel.sha256)


def test_a_raised_bar_silences_what_is_not_sure_enough() -> None:
    answer = "The pump failed at noon and then the rest of it."
    assert by_model(1.0).judge("why", answer).findings
    assert by_model(1.0).judge("why", answer, bars=dict.fromkeys(judgements(), 1.5)).findings == ()
    assert by_model(2.0).judge("why", answer, bars=dict.fromkeys(judgements(), 1.5)).findings


def test_the_model_sees_danger_that_no_rule_names() -> None:
    assert by_model(-9, danger=1.0).judge("why", "The pump failed at noon.").danger
    assert not by_model(-9).judge("why", "The pump failed at noon.").danger


def test_where_danger_is_not_certain_help_is_named_and_the_coaching_goes_on() -> None:
    verdict = by_model(-9, danger=-1.0).judge("why", "The pump failed at noon.")
    assert not verdict.danger
    assert verdict.note == safety().note
    assert "988" in safety().note
    assert by_model(-9).judge("why", "The pump failed at noon.").note is None
