"""The chain of whys on the screen: what the coach proposes after each answer."""

import pytest

from coach.flow.coach import Coach
from coach.pushback.chain import Standing

DEEP = "I assumed the scope would hold because the last three projects kept theirs, and I had no rule for changes."


def at_the_first_why(screen):
    window = screen().begin()
    while "next-why" not in window.buttons:
        window.click("forward") if not window.heading.startswith("Why") else window.send("why.1.1", DEEP)
    return window


@pytest.mark.parametrize(
    ("standing", "heading", "first"),
    [
        (Standing(), "Is there a reason under that?", "next-why"),
        (Standing("end"), "This may be the root", "root"),
        (Standing("loop", ("It was late.",)), "This comes back to an earlier answer", "next-why"),
        (Standing("branch", ("The brief came late", "nobody had booked")), "There are two causes in this", "next-why"),
    ],
)
def test_the_likeliest_step_comes_first(screen, monkeypatch, standing: Standing, heading: str, first: str) -> None:
    window = at_the_first_why(screen)
    monkeypatch.setattr(Coach, "standing", lambda self, review: standing)
    window.at.run()
    assert window.heading == heading
    assert all(word.rstrip(".") in window.text for word in standing.words)
    order = [button.key for button in window.at.button if button.key in ("next-why", "root")]
    assert order[0] == first


def test_a_second_cause_has_its_turn_before_the_chain_is_left(screen, monkeypatch) -> None:
    window = at_the_first_why(screen)
    fork = Standing("branch", ("The brief came late", "nobody had booked the studio"))
    monkeypatch.setattr(Coach, "standing", lambda self, review: fork if len(review.whys) == 1 else Standing("end"))
    window.at.run()
    window.click("next-why").send("why.1.2", DEEP + " That was it.")
    if "keep-why.1.2" in window.buttons:
        window.click("keep-why.1.2")
    window.click("root")
    assert window.box("why.2.1")
    window.click("root-was-last")
    assert window.heading == "Which of this was in your control?"
