"""Search: words and meaning together, among the entries that the filters let through."""

import datetime

import streamlit as st

from coach.journal.words import excerpt, hits
from coach.recall import Similar
from coach.schema import CONTROLS, NO_FILTERS, STATUSES, Control, Entry, Filters, Status
from coach.ui import state, text
from coach.ui.focus import focus_box
from coach.ui.log import CLASSES, open_link

_STATUS_NAMES: dict[Status, str] = {
    "planned": "No check-in yet",
    "due": "Check-in due",
    "kept": "Kept",
    "not_kept": "Not kept",
    "dropped": "No longer relevant",
}
_MOST_TAGS = 200


def show() -> None:
    """Draw the search page."""
    with st.container(key="alone"):
        _search()


def _search() -> None:
    st.header("Search your log", anchor=False)
    with st.container(key="box-area-search"):
        query = st.text_input("What are you looking for?", key="query", placeholder="said yes too early", max_chars=500)
    focus_box("search")
    with st.expander("Only some entries"):
        filters = _filters()
    if not query.strip() and filters == NO_FILTERS:
        text.note("Ask in your own words: entries about the same thing are found even where they use other words.")
        return
    recall, today = state.coach().recall, state.workshop().clock.now().date()
    found = recall.search(query, filters=filters, today=today)
    if not recall.by_meaning():
        text.note("Without the embedding model only words are searched. Fetch it with `coach model pull`.")
    if not found:
        text.note("Nothing in your log is near that. Try another word for it, or fewer conditions.")
    for one in found:
        _found(one, query)


def _filters() -> Filters:
    """The conditions that are set; nothing is filtered by those left alone."""
    journal = state.workshop().journal
    left, right = st.columns(2)
    with left:
        since = st.date_input("From", value=None, key="since")
        tags = st.multiselect("Tags", journal.tags()[:_MOST_TAGS], key="tags")
        control = st.selectbox("Control", CONTROLS, index=None, format_func=_class_name, key="control")
    with right:
        until = st.date_input("To", value=None, key="until")
        named = {head.id: head.name for head in journal.patterns() if head.name and not head.hidden}
        pattern = st.selectbox("Tendency", list(named), index=None, format_func=lambda id: named.get(id, ""), key="tendency")
        status = st.selectbox("The planned change", STATUSES, index=None, format_func=_status_name, key="status")
    days = [day if isinstance(day, datetime.date) else None for day in (since, until)]
    return Filters(since=days[0], until=days[1], tags=tuple(tags), pattern=pattern, control=control, status=status)


def _class_name(control: Control) -> str:
    return CLASSES[control]


def _status_name(status: Status) -> str:
    return _STATUS_NAMES[status]


def _found(one: Similar, query: str) -> None:
    """An entry with the words that were looked for marked, where there are any; else found by its meaning."""
    entry = one.entry
    with st.container(key=f"card-entry-{entry.id}"):
        tags = "  ·  ".join(entry.tags)
        text.note("  ·  ".join(part for part in (text.day(entry.happened_on), tags) if part))
        text.words(entry.title, hits(query, entry.title), size="small")
        for label, value in _worth_showing(entry, query):
            shown, marks = excerpt(value, hits(query, value))
            text.note(label)
            text.words(shown, marks, size="small")
        open_link(entry)


def _worth_showing(entry: Entry, query: str) -> list[tuple[str, str]]:
    """The lesson, and each other field that holds a word of the query."""
    fields = {"What happened": entry.situation, "Root cause": entry.root_cause, "Lesson": entry.lesson, "Change": entry.change}
    return [(label, value) for label, value in fields.items() if value and (label == "Lesson" or hits(query, value))]
