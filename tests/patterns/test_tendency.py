"""The tendency view on states made here, in which topic is loud and habit is quiet."""

from dataclasses import replace

import numpy as np
import pytest

from coach.errors import HeadsMissing, InputError
from coach.llm.base import Vector
from coach.llm.fake import FakeLanguageModel
from coach.patterns.fit import DIMENSIONS, fit_projection
from coach.patterns.rows import TendencyRow, tendency_rows
from coach.patterns.tendency import (
    MOST_CHARACTERS,
    Projection,
    TendencyEmbedder,
    frame,
    load_projection,
    projection_file,
    save_projection,
    state_of,
)

WIDTH, HABITS, SCENES, HANDS = 40, 24, 8, 2


class World:
    """Entries as states: a loud direction for the scene, a quiet one for the habit, noise."""

    def __init__(self) -> None:
        self.random = np.random.default_rng(5)
        self.habits = self.random.standard_normal((HABITS + 1, WIDTH))
        self.scenes = 4 * self.random.standard_normal((SCENES, WIDTH))

    def state(self, habit: int, scene: int) -> Vector:
        return (self.habits[habit] + self.scenes[scene] + 0.6 * self.random.standard_normal(WIDTH)).astype(np.float32)

    def rows(self) -> tuple[list[TendencyRow], Vector]:
        places = [(habit, scene, hand) for habit in range(HABITS) for scene in range(SCENES) for hand in range(HANDS)]
        rows = [
            TendencyRow(id=f"{'ab'[hand]}-{n}", tendency=f"h_{chr(97 + habit)}", domain=str(scene), text="x")
            for n, (habit, scene, hand) in enumerate(places)
        ]
        return rows, np.vstack([self.state(habit, scene) for habit, scene, _ in places])


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.fixture(scope="module")
def projection(world: World) -> Projection:
    return fit_projection(*world.rows(), "a model")


def test_the_same_habit_in_another_scene_is_nearer_than_another_habit_in_the_same_scene(
    world: World, projection: Projection
) -> None:
    right = 0
    for habit in range(HABITS):
        here, elsewhere = projection(world.state(habit, 0)), projection(world.state(habit, 3))
        other = projection(world.state((habit + 1) % HABITS, 0))
        right += here @ elsewhere > here @ other
    assert right >= 0.9 * HABITS


def test_a_habit_that_nobody_labelled_has_a_place_of_its_own(world: World, projection: Projection) -> None:
    new = [projection(world.state(HABITS, scene)) for scene in range(SCENES)]
    others = [projection(world.state(habit, habit % SCENES)) for habit in range(HABITS)]
    within = np.mean([one @ other for i, one in enumerate(new) for other in new[:i]])
    between = np.mean([one @ other for one in new for other in others])
    assert within > projection.bar > between


def test_the_bar_for_a_log_is_higher_than_the_one_for_even_odds(projection: Projection) -> None:
    assert -1 < projection.bar < projection.show_bar < 1.2
    assert projection.group_bar < projection.show_bar


def test_vectors_have_unit_length_and_few_dimensions(world: World, projection: Projection) -> None:
    vectors = projection(np.vstack([world.state(0, 0), world.state(1, 1)]))
    assert vectors.shape[1] == projection.width <= DIMENSIONS + HABITS
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1])
    assert set(projection.centres) == {f"h_{chr(97 + habit)}" for habit in range(HABITS)}


def test_too_few_habits_or_a_single_hand_cannot_be_fitted(world: World) -> None:
    rows, states = world.rows()
    few = [row.tendency < "h_f" for row in rows]
    with pytest.raises(InputError, match="fewer than 20 habits"):
        fit_projection([row for row, kept in zip(rows, few, strict=True) if kept], states[few], "m")
    alone = [row.model_copy(update={"id": f"a-{n}"}) for n, row in enumerate(rows)]
    with pytest.raises(InputError, match="two hands"):
        fit_projection(alone, states, "m")


# -- on disk ------------------------------------------------------------------------------------------------------


def test_a_projection_is_found_again_and_makes_the_same_vectors(tmp_path, world: World, projection: Projection) -> None:
    save_projection(projection, tmp_path)
    again = load_projection([tmp_path / "nothing here", tmp_path], "a model")
    state = world.state(2, 2)
    assert again(state) == pytest.approx(projection(state), abs=2e-3)
    assert (again.bar, again.show_bar, again.group_bar) == (projection.bar, projection.show_bar, projection.group_bar)
    assert again.habits == projection.habits
    assert list(again.centres) == sorted(projection.centres)
    assert load_projection([tmp_path], "a model").sha256 == again.sha256


def test_another_model_another_fit_and_another_width_are_told_apart(projection: Projection) -> None:
    changed = replace(projection, mean=projection.mean + 1)
    other = replace(projection, model_sha256="another")
    assert len({projection.sha256, changed.sha256, other.sha256}) == 3


@pytest.mark.parametrize("damage", [b"", b"not an archive", None])
def test_a_damaged_or_missing_projection_says_what_to_do(tmp_path, projection: Projection, damage: bytes | None) -> None:
    if damage is not None:
        save_projection(projection, tmp_path)
        projection_file(tmp_path, "a model").write_bytes(damage)
    with pytest.raises(HeadsMissing, match="coach judge fit"):
        load_projection([tmp_path], "a model")


def test_a_projection_of_another_model_is_refused(tmp_path, projection: Projection) -> None:
    projection_file(tmp_path, "b").parent.mkdir(exist_ok=True)
    save_projection(projection, tmp_path).rename(projection_file(tmp_path, "another model"))
    with pytest.raises(HeadsMissing, match="another version or model"):
        load_projection([tmp_path], "another model")


# -- reading ------------------------------------------------------------------------------------------------------


class Recorder:
    """Counts what it reads."""

    def __init__(self, projection: Projection) -> None:
        self.read: list[str] = []
        self.embedder = TendencyEmbedder(self.state, projection)

    def state(self, text: str) -> Vector:
        self.read.append(text)
        return np.full(WIDTH, len(text), np.float32)


def test_a_text_is_read_once_while_it_is_among_the_newest(projection: Projection) -> None:
    recorder = Recorder(projection)
    for text in ("a", "b", "a", "a"):
        recorder.embedder.embed([text])
    assert recorder.read == ["a", "b"]
    recorder.embedder.embed([f"text {chr(97 + n)}" for n in range(20)])
    recorder.embedder.embed(["a"])
    assert recorder.read.count("a") == 2


@pytest.mark.parametrize("text", ["", "  ", "…", "12 !"])
def test_a_text_without_words_is_not_read(projection: Projection, text: str) -> None:
    recorder = Recorder(projection)
    assert not recorder.embedder.embed([text]).any()
    assert recorder.read == []
    assert recorder.embedder.embed([]).shape == (0, recorder.embedder.width)


def test_the_model_sees_the_beginning_of_a_text_on_one_line() -> None:
    class Reading(FakeLanguageModel):
        def read(self, frame, text):
            self.seen = text
            return super().read(frame, text)

    model = Reading()
    assert state_of(model)("a\nb  c " + "x" * 5000).shape == (model.width,)
    assert model.seen.startswith("a b c x")
    assert len(model.seen) <= MOST_CHARACTERS


def test_the_frame_asks_for_the_habit_behind_examples() -> None:
    assert frame().before.endswith("\n\nEntry: ")
    assert frame().after == "\nHabit:"
    assert frame().before.count("Habit: ") >= 8


# -- rows ---------------------------------------------------------------------------------------------------------


def test_the_shipped_rows_cross_habits_with_walks_of_life() -> None:
    from coach.prompts import tendencies
    from coach.resources import shipped

    rows = tendency_rows(shipped("data") / "tendencies")
    by_habit: dict[str, set[str]] = {}
    for row in rows:
        by_habit.setdefault(row.tendency, set()).add(row.domain)
    assert len(by_habit) >= 200
    assert all(len(domains) >= 8 for domains in by_habit.values())
    assert sum(len([row for row in rows if row.tendency == habit]) >= 12 for habit in by_habit) >= 20
    assert len({row.text for row in rows}) == len(rows)
    assert set(by_habit) == set(tendencies()), "each has a name"


def test_no_row_is_among_those_that_are_measured() -> None:
    from coach.judge.rows import rows_in
    from coach.resources import shipped

    measured = {
        text for pair in rows_in([shipped("data") / "judgement", shipped("data") / "heldout"]).pairs for text in (pair.a, pair.b)
    }
    assert not measured & {row.text for row in tendency_rows(shipped("data") / "tendencies")}
    assert not [text for text in measured if text in frame().before]


@pytest.mark.parametrize("line", ["{", '{"id": "a-1"}', '{"id": "1", "tendency": "x", "domain": "d", "text": "t"}', "[]"])
def test_a_broken_row_is_named_without_its_text(tmp_path, line: str) -> None:
    (tmp_path / "rows.jsonl").write_text(line, encoding="utf-8")
    with pytest.raises(InputError, match=r"rows.jsonl, line 1"):
        tendency_rows(tmp_path)
