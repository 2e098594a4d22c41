"""What the screens share: the workshop, the review at hand, and getting from one screen to another."""

import os
import threading

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from coach.door import Door
from coach.errors import NotFound
from coach.flow.coach import Coach
from coach.flow.review import Review
from coach.settings import load_settings
from coach.ui import waiting
from coach.workshop import Workshop

_PAGES: dict[str, StreamlitPage] = {}


_DOORS: dict[tuple[tuple[str, str], ...], Door] = {}  # by what the settings are read from: a test has its own
_MAKING = threading.Lock()


def door() -> Door:
    """The one way in of this server; it begins to load the models at once.

    Not in a cache of Streamlit's: a browser may have those emptied, and with it how often a wrong passphrase was given.
    """
    told = tuple(sorted((name, value) for name, value in os.environ.items() if name.startswith("COACH_")))
    with _MAKING:
        if told not in _DOORS:
            _DOORS[told] = Door(load_settings())
        return _DOORS[told]


def forget_doors() -> None:
    """As a new start of the server would: for tests."""
    with _MAKING:
        _DOORS.clear()


def workshop() -> Workshop:
    """The workshop of the open journal. Raises JournalLocked, JournalError."""
    return door().workshop


def coach() -> Coach:
    """The coach, once the models are loaded; says how far they are while it waits."""
    shop = workshop()
    waiting.until(shop.wait, lambda: door().loading)
    return shop.coach


def register(pages: dict[str, StreamlitPage]) -> None:
    """Tell the screens about each other."""
    _PAGES.update(pages)


def go(name: str, **query: str) -> None:
    """Leave for another screen."""
    st.switch_page(_PAGES[name], query_params=query)


def page(name: str) -> StreamlitPage:
    """A screen, for links."""
    return _PAGES[name]


def present_review() -> Review | None:
    """The review that the address names, as the journal has it; None where there is none."""
    review_id = st.query_params.get("review", "")
    try:
        return coach().open(review_id) if review_id else None
    except NotFound:
        return None


def draft(review_id: str, slot: str) -> str:
    """What was typed into a box but not sent, kept over a reload."""
    return workshop().journal.drafts(review_id).get(slot, "")


def first_text(key: str, review_id: str, slot: str, otherwise: str) -> str:
    """What a text box begins with: what was typed before, else ``otherwise``.

    It is handed to the box as its default, never put into the session's state: after a restart of the server the browser still has
    what was typed, and a state set here would overwrite it. It stays the same for as long as the box is on the page.
    """
    kept: dict[str, str] = st.session_state.setdefault("first-texts", {})
    if key not in kept or key not in st.session_state:
        kept[key] = draft(review_id, slot) or otherwise
    return kept[key]


def forget_boxes(ending: str) -> None:
    """Empty the boxes whose keys end so: what stood in them was erased."""
    kept: dict[str, str] = st.session_state.get("first-texts", {})
    for key in [key for key in kept if key.endswith(ending)]:
        kept[key] = ""
        fill(key, "")


def fill(key: str, text: str) -> None:
    """Put a text into a box at the next run, in place of what stands in it."""
    st.session_state.setdefault("fill", {})[key] = text


def fill_boxes() -> None:
    """Do what ``fill`` asked for; called before any box is drawn."""
    for key, text in st.session_state.pop("fill", {}).items():
        st.session_state[key] = text
