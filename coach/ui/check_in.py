"""A check-in on an entry's planned change: what is due, what was said so far, and a short look at a change that was not kept."""

import streamlit as st

from coach.dates import day
from coach.errors import InputError
from coach.schema import Entry
from coach.ui import boxes, state, text

_MOST_DUE = 3


def due() -> bool:
    """Draw what is due; returns whether there is anything."""
    waiting = state.coach().due()
    if not waiting:
        return False
    st.header("Before anything new", anchor=False)
    for entry in waiting[:_MOST_DUE]:
        with st.container(key=f"card-due-{entry.id}"):
            kind = state.coach().kinds.of(entry.kind)
            text.note(f"On {day(entry.happened_on)}, about {entry.title}, {kind.says}:")
            text.words(getattr(entry, kind.foreseen), size="small")
            _say(entry, "due")
    if len(waiting) > _MOST_DUE:
        text.note(f"{len(waiting) - _MOST_DUE} more are due after these.")
    return True


def show(entry: Entry) -> None:
    """Draw the check-ins of an entry."""
    if not entry.change:
        return
    st.subheader("Check-in", anchor=False)
    journal = state.workshop().journal
    made, planned = journal.check_ins(entry.id), journal.next_check_in(entry.id)
    kind = state.coach().kinds.of(entry.kind)
    for one in made:
        text.note(f"{day(one.at)}: {kind.outcomes[one.outcome]}{'. ' + one.note if one.note else '.'}")
    if planned:
        text.note(f"{'Next' if made else 'First'} check-in: {day(planned)}.")
    with st.expander("Did you keep this change?" if kind.grows else "How did it go?"):
        _say(entry, "page")
    if journal.statuses([entry.id], state.workshop().clock.now().date())[entry.id] == "not_kept":
        _becomes(entry) if kind.becomes else revise(entry)


def _say(entry: Entry, place: str) -> None:
    key = f"check-note-{place}-{entry.id}"
    note = boxes.line("A note, if you like", entry.review_id, "check.note", "", key=key, max_chars=500)
    with st.container(horizontal=True):
        for outcome, label in state.coach().kinds.of(entry.kind).outcomes.items():
            if st.button(text.label(label), key=f"check-{outcome}-{place}-{entry.id}"):
                state.coach().check_in(entry, outcome, note)
                boxes.forget(entry.review_id, "check.note")
                if outcome == "not_kept" and place == "due":
                    state.go("entry", entry=entry.id)
                st.rerun()


def _becomes(entry: Entry) -> None:
    """What was foreseen beside what happened, and a review of it."""
    coach = state.coach()
    kind = coach.kinds.of(coach.kinds.of(entry.kind).becomes)
    with st.container(key=f"card-becomes-{entry.id}"):
        text.note("This is what was foreseen as the likeliest way to fail:")
        text.words(entry.lesson, size="small")
        text.note("What happened in its place, or just so, is worth a review: the plan stands in it as what was intended.")
        if st.button(text.label(f"Begin: {kind.name}"), key=f"becomes-{entry.id}", type="primary"):
            review = coach.begin_from(entry, kind)
            state.go("review", review=review.id)


def revise(entry: Entry) -> None:
    """Two minutes on the change itself: what got in its way, and what would be small enough to be kept."""
    with st.container(key=f"card-revise-{entry.id}"):
        text.note("It was not kept: two minutes on the change itself, if you like. Your notes of it stay above.")
        way = boxes.line("What got in the way?", entry.review_id, "revise.way", "", key=f"way-{entry.id}", max_chars=500)
        asked = "What would be small enough to be kept next time, and on what occasion?"
        change = boxes.area(asked, entry.review_id, "revise.change", entry.change, key=f"smaller-{entry.id}", height=90)
        if st.button("Plan this instead", key=f"revise-{entry.id}"):
            _revise(entry, change, way)


def _revise(entry: Entry, change: str, way: str) -> None:
    try:
        state.coach().revise_change(entry, change, way)
    except InputError as exc:
        text.note(str(exc))
        return
    boxes.forget(entry.review_id, "revise.way", "revise.change")
    st.rerun()
