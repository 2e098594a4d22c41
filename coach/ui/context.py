"""Step 0: what the review is about."""

import streamlit as st

from coach.flow.review import Review
from coach.reviews.kinds import FIRST, ReviewKind
from coach.schema import Context
from coach.ui import boxes, state, text
from coach.ui.focus import focus_box

_SLOTS = ("context.title", "context.feeling", "context.tags")
_STAKES = {1: "hardly", 2: "a little", 3: "quite", 4: "a lot", 5: "very much"}


def begin(*, focus: bool) -> None:
    """The form that begins a review; the keyboard goes to it unless something unfinished comes first."""
    st.header("What do you want to look at?", anchor=False)
    context = _form(_kind(), boxes.NEW, None, focus=focus)
    if context:
        review = state.coach().start(context)
        boxes.forget(boxes.NEW, *_SLOTS)
        state.go("review", review=review.id)


def _kind() -> ReviewKind:
    """The kind of review that is chosen; kinds with a mistake in their file are told of."""
    kinds = state.workshop().kinds
    for problem in kinds.problems:
        text.note(problem)
    names = {id: kind.name for id, kind in kinds.by_id.items()}
    chosen = st.pills("Kind", list(names), default=FIRST, format_func=lambda id: text.label(names[id]), key="kind") or FIRST
    text.note(kinds.of(chosen).about)
    return kinds.of(chosen)


def again(review: Review) -> None:
    """The form for a review that has begun."""
    st.header("What is this review about?", anchor=False)
    coach = state.coach()
    if review.kind not in coach.kinds.by_id:
        text.note(
            f"The file of this review's kind ({review.kind}) is gone or has a mistake. Your answers are kept; mend it to go on."
        )
    context = _form(coach.kind_of(review), review.id, review.context, focus=True)
    if context:
        review = coach.give_context(review, context)
        boxes.forget(review.id, *_SLOTS)
        coach.move(review, coach.kind_of(review).stages[1])
        st.rerun()


def _form(kind: ReviewKind, owner: str, old: Context | None, *, focus: bool) -> Context | None:
    """The context once it was sent and is whole; ``owner`` keeps what is typed until then."""
    today = state.workshop().clock.now().date()
    with st.container(key="box-area-context"):
        key = f"title-{hash(old.title) if old else 'new'}"  # what is typed stays when another kind is chosen
        before = old.title if old else ""
        title = boxes.line("A short title", owner, "context.title", before, key=key, max_chars=200, placeholder=kind.title_example)
    left, right = st.columns(2)
    day = left.date_input(text.label(kind.date), value=old.happened_on if old else today, max_value=today)
    feeling = old.feeling if old else ""
    if kind.personal:
        asked, key = "How it feels right now, in one word", f"feeling-{hash(feeling)}"
        feeling = boxes.line(asked, owner, "context.feeling", feeling, key=key, place=right, max_chars=60)
    before = ", ".join(old.tags) if old else ""
    key, example = f"tags-{hash(before)}", kind.tags_example
    tags = boxes.line("Areas, with commas between", owner, "context.tags", before, key=key, placeholder=example, max_chars=200)
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
    return Context(
        kind=old.kind if old else kind.id,
        happened_on=day,
        title=title.strip(),
        tags=split_tags(tags),
        stakes=stakes,
        feeling=feeling.strip(),
    )


def split_tags(text_of_tags: str) -> tuple[str, ...]:
    """Tags between commas, each once, in order.

    >>> split_tags("work, Clients,, work")
    ('work', 'Clients')
    """
    return tuple(dict.fromkeys(tag.strip() for tag in text_of_tags.split(",") if tag.strip()))
