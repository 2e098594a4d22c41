"""Step 3: the chain of whys, one at a time, each about the last answer."""

from typing import Literal

import streamlit as st

from coach.flow.coach import CHAIN_END
from coach.flow.review import Review
from coach.pushback.chain import Place
from coach.pushback.quotes import opener, short_quote
from coach.ui import answer, leaving, state, text


def show(review: Review) -> None:
    """Draw the chain as far as it has come."""
    if not review.whys:
        review = state.coach().begin_whys(review)
    *before, last = review.whys
    for number, step in enumerate(before, 1):
        answer.earlier(review, step.slot, f"{number}. {step.question}")
    if not review.slot(last.slot).settled:
        asked = state.coach().kind_of(review).question(last.slot)
        assert asked is not None  # the chain is there because the kind has one
        answer.ask(review, asked, last.question, lambda review: None)
        _way_out(review)
        return
    answer.earlier(review, last.slot, f"{len(review.whys)}. {last.question}")
    end = review.slot(CHAIN_END)
    if end.open_findings and not end.kept and not review.whys_ended:
        _closed_too_soon(review)
    else:
        _what_next(review)


def _way_out(review: Review) -> None:
    """A way past a why that one has no answer to, once there is one answer."""
    unanswered = not review.slot(review.whys[-1].slot).versions
    label = "The last answer was the root: go on"
    if review.root_cause and unanswered and st.button(label, key="root-was-last", type="tertiary"):
        _end(review)


def _what_next(review: Review) -> None:
    """After a settled answer: deeper, another cause, or on; what the coach would do comes first."""
    coach = state.coach()
    at = coach.standing(review)
    heading, remark = _SAID[at.place]
    st.header(text.label(heading), anchor=False)
    text.note(remark.format(*(short_quote(words) for words in at.words)))
    leaving.expect_why(review)
    choices = [_root, _ask_next] if at.place == "end" else [_ask_next, _root]
    for number, choice in enumerate(choices):
        choice(review, primary=number == 0)
    with st.container(horizontal=True):
        if st.button("There is another cause beside it", key="branch", type="tertiary"):
            coach.branch(review)
            st.rerun()
        if st.button("Change the last answer", key="change-why", type="tertiary"):
            coach.reopen(review, review.whys[-1].slot)
            st.rerun()


_SAID: dict[Place, tuple[str, str]] = {
    "deeper": (
        "Is there a reason under that?",
        "The chain has come far enough when it stops at something you decided, assumed, skipped or can change.",
    ),
    "end": (
        "This may be the root",
        "It stops at something within your reach. One more why is there if you feel there is more under it.",
    ),
    "loop": ("This comes back to an earlier answer", "You wrote “{}” before. The next question looks behind both."),
    "branch": ("There are two causes in this", "One at a time: “{}” first, then “{}”."),
}


def _ask_next(review: Review, primary: bool) -> None:
    coach = state.coach()
    if coach.may_ask_why(review) and st.button("Ask me the next why", type=_type(primary), key="next-why"):
        with st.container(key="card-asking-why"):
            answer.stream(lambda: coach.next_why(review))
        st.rerun()


def _root(review: Review, primary: bool) -> None:
    if st.button("This is the root: something I can act on", type=_type(primary), key="root"):
        _end(review)


def _type(primary: bool) -> Literal["primary", "secondary"]:
    return "primary" if primary else "secondary"


def _end(review: Review) -> None:
    coach = state.coach()
    if review.causes_waiting:  # an answer named two causes: the other one's turn
        with st.container(key="card-asking-cause"):
            answer.stream(lambda: coach.next_cause(review))
        st.rerun()
    with st.spinner("Reading the chain…"):
        review = coach.end_whys(review)
    if review.whys_ended:
        coach.move(review, coach.next_stage(review))
    st.rerun()


def _closed_too_soon(review: Review) -> None:
    """One remark before the chain ends early; the person decides."""
    coach = state.coach()
    finding = review.slot(CHAIN_END).open_findings[0]
    with st.container(key="card-why-end"):
        text.note(finding.why)
        st.html(text.question(f"{opener(short_quote(finding.quote))} Is there one more why under it?"))
    if st.button("Ask me one more why", type="primary", key="one-more-why"):
        coach.keep(review, CHAIN_END)
        review = coach.open(review.id)
        with st.container(key="card-asking-why"):
            answer.stream(lambda: coach.next_why(review))
        st.rerun()
    if st.button("Stop here all the same", key="stop-here"):
        review = coach.end_whys_all_the_same(review)
        coach.move(review, coach.next_stage(review))
        st.rerun()
