"""A check-in on an entry's planned change: what was said so far, and saying it anew."""

import streamlit as st

from coach.schema import Entry, Outcome
from coach.ui import state, text

SAID: dict[Outcome, str] = {
    "kept": "Kept",
    "no_occasion": "No occasion yet",
    "not_kept": "Not kept",
    "dropped": "No longer relevant",
}


def show(entry: Entry) -> None:
    """Draw the check-ins of an entry."""
    if not entry.change:
        return
    st.subheader("Check-in", anchor=False)
    made = state.workshop().journal.check_ins(entry.id)
    for one in made:
        text.note(f"{text.day(one.at)}: {SAID[one.outcome]}{'. ' + one.note if one.note else '.'}")
    planned = made[-1].next_on if made else entry.check_in_on
    if planned:
        text.note(f"{'Next' if made else 'First'} check-in: {text.day(planned)}.")
    with st.expander("Did you keep this change?"):
        _say(entry)


def _say(entry: Entry) -> None:
    note = st.text_input("A note, if you like", key=f"check-note-{entry.id}", max_chars=500)
    with st.container(horizontal=True):
        for outcome, label in SAID.items():
            if st.button(label, key=f"check-{outcome}-{entry.id}"):
                state.coach().check_in(entry, outcome, note)
                st.rerun()
