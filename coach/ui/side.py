"""The side panel: past entries that are near what is being written."""

import streamlit as st

from coach.flow.review import Review
from coach.recall import Similar
from coach.ui import state, text


def show(found: list[Similar]) -> None:
    """Show past entries with their lesson and change."""
    with st.container(key="side"):
        st.subheader("From your log")
        text.note("Earlier entries in a similar situation.")
        for one in found:
            _entry(one)


def past_entries(review: Review, about: str) -> list[Similar]:
    """Past entries near a text, looked up once for each text; none where nothing is near."""
    if not about:
        return []
    kept = st.session_state.setdefault("similar", {})
    key = (review.id, hash(about))
    if key not in kept:
        kept.clear()
        kept[key] = state.coach().recall.similar(about)
    found: list[Similar] = kept[key]
    return found


def _entry(one: Similar) -> None:
    entry = one.entry
    with st.container(key=f"card-past-{entry.id}"):
        text.note(f"In {entry.happened_on:%B %Y} you wrote, about {entry.title}:")
        text.words(entry.lesson, size="small")
        text.note(f"and planned: {entry.change}")
        st.page_link(state.page("entry"), label="Open this entry", query_params={"entry": entry.id})
