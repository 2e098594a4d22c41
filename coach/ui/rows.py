"""A step that takes rows: moments, conditions under conditions, actions with owner and day. Each row is an answer of its own."""

from datetime import date

import streamlit as st

from coach.errors import InputError
from coach.flow.review import Review, Row
from coach.flow.rows import Placed, in_order, span
from coach.reviews.kinds import Asked, Column, StepOf
from coach.ui import answer, boxes, state, text


def show(review: Review, step: StepOf) -> None:
    """Draw the rows in order, the one that is asked about, and the form for one more."""
    st.header(text.label(step.ask), anchor=False)
    if step.hint:
        text.note(step.hint)
    if step.example and not review.rows_of(step.name):
        answer.example(step.example)
    on = review.context.happened_on if review.context else date.min
    for placed in in_order(step, review.rows_of(step.name), on):
        _row(review, step, placed)
    under = st.session_state.get(f"under-{review.id}-{step.name}", "")
    parent = next((row for row in review.rows_of(step.name) if row.slot == under), None)
    _form(review, step, parent)
    if st.button("Go on", type="primary", key=f"on-{step.name}"):
        _go_on(review, step, parent)


def _row(review: Review, step: StepOf, placed: Placed) -> None:
    row, slot = placed.row, review.slot(placed.row.slot)
    if placed.gap:
        text.note(f"{span(placed.gap)} without an entry.")
    with st.container(key=f"line-{min(placed.depth, 4)}-{row.slot.replace('.', '-')}"):
        if step.judged and not slot.settled:
            question = Asked(slot=row.slot, ask=step.ask, judged=step.judged, leave_out=step.leave_out)
            answer.ask(review, question, "", lambda review: None)
        else:
            _settled(review, step, row)


def _settled(review: Review, step: StepOf, row: Row) -> None:
    facts = "  ·  ".join(row.cells[column.name] for column in step.columns if row.cells.get(column.name))
    if facts:
        text.note(facts)
    text.words(review.slot(row.slot).text, size="small")
    coach = state.coach()
    with st.container(horizontal=True):
        if step.branches and st.button(text.label(step.branches), key=f"under-{row.slot}", type="tertiary"):
            st.session_state[f"under-{review.id}-{step.name}"] = row.slot
            st.rerun()
        if step.judged and st.button("Change", key=f"change-{row.slot}", type="tertiary"):
            coach.reopen(review, row.slot)
            st.rerun()
        if st.button("Take out", key=f"out-{row.slot}", type="tertiary"):
            coach.remove_row(review, row.slot)
            st.rerun()
    if step.columns or not step.judged:
        _edit(review, step, row)


def _edit(review: Review, step: StepOf, row: Row) -> None:
    """Another wording, where it is not judged, and other facts."""
    facts = ", ".join(column.label for column in step.columns)
    box = st.expander(text.label(facts) if step.judged else "Edit", key=f"open-{row.slot}", on_change="rerun")
    if not box.open:
        return
    with box:
        written = review.slot(row.slot).text
        if not step.judged:
            written = boxes.area("Text", review.id, f"edit.{row.slot}", written, key=f"text-{review.id}-{row.slot}", height=80)
        cells = {column.name: _cell(review, column, row.slot, row.cells.get(column.name, "")) for column in step.columns}
        if st.button("Save", key=f"save-{row.slot}"):
            _do(lambda: _save(review, step, row, written, cells))


def _save(review: Review, step: StepOf, row: Row, written: str, cells: dict[str, str]) -> None:
    coach = state.coach()
    if step.columns:
        review = coach.fill_row(review, step, row.slot, cells)
    if written.strip() != review.slot(row.slot).text:
        coach.answer(review, row.slot, written)
    boxes.forget(review.id, f"edit.{row.slot}", *(f"cell.{row.slot}.{column.name}" for column in step.columns))


def _form(review: Review, step: StepOf, parent: Row | None) -> None:
    """One more row; what is typed is kept as a draft until it is added."""
    number = len([row for row in review.all_rows if row.step == step.name])
    name = step.row or "line"
    slot = f"new.{step.name}"
    key = f"new-{review.id}-{step.name}-{number}"
    with st.container(key=f"card-new-{step.name}"):
        if parent:
            text.note(f"{step.branches} Under: {review.slot(parent.slot).text}")
        boxes.area(f"One more {name}", review.id, slot, "", key=key, height=80)
        cells = {column.name: _cell(review, column, f"{slot}.{number}", "") for column in step.columns}
        with st.container(horizontal=True):
            if st.button("Add it", key=f"add-{step.name}"):
                _do(lambda: _add(review, step, key, cells, parent))
            if parent and st.button("Not under this one", key=f"top-{step.name}", type="tertiary"):
                st.session_state.pop(f"under-{review.id}-{step.name}")
                st.rerun()


def _add(review: Review, step: StepOf, key: str, cells: dict[str, str], parent: Row | None) -> Review:
    coach = state.coach()
    number = len([row for row in review.all_rows if row.step == step.name])
    review = coach.add_row(review, step, str(st.session_state[key]), cells, parent.slot if parent else "")
    boxes.forget(review.id, f"new.{step.name}", *(f"cell.new.{step.name}.{number}.{column.name}" for column in step.columns))
    st.session_state.pop(f"under-{review.id}-{step.name}", None)
    return review


def _cell(review: Review, column: Column, place: str, value: str) -> str:
    """The widget for a fact; its value as text."""
    key = f"cell-{review.id}-{place}-{column.name}"
    if column.holds == "choice":
        index = column.choices.index(value) if value in column.choices else None
        return st.selectbox(text.label(column.label), column.choices, index=index, key=key) or ""
    if column.holds == "date":
        chosen = st.date_input(text.label(column.label), _day(value), key=key)
        return str(chosen) if isinstance(chosen, date) else ""
    example = "14:05, or 2026-03-03 14:05" if column.holds == "time" else None
    return boxes.line(column.label, review.id, f"cell.{place}.{column.name}", value, key=key, max_chars=300, placeholder=example)


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _do(act: object) -> None:
    """Do it and draw anew; say what was wrong otherwise."""
    try:
        act()  # type: ignore[operator]
    except InputError as exc:
        text.note(str(exc))
        return
    st.rerun()


def _go_on(review: Review, step: StepOf, parent: Row | None) -> None:
    """To the next step, unless a row was typed and not added yet: then it is added first."""
    coach = state.coach()
    number = len([row for row in review.all_rows if row.step == step.name])
    key = f"new-{review.id}-{step.name}-{number}"
    typed = bool(str(st.session_state.get(key, "")).strip())
    try:
        review = _add(review, step, key, _cells_typed(review, step, number), parent) if typed else review
    except InputError as exc:
        text.note(str(exc))
        return
    if not (typed and step.judged):  # what was just added is read first
        coach.move(review, coach.next_stage(review))
    st.rerun()


def _cells_typed(review: Review, step: StepOf, number: int) -> dict[str, str]:
    """The facts as they stand in the form for one more row."""
    keys = {column.name: f"cell-{review.id}-new.{step.name}.{number}-{column.name}" for column in step.columns}
    return {name: str(st.session_state.get(key) or "") for name, key in keys.items()}
