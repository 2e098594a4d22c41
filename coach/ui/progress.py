"""How far the start is: the model, then the index, while older entries are brought into it behind the page."""

import streamlit as st

from coach.ui import state, text, waiting

_EVERY = 1.0  # seconds


def show() -> None:
    """What the coach has to do without; a bar while the model is loaded, and one while older entries are read.

    A line while questions are prepared, which is done at a first start where the set-up has not done it.
    """
    shop = state.workshop()
    with st.container(key="start"):  # always there: else what is below it moves up in the middle of somebody's typing
        if not shop.ready or shop.catching_up or shop.preparing:
            _until_done()
        else:
            _notes()


@st.fragment(run_every=_EVERY)
def _until_done() -> None:
    """Drawn again by itself. It never runs the whole page anew: a click that came at the same moment would be lost."""
    if state.door().locked:
        return
    shop = state.workshop()
    if not shop.ready:
        waiting.show(state.door().loading)
        return
    _notes()
    done, total = shop.catching_up or (0, 0)
    if total:
        st.progress(min(done / total, 1.0), text=f"Reading older entries, so that they can come up: {done} of {total}.")
    done, total = shop.preparing or (0, 0)
    if total:
        text.note(
            f"The coach's questions are being prepared, which has to be done once: {done} of {total}. You can begin; the first"
            " question of each kind is slower until then."
        )


def _notes() -> None:
    for line in state.workshop().notes:
        text.note(line)
