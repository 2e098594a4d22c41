"""The review's screen: which step is drawn, the answers so far, back and forward, and the halt."""

from collections.abc import Callable

import streamlit as st

from coach.flow.review import Review
from coach.prompts import safety
from coach.reviews.kinds import Does, ReviewKind, StepOf
from coach.schema import Stage
from coach.ui import answer, boxes, change, close, context, control, rows, side, state, text, whys, windows


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
    windows.stop_if_gone_on(review)
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
    kind = state.coach().kind_of(review)
    step = kind.step(review.stage)
    with st.container(key=width):
        _progress(review, kind, step)
        _answers_so_far(review, kind)
        windows.tell(review)
        if step:
            _do(review, step)
        elif review.stage == "close":
            close.show(review)
        else:  # what it is about; or a step that its kind does not have any more
            context.again(review)
        _back_and_forward(review, kind)


def _progress(review: Review, kind: ReviewKind, step: StepOf | None) -> None:
    title = review.context.title if review.context else ""
    last = max((one.number for one in kind.steps if one.number), default=0)
    place = "Closing" if review.stage == "close" else "Before the questions"
    if step:
        place = f"Question {step.number} of {last}" if step.number else kind.name
    text.note(f"{place}  ·  {title}")


def _answers_so_far(review: Review, kind: ReviewKind) -> None:
    """What was answered before this step, out of the way on a small screen but never gone."""
    at = kind.stages.index(review.stage) if review.stage in kind.stages else 0
    before = [step for step in kind.steps[: max(at - 1, 0)] if step.does == "question" and review.slot(step.place).versions]
    step = kind.step(review.stage)
    shown = [one for one in before if not step or one.name != step.remind]
    if shown and review.stage != "close":
        with st.expander("Your answers so far", expanded=at <= _EARLY):
            for one in shown:
                answer.earlier(review, one.place, one.ask)


def _do(review: Review, step: StepOf) -> None:
    """What the step does."""
    remind = state.coach().kind_of(review).step(step.remind)
    if remind:
        answer.earlier(review, remind.place, remind.ask)
    _DOES[step.does](review, step)


def _advance(review: Review) -> object:
    coach = state.coach()
    return coach.move(review, coach.next_stage(review))


def _question(review: Review, step: StepOf) -> None:
    answer.ask(review, step.own, step.ask, _advance)
    if step.beside:
        names = " or ".join(one.ask.rstrip("?").split(",")[0].lower() for one in step.beside)
        with st.expander(f"Add {names}"):
            for one in step.beside:
                answer.optional_box(review, one)


_EARLY = 3
"""Up to this step the few answers so far stand open."""

_DOES: dict[Does, Callable[[Review, StepOf], None]] = {
    "question": _question,
    "whys": lambda review, step: whys.show(review),
    "control": control.show,
    "change": lambda review, step: change.show(review, step, _advance),
    "rows": rows.show,
}


def _back_and_forward(review: Review, kind: ReviewKind) -> None:
    """Every step can be gone to at any time."""
    stages = kind.stages
    at = stages.index(review.stage) if review.stage in stages else 0
    st.space("medium")
    with st.container(horizontal=True, key="steps"):
        if at > 0:
            st.button("← Back", key="back", type="tertiary", on_click=_go_to, args=(review.id, stages[at - 1]))
        if at < len(stages) - 1:
            st.button("Forward →", key="forward", type="tertiary", on_click=_go_to, args=(review.id, stages[at + 1]))


def _go_to(review_id: str, stage: Stage) -> None:
    """Done before the page is drawn: what the model was doing for this step is not begun again first."""

    def act() -> None:
        coach = state.coach()
        review = coach.open(review_id)
        if not windows.gone_on(review):
            coach.move(review, stage)

    boxes.told(act)


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
