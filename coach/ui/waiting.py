"""How far the models are on their way into memory: one bar, at the top of the page.

A part of the page that draws itself anew shows it while a person reads or types. A run of a page that cannot go on without the
models draws into the same place meanwhile, since Streamlit would draw that part only once the run is over.
"""

import threading
from collections.abc import Callable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from coach.ui import text

_EVERY = 0.5  # seconds

_AT = threading.local()  # where the run of this thread has its bar


def show(loaded: float | None) -> None:
    """Say how far the chat model is, 0 to 1, or that it is not its turn, on a page that can be used meanwhile."""
    _AT.place = st.empty()
    _draw(_AT.place, loaded, " What is here can be used meanwhile.")


def until(ready: Callable[[float], bool], loaded: Callable[[], float | None]) -> None:
    """Say it over and over, until ``ready``, which waits for so many seconds at the most, says that it is.

    Each drawing is also where Streamlit ends the run of somebody who has gone on to another page.
    """
    if ready(0.0):
        return
    place = getattr(_AT, "place", None) or st.empty()
    while not ready(_EVERY):
        _draw(place, loaded())
    place.empty()


def _draw(place: DeltaGenerator, loaded: float | None, more: str = "") -> None:
    if loaded is not None:
        place.progress(min(loaded, 1.0), text=f"The model is being loaded: {loaded:.0%}.{more}")
        return
    with place.container():
        text.note(f"The coach is getting ready.{more}")
