"""Two windows on one review: the slower one is told, what it was about to do is not done, and what was typed in it is kept.

Each window remembers how far it has seen the review: as far as it was drawn, and what it has done itself since. Where the journal
is further, another window has been there; a click on what is drawn here would answer to something that is not so any more.
"""

import streamlit as st

from coach.flow.review import Review
from coach.ui import state, text

_SEEN = "seen-reviews"
_TOLD = "gone-on-elsewhere"


def stop_if_gone_on(review: Review) -> None:
    """Begin the run anew, without its click, where another window has gone on; ``tell`` says so then."""
    state.coach().on_step = note_step  # of this window: the note goes into the session that it is called in
    if gone_on(review):
        note_step(review.id, review.seq)
        st.session_state[_TOLD] = (review.id, review.seq)
        st.rerun()
    note_step(review.id, review.seq)


def tell(review: Review) -> None:
    """Say, where the eye is, that another window has gone on, and show what was typed here."""
    if is_told(review):
        with st.container(key="card-elsewhere"):
            text.note(
                "This review has gone on in another window. This is how it stands now. What you did last in this window was not"
                " carried out; what you typed is kept."
            )
            _show_typed(review)


def is_told(review: Review) -> bool:
    """Whether the page says that another window has gone on: it does until this one has taken a step of its own."""
    return bool(st.session_state.get(_TOLD) == (review.id, review.seq))


def gone_on(review: Review) -> bool:
    """Whether another window has gone on with it since it was drawn here."""
    return _seen().get(review.id, review.seq) != review.seq


def note_step(review_id: str, seq: int) -> None:
    """Note a step of this window's own."""
    _seen()[review_id] = seq


def _show_typed(review: Review) -> None:
    """What was typed for questions that were answered in the other window."""
    for slot, typed in state.workshop().journal.drafts(review.id).items():
        if review.slot(slot).versions and typed != review.slot(slot).text:
            text.words(typed, size="small")


def _seen() -> dict[str, int]:
    found: dict[str, int] = st.session_state.setdefault(_SEEN, {})
    return found
