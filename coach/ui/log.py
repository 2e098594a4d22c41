"""The Failure Log: the list, and one entry's page with its full review."""

import streamlit as st

from coach.errors import NotFound
from coach.exporters.markdown import safe_name
from coach.exporters.wiki import wiki_page
from coach.flow.review import Review
from coach.prompts import judgements
from coach.reviews.kinds import FIRST
from coach.schema import SECTIONS, Control, Entry
from coach.ui import care, check_in, quarterly, state, text

_PAGE = 50
_MOST_IN_CARD = 600  # characters; an imported report may have many pages
CLASSES: dict[Control, str] = {"full": "Fully mine", "partial": "Partly mine", "outside": "Outside"}


def show() -> None:
    """Draw the list."""
    with st.container(key="alone"):
        st.header("Failure Log", anchor=False)
        entries = state.workshop().journal.entries()
        if not entries:
            _empty()
        _periods()
        for entry in entries[: _shown(len(entries))]:
            card(entry)
        if len(entries) > _shown(len(entries)) and st.button("Show more", key="more-entries"):
            st.session_state["entries-shown"] = _shown(len(entries)) + _PAGE
            st.rerun()
        _learned()


def _periods() -> None:
    """Saved reviews of periods, the latest open to the eye."""
    found = state.coach().latest_period_reviews() if state.workshop().journal.period_reviews() else []
    if found:
        quarterly.card(found[0])
    if len(found) > 1:
        with st.expander(f"Earlier quarterly reviews ({len(found) - 1})"):
            for one in found[1:]:
                quarterly.card(one)


def _shown(count: int) -> int:
    """How many entries are drawn: a page of thousands would take minutes."""
    return min(count, int(st.session_state.get("entries-shown", _PAGE)))


def _learned() -> None:
    """What "not so here" has taught the coach, and how to take it back."""
    learned = state.coach().learned() if state.workshop().journal.dismissals() else {}
    if not learned:
        return
    with st.expander("What you have taught the coach"):
        text.note("Where you said “Not so here”, the coach now has to be surer before it says the same again.")
        for kind, count in learned.items():
            times = "once" if count == 1 else f"{count} times"
            with st.container(horizontal=True, vertical_alignment="center"):
                text.note(f"{judgements()[kind].name}: {times}.")
                if st.button("Forget this", key=f"unlearn-{kind}", type="tertiary"):
                    state.coach().unlearn(kind)
                    st.rerun()


def _empty() -> None:
    text.note("Nothing here yet. A finished review becomes an entry of four lines, such as this one:")
    with st.container(key="card-example"):
        text.note("15 March  ·  The late client proposal")
        text.words("Any addition after the kickoff needs a new date before it needs work.", size="small")
        text.note("Change: a scope-change clause in every kickoff document.")
    st.page_link(state.page("home"), label="Begin a review")


def card(entry: Entry, remark: str = "") -> None:
    """One entry in a list."""
    with st.container(key=f"card-entry-{entry.id}"):
        tags = "  ·  ".join(entry.tags)
        text.note("  ·  ".join(part for part in (text.day(entry.happened_on), entry.title, tags, remark) if part))
        text.words(entry.lesson or entry.root_cause or entry.situation[:_MOST_IN_CARD], size="small")
        if entry.change:
            text.note(f"Change: {entry.change[:_MOST_IN_CARD]}")
        open_link(entry)


def open_link(entry: Entry) -> None:
    """The way to an entry's page."""
    st.page_link(state.page("entry"), label="Open", query_params={"entry": entry.id})


def present_entry() -> Entry | None:
    """The entry that the address names; where there is none, the page says so."""
    try:
        return state.workshop().journal.entry(st.query_params.get("entry", ""))
    except NotFound as exc:
        text.note(str(exc))
        st.page_link(state.page("log"), label="To the log")
        return None


def entry_page() -> None:
    """Draw the entry that the address names."""
    entry = present_entry()
    if entry is None:
        return
    with st.container(key="alone"):
        tags = "  ·  ".join(entry.tags)
        kind = state.coach().kinds.of(entry.kind)
        named = kind.name if kind.id != FIRST else ""
        text.note("  ·  ".join(part for part in (text.day(entry.happened_on), named, tags, entry.feeling) if part))
        text.title(entry.title)
        _four_fields(entry)
        _parts(entry)
        _control(entry)
        _pattern(entry)
        check_in.show(entry)
        _review(entry)
        name = f"{entry.happened_on} {safe_name(entry.title)}.md"
        page = wiki_page(entry, {field: one.name for field, one in kind.fields.items()})
        st.download_button("Take this entry out as Markdown", page, name, "text/markdown", key="wiki", type="tertiary")
        st.page_link(state.page("share"), label="Tell others about it", query_params={"entry": entry.id})
        care.show(entry)
        st.page_link(state.page("log"), label="All entries")


def _parts(entry: Entry) -> None:
    """What the entry's kind keeps besides: texts, and rows with the facts beside them."""
    for part in entry.parts:
        st.subheader(text.label(part.heading), anchor=False)
        if part.text:
            text.words(part.text)
        for row in part.rows:
            facts = [value for name, value in row.items() if name not in ("text", "depth", "gap")]
            if row.get("gap"):
                text.note(f"{row['gap']} without an entry")
            text.note("  ·  ".join(facts)) if facts else None
            text.words(row.get("text", ""), size="small")


def _pattern(entry: Entry) -> None:
    head = state.coach().book.pattern_of(entry.id)
    if head and head.name:
        st.subheader("Pattern", anchor=False)
        text.words(head.name, size="small")
        st.page_link(state.page("patterns"), label="To the patterns")


def _review(entry: Entry) -> None:
    review = state.coach().open(entry.review_id)
    if review.imported_from:
        text.note("This entry was imported.")
        return
    with st.expander("The whole review"):
        _whole(review)


def _four_fields(entry: Entry) -> None:
    kind = state.coach().kinds.of(entry.kind)
    for name, label in SECTIONS.items():
        value = str(getattr(entry, name))
        if value:
            st.subheader(text.label(label if kind.id == FIRST else kind.fields[name].name), anchor=False)  # type: ignore[index]
            text.words(value)


def _control(entry: Entry) -> None:
    decided = [(name, [factor for factor in entry.factors if factor.chosen == name]) for name in CLASSES]
    if any(factors for _, factors in decided):
        st.subheader("Control", anchor=False)
    for name, factors in decided:
        for factor in factors:
            text.note(f"{CLASSES[name]}: {factor.text}")


def _whole(review: Review) -> None:
    """Every question with every version of its answer."""
    for name, ask in state.coach().all_asked(review):
        slot = review.slot(name)
        if not slot.versions:
            continue
        text.note(ask)
        for number, version in enumerate(slot.versions, 1):
            text.words(version, size="small")
            for back in slot.push_backs:
                if back.version == number:
                    text.note(f"The coach asked: {back.question}")
