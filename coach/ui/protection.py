"""What protects the journal, and setting, changing or taking off a passphrase: a part of the page about one's data."""

from collections.abc import Callable

import streamlit as st

from coach.errors import CoachError
from coach.journal.vault import protection
from coach.ui import state, text
from coach.ui.unlock import note_in

_LOST = (
    "Before you set one: a passphrase that is lost cannot be got back, by nobody. The journal and its copies are lost with it."
    " Write it down and keep it where you keep papers that matter. Four or five words that do not belong together are good."
)


def show() -> None:
    """Draw it."""
    st.subheader("What protects it", anchor=False)
    door = state.door()
    text.note(protection(door.settings.journal_file, encrypted=door.encrypted))
    if door.settings.sample:
        return
    if not door.encrypted:
        with st.expander("Set a passphrase"):
            text.note(_LOST)
            _form("set", [], door.protect, "Encrypt the journal")
        return
    text.note(f"It locks itself after {door.settings.lock_after:g} minutes without a sign of you.")
    if st.button("Lock it now", key="lock-now"):
        door.lock()
        st.rerun()
    with st.expander("Change the passphrase"):
        text.note(_LOST)
        _form("change", ["The present passphrase"], door.change_passphrase, "Encrypt it anew")
    with st.expander("Take the passphrase off"):
        text.note("The journal and its copies become plain files again, which whoever can read this disk can read.")
        _form("off", ["The present passphrase"], door.unprotect, "Make it plain", new=False)


def _form(name: str, first: list[str], act: Callable[..., None], label: str, *, new: bool = True) -> None:
    """Fields for passphrases and one button; a wrong one is said and changes nothing."""
    fields = [*first, *(["New passphrase", "The same once more"] if new else [])]
    with st.form(f"vault-{name}", border=False, clear_on_submit=True):
        given = [
            st.text_input(field, type="password", key=f"vault-{name}-{number}", autocomplete="off")
            for number, field in enumerate(fields)
        ]
        sent = st.form_submit_button(label)
    if not sent:
        return
    try:
        with st.spinner("Writing everything anew…"):
            act(*given)
    except CoachError as exc:
        text.note(str(exc))
        return
    note_in()
    st.rerun()
