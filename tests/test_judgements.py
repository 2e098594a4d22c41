"""Laws that hold for every judgement there is."""

import pytest

from coach.errors import PromptError
from coach.judge.rules import rule_finding
from coach.judge.sentences import words
from coach.prompts import Judgement, fits, judgements, read_judgements, read_template, safety, template
from coach.pushback.checks import BY_HAND, Asked, failures, no_advice, no_blame, not_leading, one_question
from coach.resources import shipped

KINDS = list(judgements().values())
FINDINGS = [
    "vague_goal",
    "narrative_not_facts",
    "premature_closure",
    "hindsight",
    "confirmation_bias",
    "avoidance",
    "overresponsibility",
    "vague_commitment",
    "shame_identity",
    "rumination",
]


def test_the_ten_findings_are_there() -> None:
    assert set(FINDINGS) <= set(judgements())


@pytest.mark.parametrize("judgement", KINDS, ids=lambda judgement: judgement.kind)
class TestEveryJudgement:
    def test_its_rules_fire_on_its_own_example_and_quote_exactly(self, judgement: Judgement) -> None:
        found = rule_finding(judgement, judgement.example.weak)
        assert found is not None
        start, end = found[1]
        assert judgement.example.weak[start:end].strip()

    def test_its_rules_are_silent_on_the_good_counterpart(self, judgement: Judgement) -> None:
        assert rule_finding(judgement, judgement.example.good) is None

    def test_it_is_silent_on_nothing(self, judgement: Judgement) -> None:
        assert rule_finding(judgement, "") is None

    def test_its_file_has_its_name(self, judgement: Judgement) -> None:
        assert (shipped("prompts") / "judgements" / f"{judgement.kind}.md").is_file()

    def test_its_hand_written_questions_keep_the_rules_for_questions(self, judgement: Judgement) -> None:
        for question in judgement.questions:
            assert failures(question, Asked(judgement.example.weak), BY_HAND) == []

    def test_its_examples_are_answers_with_questions(self, judgement: Judgement) -> None:
        assert len(judgement.examples) >= 2
        for answer, question in judgement.examples:
            assert failures(question, Asked(answer), (no_advice, no_blame, not_leading, one_question)) == []

    def test_a_question_with_its_quote_stays_within_35_words(self, judgement: Judgement) -> None:
        assert all(len(words(question)) <= 21 for question in judgement.questions)
        assert len(words(judgement.better)) <= 7

    def test_its_exercise_is_there(self, judgement: Judgement) -> None:
        assert judgement.exercise is None or template(f"exercises/{judgement.exercise}").questions

    def test_it_overlaps_with_known_judgements(self, judgement: Judgement) -> None:
        assert set(judgement.overlaps) <= set(judgements()) - {judgement.kind}

    def test_its_reason_is_one_sentence(self, judgement: Judgement) -> None:
        assert judgement.why.endswith(".")
        assert judgement.why.count(". ") == 0


GOOD = (shipped("prompts") / "judgements" / "hindsight.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("broken", "word"),
    [
        (GOOD.replace("kind: hindsight", "kind: hindsight\nkidn: typo"), "kidn"),
        (GOOD.replace("priority: 5\n", ""), "priority"),
        (GOOD.replace("steps: [happened, why]", "steps: [sometime]"), "steps"),
        (GOOD.replace("learning is what", "learning: is what"), "YAML"),
        (GOOD.replace("\\\\bsaw (?:it|this) coming", "saw (it"), "regular expression"),
        ("no front matter", "front matter"),
    ],
)
def test_a_broken_file_is_named_with_its_field(tmp_path, broken: str, word: str) -> None:
    (tmp_path / "broken.md").write_text(broken, encoding="utf-8")
    with pytest.raises(PromptError) as caught:
        read_judgements(tmp_path)
    assert "broken.md" in str(caught.value)
    assert word in str(caught.value)


def _templates() -> list[str]:
    folder = shipped("prompts")
    found = [path.relative_to(folder).with_suffix("") for path in folder.rglob("*.md") if path.parent.name != "judgements"]
    return sorted(str(name) for name in found if name.name != "safety")


@pytest.mark.parametrize("name", [*_templates(), *(f"judgements/{kind}" for kind in judgements())])
def test_every_example_of_a_file_with_frames_passes_every_check(name: str) -> None:
    source = judgements()[name.split("/")[1]] if name.startswith("judgements/") else template(name)
    known = ""
    for answer, question in source.examples if source.frames else ():
        known = f"{known} {answer}" if answer.startswith("Now: ") else answer
        frame = next(one for one in source.frames if fits(one, question))
        assert failures(question, Asked(known, frame=frame)) == []


@pytest.mark.parametrize("name", _templates())
def test_every_hand_written_question_passes_the_checks_for_them(name: str) -> None:
    for question in template(name).questions:
        assert failures(question, Asked(""), BY_HAND) == []


FRAMED = (shipped("prompts") / "whys" / "next_why.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("broken", "word"),
    [
        (FRAMED.replace("How did it come about that {}?", "How did {} come about?"), "frames"),
        (FRAMED.replace("How did it come about that {}?", "Tell me about {}."), "frames"),
        (FRAMED.replace("Question: How did it come about that you believed", "Question: Why had you believed"), "frames"),
        (FRAMED.replace("Question: How did it come about that you believed", "Believed"), "pairs"),
        (FRAMED.replace("Answer: The design", "Now: The design"), "pairs"),
    ],
)
def test_a_broken_frame_or_example_is_named(tmp_path, broken: str, word: str) -> None:
    (tmp_path / "broken.md").write_text(broken, encoding="utf-8")
    with pytest.raises(PromptError) as caught:
        read_template(tmp_path / "broken.md")
    assert "broken.md" in str(caught.value)
    assert word in str(caught.value)


def test_a_kind_named_twice_is_refused(tmp_path) -> None:
    (tmp_path / "a.md").write_text(GOOD, encoding="utf-8")
    (tmp_path / "b.md").write_text(GOOD, encoding="utf-8")
    with pytest.raises(PromptError, match="there already"):
        read_judgements(tmp_path)


def test_the_other_prompts_can_be_read() -> None:
    assert template("pushback").instruction
    assert len(template("whys/next_why").examples) >= 3
    assert "988" in safety().body
