"""The parts of the llama.cpp adapter that are about text alone; no model is loaded."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.errors import ModelBroken
from coach.llm.formats import CHATML, GEMMA, LLAMA3, PLAIN, chat_format
from coach.llm.llama import _character_spans, _whole_characters
from coach.llm.native import check_mark
from coach.llm.prefixes import MARK, PrefixStore

TEXT = st.text(alphabet=st.one_of(st.sampled_from("ab é家🙂\u0301"), st.characters(exclude_categories=["Cs"])), max_size=30)


@st.composite
def text_in_pieces(draw: st.DrawFn) -> tuple[str, list[bytes]]:
    """A text, and its bytes cut anywhere, some pieces empty."""
    text = draw(TEXT)
    data = text.encode()
    cuts = sorted(draw(st.lists(st.integers(0, len(data)), max_size=12)))
    return text, [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]


# -- bytes to characters ------------------------------------------------------------------------------------------


@given(text_in_pieces())
def test_characters_cut_anywhere_come_out_whole(cut: tuple[str, list[bytes]]) -> None:
    text, pieces = cut
    out, waiting = "", b""
    for piece in pieces:
        more, waiting = _whole_characters(waiting + piece)
        out += more
        assert text.startswith(out)
        assert len(waiting) < 4
    assert (out, waiting) == (text, b"")


def test_nothing_is_held_back_but_the_unfinished_character() -> None:
    assert _whole_characters(b"") == ("", b"")
    assert _whole_characters("naïve 🙂".encode()[:-1]) == ("naïve ", "🙂".encode()[:-1])


@given(st.binary(max_size=20))
def test_bytes_that_are_no_text_do_not_stop_it(data: bytes) -> None:
    text, waiting = _whole_characters(data)
    assert len(waiting) < 4
    if not waiting:
        assert text == data.decode("utf-8", "replace")


# -- tokens to characters -----------------------------------------------------------------------------------------


@given(text_in_pieces())
def test_each_token_spans_the_characters_that_its_bytes_are_of(cut: tuple[str, list[bytes]]) -> None:
    text, pieces = cut
    owners = [i for i, char in enumerate(text) for _ in char.encode()]
    at = 0
    for (start, end), piece in zip(_character_spans(text, pieces), pieces, strict=True):
        touched = owners[at : at + len(piece)]
        if piece:
            assert (start, end) == (touched[0], touched[-1] + 1)
        else:
            assert 0 <= start <= end <= len(text)
        at += len(piece)


def test_spans_of_words_and_of_a_character_in_two_tokens() -> None:
    assert _character_spans("a late é", [b"a", b" late", b" \xc3", b"\xa9"]) == ((0, 1), (1, 6), (6, 8), (7, 8))
    assert _character_spans("", []) == ()


def test_what_no_utf8_can_hold_counts_as_the_sign_put_in_its_place() -> None:
    assert _character_spans("a\ud800b\0c", [b"a", b"?", b"b", b" ", b"c"]) == ((0, 1), (1, 2), (2, 3), (3, 4), (4, 5))


def test_tokens_that_say_more_than_the_text_stay_inside_it() -> None:
    assert all(0 <= start <= end <= 2 for start, end in _character_spans("ab", [b"a", b"bcd", b"e"]))


# -- chat formats -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "form"),
    [
        ("{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>{% endfor %}", CHATML),
        ("{{ bos_token }}<start_of_turn>user\n{{ content }}<end_of_turn>", GEMMA),
        ("<|start_header_id|>user<|end_header_id|>\n\n{{ content }}<|eot_id|>", LLAMA3),
        ("[INST] {{ content }} [/INST]", PLAIN),
        ("", PLAIN),
    ],
)
def test_the_format_is_the_one_whose_marks_the_template_uses(template: str, form: object) -> None:
    assert chat_format(template) is form


@pytest.mark.parametrize("form", [CHATML, GEMMA, LLAMA3, PLAIN])
def test_a_turn_of_the_person_can_be_told_from_one_of_the_model(form) -> None:
    assert form.user != form.assistant
    assert form.end


@given(st.text(max_size=40))
def test_a_template_is_never_run(text: str) -> None:
    template = text + "{{ 1 / 0 }}{% raise %}"
    assert chat_format(template) in (CHATML, GEMMA, LLAMA3, PLAIN)


# -- files --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["text", "empty", "", "missing"])
def test_a_file_that_is_no_model_is_named_before_llama_sees_it(tmp_path: Path, name: str) -> None:
    (tmp_path / "text").write_text("not a model")
    (tmp_path / "empty").touch()
    with pytest.raises(ModelBroken, match=r"is not a GGUF|cannot be read") as caught:
        check_mark(tmp_path / name)
    assert str(tmp_path / name) in str(caught.value)


def test_what_a_killed_process_left_half_written_goes_after_a_while(tmp_path: Path) -> None:
    old, new, state, mark = tmp_path / "a.4711", tmp_path / "b.4712", tmp_path / "c.state", tmp_path / MARK
    for path in (old, new, state, mark):
        path.touch()
    for path in (old, state, mark):
        os.utime(path, (1, 1))
    PrefixStore(tmp_path, "sha", "1")._prune()
    assert sorted(tmp_path.iterdir()) == [new, state, mark], "the mark is no leftover"
