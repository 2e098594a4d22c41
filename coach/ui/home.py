"""The first page: go on with what is unfinished, or begin a review."""

import streamlit as st

from coach.ui import check_in, context, state, text


def show() -> None:
    """Draw the first page."""
    shop = state.workshop()
    unfinished, entries = shop.journal.reviews("open"), shop.journal.entries()
    with st.container(key="alone"):
        is_due = bool(entries) and check_in.due()
        if not entries and not unfinished:
            text.note(
                "Coach walks you through four questions about something that went wrong: what you intended, what happened, why, and"
                " what you will do differently. It takes about half an hour, and everything stays on this machine."
            )
        for number, head in enumerate(unfinished[:5]):
            with st.container(key=f"card-open-{head.id}"):
                text.words(head.title or "Untitled", size="small")
                text.note(f"Unfinished, last touched {text.day(head.updated_at)}, {head.updated_at:%H:%M}.")
                with st.container(horizontal=True):
                    if st.button("Go on with it", key=f"resume-{head.id}", type="secondary" if number else "primary"):
                        state.go("review", review=head.id)
                    if st.button("Put it away", key=f"discard-{head.id}", type="tertiary"):
                        coach = state.coach()
                        coach.discard(coach.open(head.id))
                        st.rerun()
        context.begin(focus=not unfinished and not is_due)
