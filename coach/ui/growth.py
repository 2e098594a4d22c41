"""Growth: changes that hold or have become automatic, and those that did not, with both entries side by side."""

import streamlit as st

from coach.dates import day
from coach.growth.period import times
from coach.growth.rule import RULE, Growth
from coach.schema import Standing
from coach.ui import state, text
from coach.ui.log import open_link

_HEADINGS: dict[Standing, str] = {
    "automatic": "Automatic",
    "holding": "Holding",
    "did not hold": "Did not hold",
    "being tried": "Being tried",
    "not checked yet": "Not checked yet",
}
_MOST_SHOWN = 30


def show() -> None:
    """Draw the page."""
    with st.container(key="alone"):
        st.header("Growth", anchor=False)
        text.note("What became of the changes that you planned, by what you said at check-ins and by what came back.")
        found = state.coach().growths()
        if not any(one.standing in _HEADINGS for one in found):
            text.note(
                "Nothing yet. Each entry's change gets a check-in; from the second one on, this page can say whether it holds."
            )
        for standing, heading in _HEADINGS.items():
            _section(heading, [one for one in found if one.standing == standing])
        text.note(RULE)


def _section(heading: str, found: list[Growth]) -> None:
    if not found:
        return
    st.subheader(f"{heading} ({len(found)})", anchor=False)
    for one in found[:_MOST_SHOWN]:
        with st.container(key=f"card-growth-{one.entry.id}"):
            _one(one)


def _one(one: Growth) -> None:
    entry = one.entry
    text.note(f"{day(entry.happened_on)}  ·  {entry.title}")
    text.words(entry.change, size="small")
    if one.kept and one.since:
        text.note(f"Kept {times(one.kept)} since {day(one.since)}.")
    open_link(entry)
    if one.returned:
        text.note(f"The same tendency came back on {day(one.returned.happened_on)}, about {one.returned.title}:")
        text.words(one.returned.root_cause or one.returned.situation, size="small")
        open_link(one.returned)
