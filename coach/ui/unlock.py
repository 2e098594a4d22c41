"""The screen in front of an encrypted journal: it asks for the passphrase, and is there again once the journal was locked."""

import streamlit as st

from coach.errors import CoachError
from coach.ui import state, text
from coach.ui.focus import focus_box

_LOOK_EVERY = 5.0  # seconds
_IN = "let-in"
_OWN = ("passphrase", "FormSubmitter:unlock")  # the state of this screen's own form


def is_in() -> bool:
    """Whether this window may see the journal: where it is open, and, if others can reach this machine's app, was opened here."""
    door = state.door()
    if door.locked:
        for name in [name for name in st.session_state if not str(name).startswith(_OWN)]:
            del st.session_state[name]  # what a person wrote does not wait there
        return False
    asks_each = door.encrypted and door.settings.is_open_to_others
    return not asks_each or st.session_state.get(_IN) == door.times_locked


def show() -> None:
    """Ask for the passphrase."""
    with st.container(key="alone"):
        st.header("The journal is locked", anchor=False)
        with st.container(key="box-area-passphrase"), st.form("unlock", border=False, clear_on_submit=True):
            given = st.text_input("Passphrase", type="password", key="passphrase", autocomplete="off")
            sent = st.form_submit_button("Open it", type="primary")
        if sent and given:
            _try(given)
        text.note("It is not kept anywhere, and nobody can open the journal without it.")
        focus_box("passphrase")


def watch() -> None:
    """Have the page look again and again whether the journal was locked behind it."""
    if state.door().encrypted:
        _look()


@st.fragment(run_every=_LOOK_EVERY)
def _look() -> None:
    if state.door().locked:
        st.rerun()


def _try(passphrase: str) -> None:
    try:
        with st.spinner("Trying it…"):
            state.door().unlock(passphrase)
    except CoachError as exc:
        text.note(str(exc))
        return
    note_in()
    st.rerun()


def note_in() -> None:
    """Note that the passphrase was given in this window, for as long as the journal stays open."""
    st.session_state[_IN] = state.door().times_locked
