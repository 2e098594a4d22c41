"""Control: each contributing factor sorted by the person, with the coach's proposal, and the next question for each class."""

import streamlit as st

from coach.errors import InputError
from coach.flow.coach import balance_note
from coach.flow.review import Review
from coach.reviews.kinds import StepOf
from coach.schema import Control, Factor
from coach.ui import answer, boxes, state, text, windows

_NEW_FACTOR = "new.factor"
_NAMES: dict[Control, str] = {"full": "Fully mine", "partial": "Partly mine", "outside": "Outside"}


def show(review: Review, step: StepOf) -> None:
    """Draw the factors and what follows from their classes."""
    coach = state.coach()
    with st.spinner("Sorting what you wrote…"):
        review = coach.suggest_factors(review)
    st.header(text.label(step.ask), anchor=False)
    text.note("Your own whys stand below. The coach proposes; your click decides. Add what is missing: people, conditions, chance.")
    for factor in review.factors:
        _factor(review, factor)
    _add(review)
    note = balance_note(review.factors)
    if note:
        with st.container(key="card-balance"):
            text.note(note)
    for name, question in zip(_NAMES, step.beside, strict=True):
        if any(factor.chosen == name for factor in review.factors):
            answer.optional_box(review, question)
    if st.button("Go on", type="primary", key="on-control"):
        _go_on(review)


def _go_on(review: Review) -> None:
    """To the next step, unless a factor was typed and not added yet: then it is added, to be sorted first."""
    coach, typed = state.coach(), str(st.session_state.get(_box(review), ""))
    now = coach.open(review.id)
    if typed.strip():
        coach.add_factor(now, typed)
        boxes.forget(review.id, _NEW_FACTOR)
    else:
        coach.move(now, coach.next_stage(now))
    st.rerun()


def _factor(review: Review, factor: Factor) -> None:
    with st.container(key=f"card-factor-{factor.id}"):
        text.words(factor.text, size="small")
        proposal = f"The coach would say: {_NAMES[factor.proposed].lower()}." if factor.proposed else "Where does it belong?"
        text.note(proposal if factor.chosen is None else "You decided.")
        key = f"sort-{factor.id}"
        if key not in st.session_state and factor.chosen:
            st.session_state[key] = factor.chosen
        st.segmented_control(
            "Who controlled this?",
            list(_NAMES),
            key=key,
            format_func=_NAMES.__getitem__,
            on_change=_sort,
            args=(review.id, factor.id),
            label_visibility="collapsed",
        )
        if st.button("Take out", key=f"remove-{factor.id}", type="tertiary"):
            state.coach().remove_factor(review, factor.id)
            st.rerun()


def _sort(review_id: str, factor_id: str) -> None:
    chosen = st.session_state.get(f"sort-{factor_id}")

    def act() -> None:
        coach = state.coach()
        review = coach.open(review_id)
        if chosen and not windows.gone_on(review):
            coach.sort_factor(review, factor_id, chosen)

    boxes.told(act)


def _add(review: Review) -> None:
    """A box for one more factor; it empties once the factor is added."""
    example = "the client added requirements in week three"
    written = boxes.line("Another factor", review.id, _NEW_FACTOR, "", key=_box(review), placeholder=example)
    if st.button("Add it", key="add-factor"):
        try:
            state.coach().add_factor(review, written)
        except InputError as exc:
            text.note(str(exc))
            return
        boxes.forget(review.id, _NEW_FACTOR)
        st.rerun()


def _box(review: Review) -> str:
    """The key of the box for one more factor: a new, empty box after each."""
    return f"factor-{review.id}-{len(review.factors)}-{len(review.factors_taken_out)}"
