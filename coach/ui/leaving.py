"""Stops the model as soon as it works for nobody: when the person clicks, goes back, reloads or closes the window.

Streamlit ends a run of a page at its next call of Streamlit, and a run that waits for the model makes none. So each run is looked
at ten times a second, by one thread for all: where something else was asked of its window, the model is told to stop, and the run
ends.
"""

import logging
import threading
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType
from streamlit.runtime.scriptrunner_utils.script_run_context import get_script_run_ctx

from coach.door import Door
from coach.errors import CoachError
from coach.flow.coach import Coach
from coach.flow.review import Review
from coach.ui import state

_LOOK = 0.1  # seconds
_EXPECTED = "expected"
_FEWEST_CHARACTERS = 12


def expect_answer(review: Review, slot: str, written: str) -> None:
    """Have what would follow on this answer done ahead, for as long as the page with its box is there."""
    text = written.strip()
    if len(text) >= _FEWEST_CHARACTERS and text != review.slot(slot).text:  # else what was sent last stands there still
        _expect((review.id, review.seq, slot, text), lambda coach: coach.foresee(review, slot, text))


def expect_why(review: Review) -> None:
    """Have the next why made ahead, for as long as this page is there."""
    _expect((review.id, review.seq), lambda coach: coach.foresee_why(review))


def _expect(what: Hashable, work: Callable[[Coach], object]) -> None:
    st.session_state[_EXPECTED] = what
    state.workshop().expect(what, work)


class Watch:
    """Looks at the runs that are under way."""

    def __init__(self) -> None:
        self._runs: dict[int, Any] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    @contextmanager
    def run(self) -> Iterator[None]:
        """Have this run of a page looked at."""
        me, context = threading.get_ident(), get_script_run_ctx()
        with self._lock:
            if context is not None:
                self._runs[me] = context.script_requests
            if self._thread is None:
                self._thread = threading.Thread(target=self._look, args=(state.door(),), name="coach-leaving", daemon=True)
                self._thread.start()
        before = st.session_state.pop(_EXPECTED, None)
        try:
            yield
        finally:
            with self._lock:
                self._runs.pop(me, None)
            if before and not st.session_state.get(_EXPECTED):
                with suppress(CoachError):
                    state.workshop().expect_no_more(before)

    def _look(self, door: Door) -> None:
        while True:
            time.sleep(_LOOK)
            with self._lock:  # held while the model is told: a run that is over must not have the next one stopped
                if not self._runs:
                    self._thread = None
                    return
                for thread, requests in self._runs.items():
                    try:
                        if is_left(requests):
                            door.leave(thread)
                    except Exception as exc:  # the next look must come
                        logging.getLogger("coach").error("%s while a run was looked at", type(exc).__name__)


def is_left(requests: Any) -> bool:
    """Whether a run is to end: its window is gone, or wants another one; not where a part of the page draws itself anew."""
    if requests is None or requests._state == ScriptRequestType.CONTINUE:
        return False
    data = requests._rerun_data
    return bool(requests._state == ScriptRequestType.STOP or not data.fragment_id_queue or data.is_fragment_scoped_rerun)


watch = Watch()
