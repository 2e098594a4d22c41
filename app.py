"""The app's root: the screens and what is on all of them. `coach` (or `make run`) starts it."""

import logging

import streamlit as st

from coach.errors import CoachError, GivenUp
from coach.ui import (
    boxes,
    data,
    focus,
    growth,
    home,
    leaving,
    log,
    patterns,
    progress,
    quarterly,
    review,
    search,
    share,
    state,
    text,
    theme,
    unlock,
)


def main() -> None:
    """Draw the screen that the address names; an error becomes one line, and nothing sent is lost."""
    st.set_page_config(page_title="Coach", page_icon="🪨", layout="wide")
    theme.put_on()
    pages = {
        "home": st.Page(home.show, title="Review", url_path="home", default=True),
        "log": st.Page(log.show, title="Failure Log", url_path="log"),
        "patterns": st.Page(patterns.show, title="Patterns", url_path="patterns"),
        "growth": st.Page(growth.show, title="Growth", url_path="growth"),
        "quarterly": st.Page(quarterly.show, title="Quarter", url_path="quarterly"),
        "search": st.Page(search.show, title="Search", url_path="search"),
        "data": st.Page(data.show, title="Your data", url_path="data"),
        "review": st.Page(review.show, title="This review", url_path="review", visibility="hidden"),
        "share": st.Page(share.show, title="Tell others", url_path="share", visibility="hidden"),
        "entry": st.Page(log.entry_page, title="Entry", url_path="entry", visibility="hidden"),
    }
    state.register(pages)
    try:
        if not unlock.is_in():
            st.navigation(list(pages.values()), position="hidden")
            unlock.show()
            return
        page = st.navigation(list(pages.values()), position="top")
        state.door().touch()
        _notes()
        boxes.note_failure()
        with leaving.watch.run():
            page.run()
        focus.keep_typing()
        unlock.watch()
    except GivenUp:  # the person has gone on; where no other run is waiting, this one begins anew
        st.rerun()
    except CoachError as exc:
        text.note(str(exc))
    except Exception as exc:  # the last line of defence; its text may hold what a person wrote, so it is not shown
        logging.getLogger("coach").error("%s in a page", type(exc).__name__)
        text.note("Something went wrong that should not have. What you sent is saved: reload the page to go on.")


def _notes() -> None:
    """What is said above every page: that it is the sample, and how far the start is."""
    shop = state.workshop()
    if shop.settings.sample:
        text.note("A sample journal: two years of an invented person. It is kept apart from your own; write in it as you like.")
    progress.show()


main()
