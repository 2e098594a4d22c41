import pytest

from coach.errors import InputError
from coach.judge.rows import read_rows, rows_in
from coach.resources import shipped

GOOD = '{"id": "1", "task": "hindsight", "question": "why", "text": "I knew it all along", "label": 1, "hard": false}'


def test_rows_and_pairs_are_told_apart(rows_file) -> None:
    rows = read_rows([rows_file])
    assert len(rows.pairs) == 2
    assert {row.task for row in rows.of("control", "hindsight")} == {"control", "hindsight"}


def test_rows_of_a_task_that_nobody_knows_are_left_out_and_named(tmp_path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(f"{GOOD}\n{GOOD.replace('hindsight', 'politeness')}\n", encoding="utf-8")
    rows, left_out = read_rows([path]).known(["hindsight"])
    assert [row.task for row in rows.answers] == ["hindsight"]
    assert left_out == ["politeness"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("not json", "not JSON"),
        ("[1, 2]", "not an object"),
        (GOOD.replace('"label": 1', '"label": 2'), "label"),
        (GOOD.replace('"label": 1', '"label": "full"'), "control has the labels"),
        (GOOD.replace('"why"', '"sometime"'), "question"),
        (GOOD.replace('"text"', '"txt"'), "text"),
    ],
)
def test_a_broken_line_is_named_and_not_quoted(tmp_path, line: str, words: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(f"{GOOD}\n{line}\n", encoding="utf-8")
    with pytest.raises(InputError, match="line 2") as caught:
        read_rows([path])
    assert words in str(caught.value)
    assert "all along" not in str(caught.value)


def test_nothing_to_read_is_said(tmp_path) -> None:
    with pytest.raises(InputError, match="no labelled rows"):
        rows_in([tmp_path])


def test_a_file_in_another_encoding_is_named(tmp_path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(GOOD.encode("utf-16"))
    with pytest.raises(InputError, match="UTF-8"):
        read_rows([path])


def test_no_two_rows_that_ship_share_an_id_and_each_quote_is_verbatim() -> None:
    rows = rows_in([shipped("data") / name for name in ("judgement", "training", "heldout")])
    ids = [row.id for row in (*rows.answers, *rows.pairs)]
    assert len(set(ids)) == len(ids)
    assert all(row.quote in row.text for row in rows.answers if row.quote)


def test_no_held_out_text_is_among_those_that_are_fitted_on() -> None:
    if not (shipped("data") / "heldout").is_dir():
        pytest.fail("data/heldout is missing")
    taught = {row.text for row in rows_in([shipped("data") / "judgement", shipped("data") / "training"]).answers}
    assert not taught & {row.text for row in rows_in([shipped("data") / "heldout"]).answers}
