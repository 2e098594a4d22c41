"""The tendency view with the true model, on texts that are not among the labelled entries. Marked ``real``."""

import pytest

from coach.compose import Parts, load_model
from coach.patterns.habits import Habits
from coach.patterns.tendency import Projection, TendencyEmbedder, state_of
from coach.prompts import tendencies
from coach.settings import load_settings

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]

YES_WORK = "I took on the export, the audit and the training week on top of a full sprint, and each of them came late."
YES_HOME = "I agreed to bake for the fete, fetch my aunt and paint the gate, all on one Saturday, and did a third of each."
ANGER_WORK = "The tester wrote one dry line about my code and I answered in capitals to the whole list."
ANGER_SPORT = "He clipped my heel at the start and I shoved him back in front of the marshal; disqualified."
TALK_WORK = "The new hire had been late for weeks and each Monday I decided to bring it up on the next one."
TALK_HOME = "For a year I let my flatmate's unpaid share slide, because I dreaded the evening when I would have to say it."
UNLISTED_ONE = "I hummed along to the alarm in my head and so never heard when the tone of it changed."

SAME = [(YES_WORK, YES_HOME), (ANGER_WORK, ANGER_SPORT), (TALK_WORK, TALK_HOME)]
OTHER = [(YES_WORK, ANGER_WORK), (YES_WORK, TALK_WORK), (ANGER_WORK, TALK_WORK), (YES_HOME, TALK_HOME), (YES_HOME, ANGER_SPORT)]


@pytest.fixture(scope="module")
def parts() -> Parts:
    loaded = Parts()
    load_model(load_settings(), loaded)
    assert loaded.notes == []
    return loaded


@pytest.fixture(scope="module")
def projection(parts: Parts) -> Projection:
    assert parts.projection
    return parts.projection


@pytest.fixture(scope="module")
def embedder(parts: Parts, projection: Projection) -> TendencyEmbedder:
    assert parts.model
    return TendencyEmbedder(state_of(parts.model), projection)


def near(embedder: TendencyEmbedder, one: str, other: str) -> float:
    first, second = embedder.embed([one, other])
    return float(first @ second)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_habit_in_two_walks_of_life_is_more_likely_than_not(
    embedder: TendencyEmbedder, projection: Projection, one: str, other: str
) -> None:
    assert near(embedder, one, other) >= projection.bar


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_two_habits_in_one_walk_of_life_are_not_shown(
    embedder: TendencyEmbedder, projection: Projection, one: str, other: str
) -> None:
    assert near(embedder, one, other) < projection.show_bar


def test_the_shared_habit_is_said_in_words(embedder: TendencyEmbedder, projection: Projection) -> None:
    habits = Habits(projection.centres, tendencies(), projection.show_bar)
    one, other = embedder.embed([TALK_WORK, TALK_HOME])
    assert habits.shared(one, other) == tendencies()["avoiding_hard_conversations"].you


def test_a_text_has_the_same_vector_each_time(parts: Parts, projection: Projection, embedder: TendencyEmbedder) -> None:
    assert parts.model
    again = TendencyEmbedder(state_of(parts.model), projection)
    parts.model.read(parts_frame(), "Something else in between.")
    assert near(embedder, UNLISTED_ONE, UNLISTED_ONE) == pytest.approx(1)
    assert float(embedder.embed([YES_WORK])[0] @ again.embed([YES_WORK])[0]) == pytest.approx(1, abs=1e-3)


def parts_frame():
    """The judge's frame, which is read in between, at another depth."""
    from coach.judge.reading import FRAME

    return FRAME


def test_a_long_report_is_read_within_a_bound(embedder: TendencyEmbedder) -> None:
    assert embedder.embed(["The pump stopped and nobody had written it down. " * 4000]).shape == (1, embedder.width)
