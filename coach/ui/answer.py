"""One question and its answer: the box, the reading, the push-back with its choices. Used by every step that asks.

Each call draws the slot in the state it is in. When an act of the person settles it, the step's ``advance`` is called, so
that a good answer leads on by itself; a settled answer that one comes back to stays where it is.
"""

from collections.abc import Callable, Iterator

import streamlit as st

from coach.errors import InputError
from coach.flow.review import Review, Slot
from coach.prompts import judgements
from coach.pushback.ask import Piece
from coach.reviews.kinds import Asked
from coach.schema import Finding
from coach.ui import boxes, leaving, state, text, windows
from coach.ui.focus import focus_box

Advance = Callable[[Review], object]


def ask(review: Review, question: Asked, heading: str, advance: Advance) -> None:
    """Draw a question in the state it is in."""
    slot = review.slot(question.slot)
    _heading(question, heading)
    if not slot.versions:
        _box(review, question, slot, "Send")
    elif slot.reopened:
        _reopened(review, question, slot, advance)
    elif slot.verdict is None:
        _consider(review, question, advance)
    elif slot.settled:
        _settled(review, question, slot, advance)
    else:
        _pushed_back(review, question, slot, advance)


def _reopened(review: Review, question: Asked, slot: Slot, advance: Advance) -> None:
    _box(review, question, slot, "Send the new version")
    if st.button("Leave it as it was", key=f"leave-{question.slot}"):
        _go_on(state.coach().keep(review, question.slot), question.slot, advance)


def _settled(review: Review, question: Asked, slot: Slot, advance: Advance) -> None:
    """An answer that one came back to: as it stands, what was set aside, and the ways on."""
    text.words(slot.text)
    if slot.verdict and slot.verdict.note:
        text.note(slot.verdict.note)
    for kind in sorted(slot.dismissed):
        name = judgements()[kind].name
        if st.button(f"You set “{name}” aside here. Bring it back", key=f"restore-{question.slot}-{kind}", type="tertiary"):
            state.coach().restore(review, question.slot, kind)
            st.rerun()
    if st.button("Go on", type="primary", key=f"on-{question.slot}"):
        advance(review)
        st.rerun()
    if st.button("Change this answer", key=f"change-{question.slot}", type="tertiary"):
        state.coach().reopen(review, question.slot)
        st.rerun()


def _go_on(review: Review, slot: str, advance: Advance) -> None:
    """Lead on if the slot is settled now, and draw anew."""
    if review.slot(slot).settled:
        advance(review)
    st.rerun()


def _heading(question: Asked, heading: str) -> None:
    if heading:
        st.header(text.label(heading), anchor=False)
    if question.hint:
        text.note(question.hint)


def _box(review: Review, question: Asked, slot: Slot, label: str) -> None:
    """The text box with what was typed before, and the button that sends it."""
    key = f"box-{review.id}-{question.slot}-{len(slot.versions)}"
    with st.container(key=f"box-area-{question.slot}"):
        asked = "Your answer" if not slot.versions else "Your answer, as you would put it now"
        written = boxes.area(asked, review.id, question.slot, slot.text, key=key, height=150)
        if question.judged:
            leaving.expect_answer(review, question.slot, written)
    if st.button(label, type="primary", key=f"send-{question.slot}"):
        _send(review, question.slot, written)
    if question.example and not slot.versions:
        example(question.example)
    if not windows.is_told(review):  # else the eye belongs to what is said above
        focus_box(key)


def _send(review: Review, slot: str, written: str) -> None:
    """Save the answer; the next run reads it."""
    try:
        state.coach().answer(review, slot, written)
    except InputError as exc:
        text.note(str(exc))
        return
    boxes.forget(review.id, slot)
    st.rerun()


def example(pair: tuple[str, str]) -> None:
    """A weak answer and a strong one, to teach by."""
    with st.expander("An example"):
        text.note("Too little to learn from:")
        text.words(pair[0], size="small")
        text.note("Something to work with:")
        text.words(pair[1], size="small")


def _consider(review: Review, question: Asked, advance: Advance) -> None:
    """Read the answer, and ask back at once where there is something to ask."""
    text.words(review.slot(question.slot).text)
    with st.spinner("Reading your answer…"):
        review = state.coach().consider(review, question.slot)
    slot = review.slot(question.slot)
    if slot.wants_push_back:
        _stream_push_back(review, question.slot)
    elif slot.verdict and slot.verdict.note:
        st.rerun()  # the judge had something to say about itself: let it be read before going on
    _go_on(review, question.slot, advance)


def _stream_push_back(review: Review, slot: str) -> None:
    """Show the question while it comes; "stop" asks one that was written by hand instead."""
    plain = f"plain-{review.id}-{slot}-{review.seq}"
    with st.container(key=f"card-asking-{slot}"):
        stream(lambda: state.coach().ask_back(review, slot, plainly=plain in st.session_state), lambda: _note(plain))


def _note(name: str) -> None:
    st.session_state[name] = True


def stream(pieces: Callable[[], Iterator[Piece]], on_stop: Callable[[], None] | None = None) -> None:
    """Show pieces of a question as they come, as plain text, with a way to stop. Stopped, nothing of it was asked."""
    place, shown = st.empty(), ""
    place.html(text.question("Thinking about what you wrote…", live=True))
    st.button("Stop", key="stop", type="tertiary", on_click=on_stop)
    for piece in pieces():
        shown += piece.text
        place.html(text.question(shown, live=True))


def _pushed_back(review: Review, question: Asked, slot: Slot, advance: Advance) -> None:
    """The answer with its marks, the cards, and the choices."""
    if slot.wants_push_back:  # the last question was cut short by a reload: ask it now
        text.words(slot.text)
        _stream_push_back(review, question.slot)
        st.rerun()
    text.words(slot.text, [(finding.start, finding.end) for finding in slot.open_findings])
    if slot.verdict and slot.verdict.note:
        text.note(slot.verdict.note)
    for finding in _foremost_first(slot):
        _card(review, question.slot, finding, advance)
    _box(review, question, slot, "Send the new version")
    if st.button("Keep it as it is", key=f"keep-{question.slot}"):
        _go_on(state.coach().keep(review, question.slot), question.slot, advance)


def _foremost_first(slot: Slot) -> list[Finding]:
    """The finding that was asked about, then at most one other: a page of warnings helps nobody."""
    asked = slot.asked_now.kind if slot.asked_now else ""
    return sorted(slot.open_findings, key=lambda finding: finding.kind != asked)[:2]


def _card(review: Review, slot_name: str, finding: Finding, advance: Advance) -> None:
    """One finding: the reason, the question or the words it is about, and "not so here"."""
    asked = review.slot(slot_name).asked_now
    with st.container(key=f"card-{slot_name}-{finding.kind}"):
        text.note(finding.why)
        if asked and asked.kind == finding.kind:
            st.html(text.question(asked.question))
            if review.slot(slot_name).reminder:
                text.note(review.slot(slot_name).reminder)
        else:
            text.note(f"The words: “{finding.quote}”")
        if st.button("Not so here", key=f"dismiss-{slot_name}-{finding.kind}", type="tertiary"):
            _go_on(state.coach().dismiss(review, slot_name, finding.kind), slot_name, advance)


def earlier(review: Review, slot_name: str, label: str) -> None:
    """An answer given before, kept in sight."""
    if review.slot(slot_name).versions:
        with st.container(key=f"earlier-{slot_name}"):
            text.note(label)
            text.words(review.slot(slot_name).text, size="small")
            kind = review.slot(slot_name).came_good
            if kind:
                text.note(judgements()[kind].better)


def optional_box(review: Review, question: Asked, *, height: int = 100) -> None:
    """A box that may stay empty; its text is saved when one leaves it."""
    key = f"opt-{review.id}-{question.slot}"
    text_before = state.first_text(key, review.id, question.slot, review.slot(question.slot).text)
    args = (review.id, question.slot, key)
    hint = text.label(question.hint) if question.hint else None
    st.text_area(
        text.label(question.ask), key=key, value=text_before, height=height, help=hint, on_change=_keep_optional, args=args
    )


def _keep_optional(review_id: str, slot: str, key: str) -> None:
    boxes.told(lambda: _save_optional(review_id, slot, key))


def _save_optional(review_id: str, slot: str, key: str) -> None:
    """Save an optional answer; emptied boxes stay as they were in the journal. Where another window has gone on with the review it
    is kept as a draft, which the box shows with the rest of what has changed."""
    coach = state.coach()
    review, written = coach.open(review_id), str(st.session_state[key])
    if windows.gone_on(review):
        boxes.keep(review_id, slot, written)
    elif written.strip() and written.strip() != review.slot(slot).text:
        coach.answer(review, slot, written)
