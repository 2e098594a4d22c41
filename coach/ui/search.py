"""Search: words and meaning together."""

import streamlit as st

from coach.ui import state, text
from coach.ui.focus import focus_box
from coach.ui.log import card


def show() -> None:
    """Draw the search page."""
    with st.container(key="alone"):
        _search()


def _search() -> None:
    st.header("Search your log", anchor=False)
    with st.container(key="box-area-search"):
        query = st.text_input("What are you looking for?", key="query", placeholder="said yes too early", max_chars=500)
    focus_box("search")
    if not query.strip():
        text.note("Ask in your own words: entries about the same thing are found even where they use other words.")
        return
    recall = state.coach().recall
    found = recall.search(query)
    if not recall.by_meaning:
        text.note("Without the embedding model only words are searched. Fetch it with `coach model pull`.")
    if not found:
        text.note("Nothing in your log is near that. Try another word for it.")
    for one in found:
        card(one.entry)
