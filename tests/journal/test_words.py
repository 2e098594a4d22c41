from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.journal.words import excerpt, hits, match_query, searchable
from coach.schema import Entry, Factor

ENTRY = Entry(
    id="e1",
    review_id="r1",
    happened_on=date(2026, 3, 10),
    title="alpha",
    tags=("bravo", "charlie"),
    situation="delta",
    root_cause="echo",
    lesson="foxtrot",
    change="golf",
    factors=(Factor(id="f1", text="hotel", chosen="full"), Factor(id="f2", text="india")),
    closed_at=datetime(2026, 3, 15, 12, tzinfo=UTC),
)


def test_all_that_a_person_wrote_into_an_entry_can_be_found() -> None:
    assert searchable(ENTRY).split() == ["alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india"]


def test_fields_do_not_run_into_each_other() -> None:
    assert "alpha\nbravo charlie\ndelta" in searchable(ENTRY)


@pytest.mark.parametrize(
    ("query", "match"),
    [
        ("late proposal", '"late" OR "proposal"'),
        ('"late', '"late"'),
        ("title: late NOT (proposal)", '"title" OR "late" OR "proposal"'),
        ("it's", '"s"'),
        ("naïve Дом 家", '"naïve" OR "Дом" OR "家"'),
    ],
)
def test_every_word_is_quoted(query: str, match: str) -> None:
    assert match_query(query) == match


@pytest.mark.parametrize("query", ["", "   ", '"', "-*()^:", "🙂", "\0\ud800"])
def test_without_a_word_there_is_no_query(query: str) -> None:
    assert match_query(query) == ""


def test_a_whole_page_as_a_query_is_cut() -> None:
    words = [f"word{n}" for n in range(1000)]
    assert match_query(" ".join(words)).split(" OR ") == [f'"{word}"' for word in words[:64]]


@given(st.text())
def test_nothing_typed_gets_out_of_its_quotes(query: str) -> None:
    match = match_query(query)
    assert all(word[0] == word[-1] == '"' and '"' not in word[1:-1] for word in match.split(" OR ") if match)


@pytest.mark.parametrize(
    ("query", "text", "marked"),
    [
        ("promised", "A promise is a promise.", ["promise", "promise"]),
        ("the late tender", "The tender of the year", ["tender"]),
        ("the", "The end of the day", ["The", "the"]),
        ("cafe", "At the Café.", ["Café"]),
        ("naïve", "so naive", ["naive"]),
        ("🙂", "🙂 yes", []),
        ("", "anything", []),
        ("家", "at 家 now", ["家"]),
    ],
)
def test_words_are_marked_as_the_search_finds_them(query: str, text: str, marked: list[str]) -> None:
    assert [text[start:end] for start, end in hits(query, text)] == marked


def test_a_long_text_is_shown_around_its_first_hit() -> None:
    text = "word " * 400 + "tender " + "word " * 400
    shown, marks = excerpt(text, hits("tender", text))
    assert [shown[start:end] for start, end in marks] == ["tender"]
    assert shown.startswith("… ")
    assert shown.endswith(" …")
    assert len(shown) < 260


@given(text=st.text(max_size=600), query=st.text(max_size=20))
def test_marks_stay_inside_what_is_shown(text: str, query: str) -> None:
    marks = hits(query, text)
    shown, moved = excerpt(text, marks, most=50)
    assert len(shown) <= 50 + 4
    assert [shown[start:end] for start, end in moved] == [text[start:end] for start, end in marks][: len(moved)]
