"""How far the start is: the models, then the index, while older entries are brought into it behind the page."""

import streamlit as st

from coach.ui import state, text

_EVERY = 2.0  # seconds
_WAS_READY = "was-ready"


def show() -> None:
    """A line while the models are loaded, then a bar for as long as older entries are read; the page can be used meanwhile."""
    shop = state.workshop()
    st.session_state[_WAS_READY] = shop.ready
    if not shop.ready or shop.catching_up:
        _bar()


@st.fragment(run_every=_EVERY)
def _bar() -> None:
    shop = state.workshop()
    now = shop.catching_up
    if not shop.ready:
        text.note("The coach is getting ready; what is here can be used meanwhile.")
    elif now is None or not st.session_state.get(_WAS_READY):
        st.rerun()  # what the coach has to do without can be told now
    elif now[1]:
        done, total = now
        st.progress(min(done / total, 1.0), text=f"Reading older entries, so that they can come up: {done} of {total}.")
