"""Step 4: what will be done differently, with the if-then form of an implementation intention on offer.

Source of the form: Gollwitzer (1999), Implementation intentions. It only joins the person's own words.
"""

import streamlit as st

from coach.flow.review import Review
from coach.reviews.kinds import StepOf
from coach.ui import answer, state


def show(review: Review, step: StepOf, advance: answer.Advance) -> None:
    """Draw the question, and the form under it while nothing is settled."""
    answer.ask(review, step.own, step.ask, advance)
    if not review.slot(step.place).settled:
        _if_then(review, step.place)


def if_then(trigger: str, act: str) -> str:
    """The two halves as one sentence.

    >>> if_then("a client asks for more after kickoff", "I send the scope-change form before I say yes.")
    'If a client asks for more after kickoff, then I will send the scope-change form before I say yes.'
    """
    start = act.strip()
    for opening in ("then ", "I will ", "I'll ", "I "):
        start = start.removeprefix(opening)
    cause = trigger.strip().removeprefix("If ").removeprefix("if ").rstrip(".,; ")
    return f"If {cause}, then I will {start.rstrip('. ')}."


def _if_then(review: Review, slot: str) -> None:
    """Puts the sentence into the answer's box, where it can still be changed."""
    with st.expander("Say it as “if … then I will …”"):
        trigger = st.text_input("If", key="if-trigger", placeholder="a client asks for more after the kickoff")
        act = st.text_input("then I will", key="then-act", placeholder="send the scope-change form before I say yes")
        if st.button("Put it into my answer", key="if-then") and trigger.strip() and act.strip():
            shop = state.workshop()
            shop.journal.save_draft(review.id, slot, if_then(trigger, act), shop.clock.now())
            state.fill(f"box-{review.id}-{slot}-{len(review.slot(slot).versions)}", if_then(trigger, act))
            st.rerun()
