"""How far the index is, while older entries are brought into it behind the page."""

import streamlit as st

from coach.ui import state

_EVERY = 2.0  # seconds


def show() -> None:
    """A bar for as long as there is something to wait for; the page can be used meanwhile."""
    if state.workshop().catching_up:
        _bar()


@st.fragment(run_every=_EVERY)
def _bar() -> None:
    now = state.workshop().catching_up
    if now is None:
        st.rerun()
    done, total = now
    st.progress(min(done / max(total, 1), 1.0), text=f"Reading older entries, so that they can come up: {done} of {total}.")
