"""Step 0: what the review is about."""

import streamlit as st

from coach.flow.review import Review
from coach.schema import Context
from coach.ui import state, text
from coach.ui.focus import focus_box

_STAKES = {1: "hardly", 2: "a little", 3: "quite", 4: "a lot", 5: "very much"}


def begin(*, focus: bool) -> None:
    """The form that begins a review; the keyboard goes to it unless something unfinished comes first."""
    st.header("What do you want to look at?", anchor=False)
    context = _form(None, focus=focus)
    if context:
        review = state.coach().start(context)
        state.go("review", review=review.id)


def again(review: Review) -> None:
    """The form for a review that has begun."""
    st.header("What is this review about?", anchor=False)
    context = _form(review.context, focus=True)
    if context:
        coach = state.coach()
        review = coach.give_context(review, context)
        coach.move(review, "intended")
        st.rerun()


def _form(old: Context | None, *, focus: bool) -> Context | None:
    """The context once it was sent and is whole."""
    today = state.workshop().clock.now().date()
    with st.container(key="box-area-context"):
        title = st.text_input(
            "A short title", value=old.title if old else "", max_chars=200, placeholder="The late client proposal"
        )
    left, right = st.columns(2)
    day = left.date_input("When it happened", value=old.happened_on if old else today, max_value=today)
    feeling = right.text_input("How it feels right now, in one word", value=old.feeling if old else "", max_chars=60)
    tags = st.text_input(
        "Areas, with commas between", value=", ".join(old.tags) if old else "", placeholder="work, clients", max_chars=200
    )
    stakes = st.select_slider(
        "How much it matters", options=list(_STAKES), value=old.stakes if old else 3, format_func=_STAKES.__getitem__
    )
    if focus:
        focus_box("context")
    if not st.button("Begin" if old is None else "Go on", type="primary", key="begin"):
        return None
    if not title.strip():
        text.note("Give it a short title first: a few words that you will know it by.")
        return None
    return Context(happened_on=day, title=title.strip(), tags=split_tags(tags), stakes=stakes, feeling=feeling.strip())


def split_tags(text_of_tags: str) -> tuple[str, ...]:
    """Tags between commas, each once, in order.

    >>> split_tags("work, Clients,, work")
    ('work', 'Clients')
    """
    return tuple(dict.fromkeys(tag.strip() for tag in text_of_tags.split(",") if tag.strip()))
