"""Small labelled rows that the fake model can tell apart: the weak ones hold a word of their own."""

import itertools
import json
from pathlib import Path

import pytest

from coach.judge.fit import fit_heads, read_all
from coach.judge.heads import Heads
from coach.judge.judge import Judge
from coach.judge.reading import reader
from coach.judge.rows import LOOP, SIGNS, Row
from coach.llm.fake import FakeLanguageModel
from coach.prompts import judgements
from coach.schema import CONTROLS

_NEUTRAL = (
    "the pump",
    "our van",
    "her letter",
    "that meeting",
    "a door",
    "his exam",
    "the frost",
    "one invoice",
    "the shift",
    "my oven",
)
_ENDS = ("at noon", "on Monday", "by the gate", "after lunch", "in the rain", "before dawn", "near the end", "with two keys")


def made_rows() -> list[Row]:
    """Sixteen rows of each label for every task and sign; ``zz`` + the task's name marks the weak ones."""
    rows = []
    scenes = [f"{what} stopped {end}" for what, end in itertools.product(_NEUTRAL, _ENDS)]
    for number, task in enumerate([*judgements(), "self_harm"]):
        for i in range(32):
            scene, label = scenes[(number * 7 + i * 5) % len(scenes)], i % 2
            text = f"I saw that {scene} zz{task} zz{task} {i}." if label else f"I saw that {scene} and left {i}."
            rows.append(Row(id=f"{task}-{i}", task=task, question="any", text=text, label=label, hard=i % 3 == 0))
    for number, sign in enumerate(SIGNS):
        for i in range(32):
            scene, label = scenes[(number * 3 + i * 5) % len(scenes)], i % 2
            earlier = ("It was late.",) if sign == LOOP else ()
            text = f"We had {scene} zz{sign} zz{sign}" if label else f"We had {scene} {i}"
            rows.append(Row(id=f"{sign}-{i}", task=sign, question="why", text=text, label=label, earlier=earlier))
    for i in range(30):
        control = CONTROLS[i % 3]
        rows.append(Row(id=f"c-{i}", task="control", question="factor", text=f"zz{control} {scenes[i]}", label=control))
    return rows


@pytest.fixture(scope="session")
def rows() -> list[Row]:
    return made_rows()


@pytest.fixture(scope="session")
def heads(rows: list[Row]) -> Heads:
    """Heads for the fake model, fitted once."""
    return fit_heads(read_all(rows, reader(FakeLanguageModel())), "model")


@pytest.fixture(scope="session")
def judge(heads: Heads) -> Judge:
    return Judge(judgements(), reader(FakeLanguageModel()), heads)


@pytest.fixture
def rows_file(tmp_path: Path, rows: list[Row]) -> Path:
    path = tmp_path / "rows.jsonl"
    pair = {"id": "p", "task": "same_pattern", "a": "the pump stopped", "b": "our van stopped", "label": 1, "hard": False}
    other = {**pair, "id": "q", "b": "a cake", "label": 0}
    lines = [json.dumps(row.model_dump()) for row in rows] + [json.dumps(pair), json.dumps(other)]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path
