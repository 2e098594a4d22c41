from hypothesis import given
from hypothesis import strategies as st

from coach.judge.sentences import sentences


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


def test_sentences_end_where_a_reader_would_end_them() -> None:
    assert cut("It cost 3.5 hours, e.g. on Monday. Dr. Hart said no! Why? i don't know") == [
        "It cost 3.5 hours, e.g. on Monday.",
        "Dr. Hart said no!",
        "Why?",
        "i don't know",
    ]


def test_a_line_break_ends_a_sentence() -> None:
    assert cut("no time\nno money") == ["no time", "no money"]


def test_signs_alone_are_no_sentence() -> None:
    assert cut("... !! \n -") == []


@given(st.text())
def test_spans_are_ordered_apart_and_inside_whatever_the_text(text: str) -> None:
    last = 0
    for start, end in sentences(text):
        assert last <= start < end <= len(text)
        last = end
