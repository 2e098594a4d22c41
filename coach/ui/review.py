"""The review's screen: which step is drawn, the answers so far, back and forward, and the halt."""

from collections.abc import Callable

import streamlit as st

from coach.flow.review import Review
from coach.flow.steps import HAPPENED, INTENDED, LESSON, NEXT, NUMBERED, TIMELINE, WELL
from coach.prompts import safety
from coach.schema import STAGES, Stage
from coach.ui import answer, change, close, context, control, side, state, text, whys


def show() -> None:
    """Draw the review that the address names."""
    state.fill_boxes()
    review = state.present_review()
    if review is None and st.query_params.get("entry"):  # a link to an entry that was followed out of a half-filled box
        state.go("entry", entry=st.query_params["entry"])
    if review is None:
        text.note("There is no review here. Begin one, or go on with one, from the first page.")
        st.page_link(state.page("home"), label="To the first page")
        return
    if review.halted_at:
        _halted(review)
        return
    if review.entry_id:
        state.go("entry", entry=review.entry_id)
    if not side.may_show(review):
        _step(review, "alone")
        return
    reading, margin = st.columns([5, 3], gap="large")
    with reading:
        _step(review, "reading")
    with margin:  # last: the question is on the page while the log is asked
        side.show(review)


def _step(review: Review, width: str) -> None:
    with st.container(key=width):
        _progress(review)
        _answers_so_far(review)
        _STAGES[review.stage](review)
        _back_and_forward(review)


def _progress(review: Review) -> None:
    number = NUMBERED.get(review.stage)
    title = review.context.title if review.context else ""
    place = f"Question {number} of 4" if number else "Closing" if review.stage == "close" else "Before the questions"
    text.note(f"{place}  ·  {title}")


def _answers_so_far(review: Review) -> None:
    """What was answered before this step, out of the way on a small screen but never gone."""
    order = [("intended", INTENDED.ask), ("happened", HAPPENED.ask)]
    at = STAGES.index(review.stage)
    before = [(slot, ask) for slot, ask in order if STAGES.index(_stage_of(slot)) < at and review.slot(slot).versions]
    if before and review.stage != "close":
        with st.expander("Your answers so far", expanded=review.stage in ("happened", "why")):
            for slot, ask in before:
                answer.earlier(review, slot, ask)


def _stage_of(slot: str) -> Stage:
    return "intended" if slot == "intended" else "happened"


def _advance(to: Stage) -> Callable[[Review], object]:
    return lambda review: state.coach().move(review, to)


def _intended(review: Review) -> None:
    answer.ask(review, INTENDED, INTENDED.ask, _advance("happened"))


def _happened(review: Review) -> None:
    answer.ask(review, HAPPENED, HAPPENED.ask, _advance("why"))
    with st.expander("Add a timeline, or what went well"):
        answer.optional_box(review, TIMELINE)
        answer.optional_box(review, WELL)


def _lesson(review: Review) -> None:
    answer.earlier(review, "next", NEXT.ask)
    answer.ask(review, LESSON, LESSON.ask, _advance("close"))


_STAGES: dict[Stage, Callable[[Review], None]] = {
    "context": context.again,
    "intended": _intended,
    "happened": _happened,
    "why": whys.show,
    "control": control.show,
    "next": lambda review: change.show(review, _advance("lesson")),
    "lesson": _lesson,
    "close": close.show,
}


def _back_and_forward(review: Review) -> None:
    """Every step can be gone to at any time."""
    at = STAGES.index(review.stage)
    st.space("medium")
    with st.container(horizontal=True, key="steps"):
        if at > 0 and st.button("← Back", key="back", type="tertiary"):
            state.coach().move(review, STAGES[at - 1])
            st.rerun()
        if at < len(STAGES) - 1 and st.button("Forward →", key="forward", type="tertiary"):
            state.coach().move(review, STAGES[at + 1])
            st.rerun()


def _halted(review: Review) -> None:
    """Signs of self-harm: plain words, where to find help, and nothing else."""
    with st.container(key="alone"):
        st.header("Before anything else", anchor=False)
        for paragraph in safety().body.strip().split("\n\n"):
            st.html(text.question(" ".join(paragraph.split())))
        text.note("What you wrote is kept on this machine only. It is not judged, and not used for anything.")
        if st.button("I meant something else: let me change my words", key="resume"):
            state.coach().resume(review)
            st.rerun()
        if st.button("Put this review away", key="put-away", type="tertiary"):
            state.coach().discard(review)
            state.go("home")
