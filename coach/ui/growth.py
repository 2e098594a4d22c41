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
_MOST_SHOWN, _MOST_PLANS = 30, 2


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
            mine = [one for one in found if one.standing == standing]
            if mine and standing == "did not hold":
                _came_back(mine, heading)
            elif mine:
                _section(heading, mine)
        text.note(RULE)


def _section(heading: str, found: list[Growth]) -> None:
    st.subheader(f"{heading} ({len(found)})", anchor=False)
    for one in found[:_MOST_SHOWN]:
        with st.container(key=f"card-growth-{one.entry.id}"):
            text.note(f"{day(one.entry.happened_on)}  ·  {one.entry.title}")
            text.words(one.entry.change, size="small")
            if one.kept and one.since:
                text.note(f"Kept {times(one.kept)} since {day(one.since)}.")
            open_link(one.entry)
    if len(found) > _MOST_SHOWN:
        text.note(f"and {len(found) - _MOST_SHOWN} older ones.")


def _came_back(found: list[Growth], heading: str) -> None:
    """Changes after which the tendency came back: each entry with which it did, beside what had been planned against it."""
    again: dict[str, list[Growth]] = {}
    for one in found:
        if one.returned:
            again.setdefault(one.returned.id, []).append(one)
    st.subheader(f"{heading} ({len(found)})", anchor=False)
    for id, mine in list(again.items())[:_MOST_SHOWN]:
        with st.container(key=f"card-growth-back-{id}"):
            planned, returned = st.columns(2, gap="medium")
            with planned:
                text.note("You planned")
                for one in mine[:_MOST_PLANS]:
                    _plan(one)
                if len(mine) > _MOST_PLANS:
                    with st.expander(f"and {len(mine) - _MOST_PLANS} more before"):
                        for one in mine[_MOST_PLANS:]:
                            _plan(one)
            with returned:
                _return(mine[0])


def _plan(one: Growth) -> None:
    text.words(one.entry.change, size="small")
    text.note(f"after {one.entry.title}, {day(one.entry.happened_on)}")
    open_link(one.entry)


def _return(one: Growth) -> None:
    if one.returned:
        text.note("and it came back")
        text.words(one.returned.root_cause or one.returned.situation, size="small")
        text.note(f"with {one.returned.title}, {day(one.returned.happened_on)}")
        open_link(one.returned)
