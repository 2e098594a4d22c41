"""The side panel: past entries that are near what is being written, by what it is about and by the habit behind it."""

import streamlit as st

from coach.flow.past import Past
from coach.flow.review import Review
from coach.recall import SITUATION, TENDENCY, View
from coach.schema import Status
from coach.ui import state, text

_HEADINGS: dict[View, str] = {TENDENCY: "The same tendency", SITUATION: "A similar situation"}
_STANDS: dict[Status, str] = {
    "planned": "No check-in yet.",
    "due": "Its check-in is due.",
    "kept": "You kept it.",
    "not_kept": "You did not keep it.",
    "dropped": "You said it is no longer relevant.",
}


def may_show(review: Review) -> bool:
    """Whether there is a log to ask and something to ask it about; the page then keeps room at its side."""
    return bool(state.coach().asks_the_log(review)) and bool(state.workshop().journal.entry_ids())


def show(review: Review) -> None:
    """Show past entries with the reason, lesson, planned change and whether it was kept; nothing where nothing is near."""
    found = past_entries(review)
    if not found:
        return
    with st.container(key="side"):
        st.subheader("From your log", anchor=False)
        for view, heading in _HEADINGS.items():
            if view in found:
                text.note(f"{heading}:")
            for one in found.get(view, ()):
                _entry(one, view)


def past_entries(review: Review) -> dict[View, list[Past]]:
    """Past entries near what is being written, looked up once for each text."""
    coach = state.coach()
    kept = st.session_state.setdefault("past", {})
    key = (review.id, hash(tuple(coach.asks_the_log(review).items())))
    if key not in kept:
        kept.clear()
        kept[key] = coach.past_entries(review)
    found: dict[View, list[Past]] = kept[key]
    return found


def stands(one: Past) -> str:
    """How the planned change stands, in a few words."""
    said = _STANDS[one.status]
    return f"{said[:-1]}, on {text.day(one.checked.at)}." if one.checked and one.status in ("kept", "not_kept") else said


def _entry(one: Past, view: View) -> None:
    entry = one.entry
    with st.container(key=f"card-past-{view}-{entry.id}"):
        if one.reason:
            text.note(f"{one.reason[:1].upper()}{one.reason[1:]}.")
        text.note(f"On {text.day(entry.happened_on)} you wrote, about {entry.title}:")
        text.words(entry.lesson or entry.root_cause or entry.situation, size="small")
        if entry.change:
            text.note(f"and planned: {entry.change}")
            text.note(stands(one))
        st.page_link(state.page("entry"), label="Open this entry", query_params={"entry": entry.id})
