"""Step 5: the entry as four fields, what was noticed and what changed, the first check-in, and saving it."""

import datetime

import streamlit as st

from coach.errors import InputError
from coach.flow.coach import Fields
from coach.flow.review import Review, Slot
from coach.prompts import judgements
from coach.ui import boxes, state, text


def show(review: Review) -> None:
    """Draw the closing page."""
    kind = state.coach().kind_of(review)
    st.header(text.label(kind.closing), anchor=False)
    suggested = state.coach().suggested_fields(review)
    if suggested.lesson and kind.personal:
        text.note("Every failure contains data. This is the data this one gave you, in your own words:")
        text.words(suggested.lesson)
    fields = _fields(review, suggested)
    _what_changed(review)
    if st.button("Save to my Failure Log", type="primary", key="save-entry"):
        _save(review, fields)


def _fields(review: Review, suggested: Fields) -> Fields:
    text.note("The entry: your own words, to be shortened or mended here.")
    kind = state.coach().kind_of(review)
    texts = {name: _area(review, name, one.ask, getattr(suggested, name)) for name, one in kind.fields.items()}
    return Fields(**texts, check_in_on=_check_in(review, kind.check_in, suggested.check_in_on))


def _check_in(review: Review, label: str, suggested: datetime.date | None) -> datetime.date | None:
    """The day of the first check-in, from today on; kept as a draft like the other fields."""
    key, slot = f"check-in-{review.id}", "field.check_in"
    today = state.workshop().clock.now().date()
    kept = state.first_text(key, review.id, slot, str(suggested or today))
    chosen = datetime.date.fromisoformat(kept)
    args = (review.id, slot, key)
    day = st.date_input(text.label(label), value=max(chosen, today), min_value=today, key=key, on_change=boxes.kept, args=args)
    return day if isinstance(day, datetime.date) else None


def _area(review: Review, name: str, label: str, value: str) -> str:
    """A field; what is changed in it is kept as a draft until it is saved."""
    return boxes.area(label, review.id, f"field.{name}", value, key=f"field-{review.id}-{name}", height=110)


def _what_changed(review: Review) -> None:
    """What the coach noticed, and the first and last version of each answer that changed."""
    asked = state.coach().all_asked(review)
    changed = [(slot, ask) for slot, ask in asked if len(review.slot(slot).versions) > 1]
    noticed = _noticed([review.slot(slot) for slot, _ in asked])
    if not changed and not noticed:
        return
    with st.spinner("Looking at what changed…"):
        for slot, _ in changed:
            review = state.coach().sum_up(review, slot)
    with st.expander("What the coach noticed, and what changed"):
        for line in noticed:
            text.note(line)
        for slot, ask in changed:
            versions = review.slot(slot).versions
            if slot in review.summaries:
                text.note(review.summaries[slot].text)
            text.note(f"{ask} First:")
            text.words(versions[0], size="small")
            text.note("Now:")
            text.words(versions[-1], size="small")


def _noticed(slots: list[Slot]) -> list[str]:
    """One line for each kind that was asked about, and how it ended."""
    kinds = dict.fromkeys(back.kind for slot in slots for back in slot.push_backs)
    dismissed = {kind for slot in slots for kind in slot.dismissed}
    still_there = {finding.kind for slot in slots for finding in slot.open_findings}
    lines = []
    for kind in kinds:
        end = "you said: not so here" if kind in dismissed else "kept as it was" if kind in still_there else "you made it clearer"
        lines.append(f"{judgements()[kind].name}: {end}.")
    return lines


def _save(review: Review, fields: Fields) -> None:
    try:
        with st.spinner("Saving your entry…"):
            entry = state.coach().close(review, fields)
    except InputError as exc:
        text.note(str(exc))
        return
    state.go("entry", entry=entry.id)
