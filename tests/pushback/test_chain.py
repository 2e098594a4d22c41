import pytest

from coach.judge.branches import causes
from coach.pushback.chain import standing


def test_an_empty_chain_goes_on() -> None:
    assert standing([], ()).place == "deeper"


def test_a_decision_or_a_condition_in_reach_is_an_end() -> None:
    assert standing(["It was late.", "I assumed the scope would hold."], ["root_reached"]).place == "end"


def test_the_same_words_again_are_a_circle_whatever_the_judge_says() -> None:
    found = standing(["The proposal was late.", "Bad planning.", "the proposal was late"], ["root_reached"])
    assert (found.place, found.words) == ("loop", ("The proposal was late.",))


def test_a_circle_that_the_judge_sees_names_the_nearest_answer() -> None:
    found = standing(["The proposal was late.", "There was no plan."], ["loop"])
    assert (found.place, found.words) == ("loop", ("The proposal was late.",))


def test_a_first_answer_is_no_circle() -> None:
    assert standing(["The proposal was late."], ["loop"]).place == "deeper"


def test_two_causes_are_a_fork_only_where_the_judge_agrees() -> None:
    text = "The brief came late and nobody had booked the studio."
    assert standing([text], ["branch"]).words == ("The brief came late", "nobody had booked the studio")
    assert standing([text], ()).place == "deeper"


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("Partly because we had no list, partly because the boiler is old.", ("we had no list", "the boiler is old")),
        ("Because the ewes were thin and because nobody had counted them.", ("the ewes were thin", "nobody had counted them")),
        (
            "The contract was in legal English. On top of that, I had only a day.",
            ("The contract was in legal English", "I had only a day"),
        ),
        (
            "The vaccine fridge had no thermometer and the power was off twice.",
            ("The vaccine fridge had no thermometer", "the power was off twice"),
        ),
    ],
)
def test_two_causes_are_told_apart(text: str, pair: tuple[str, str]) -> None:
    assert causes(text) == pair
    assert all(cause in text for cause in pair)


@pytest.mark.parametrize("text", ["", "Tea and coffee", "Only one key.", "Nobody told the night shift about the new valve."])
def test_what_cannot_be_cut_is_left_whole(text: str) -> None:
    assert causes(text) is None


def test_without_a_joining_phrase_the_strongest_joint_is_cut() -> None:
    text = "The bees were in a mood from the thunder. My suit had a tear at the ankle."
    assert causes(text) == ("The bees were in a mood from the thunder", "My suit had a tear at the ankle")
