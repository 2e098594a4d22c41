"""The patterns page: the same habit in different costumes, how often it came up, and the person's own say about it."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from coach.errors import CoachError, ModelError
from coach.patterns.book import MOST_NAME, SMALLEST, Pattern, PatternBook
from coach.patterns.groups import FEWEST
from coach.patterns.trend import RULE, Trend
from coach.schema import Control, Direction, Entry
from coach.ui import boxes, state, text

if TYPE_CHECKING:
    import altair as alt

_CLASSES: dict[Control, str] = {"full": "fully yours", "partial": "partly yours", "outside": "outside"}
_DIRECTIONS: dict[Direction, str] = {"rising": "rising", "falling": "falling", "steady": "steady", "too few to say": ""}
_UNNAMED = "Not named yet"
_CHART_HEIGHT = 120  # pixels
_COLOUR = "#5f9387"  # the accent, at a lightness that stands out from the light page and from the dark one
_QUARTERS = 12


def show() -> None:
    """Draw the page."""
    with st.container(key="alone"):
        st.header("Patterns", anchor=False)
        text.note("The same habit in another costume: entries with the same thing behind them, whatever they were about.")
        book = state.coach().book
        if not book.can_look:
            text.note("Without the model no habits can be seen in new entries. Fetch it with `coach model pull`.")
        shop = state.workshop()
        found = book.patterns(shop.clock.now().date())
        seen = [pattern for pattern in found if not pattern.head.hidden]
        _waiting(book)
        if not seen:
            _empty()
        for pattern in seen:
            _pattern(book, pattern, seen)
        if seen:
            text.note(RULE)
        _hidden(book, [pattern for pattern in found if pattern.head.hidden])


def _waiting(book: PatternBook) -> None:
    waiting = book.waiting() if book.can_look else 0
    if waiting:
        entries = "One entry is" if waiting == 1 else f"{waiting} entries are"
        text.note(f"{entries} still to be read for the habit behind; reload the page in a moment.")


def _empty() -> None:
    text.note(f"Nothing yet. A pattern shows when {FEWEST} or more entries have the same habit behind them, for example:")
    with st.container(key="card-example"):
        st.subheader("Saying yes to too much", anchor=False)
        text.note("4 entries  ·  rising  ·  work, family")
        text.words("The late proposal. The late kitchen. The choir trip. The tax return.", size="small")


def _pattern(book: PatternBook, pattern: Pattern, others: list[Pattern]) -> None:
    id = pattern.head.id
    with st.container(key=f"card-pattern-{id}"):
        text.title(_name(book, pattern), level=2)
        text.note("  ·  ".join(part for part in _facts(pattern) if part))
        st.altair_chart(chart(pattern.trend), width="stretch", key=f"chart-{id}")
        behind = st.expander("The entries behind it", key=f"behind-{id}", on_change="rerun")
        if behind.open:  # drawn when it is opened: a long log has hundreds of them
            with behind:
                for entry in pattern.entries:
                    _line(book, id, entry)
        change = st.expander("Change this pattern", key=f"change-{id}", on_change="rerun")
        if change.open:
            with change:
                _change(book, pattern, [other for other in others if other is not pattern])


def _name(book: PatternBook, pattern: Pattern) -> str:
    """The pattern's name; the coach's proposal is made when it is first looked at."""
    if pattern.head.name:
        return pattern.head.name
    try:
        with st.spinner("Looking for a name…"):
            return book.name(pattern.head.id).name or _UNNAMED
    except ModelError:
        return _UNNAMED


def _facts(pattern: Pattern) -> list[str]:
    areas = ", ".join(f"{area} ({count})" if count > 1 else area for area, count in pattern.areas[:4])
    factors = ", ".join(f"{count} {_CLASSES[control]}" for control, count in pattern.controls)
    by = "named by the coach" if pattern.head.named_by == "coach" else ""
    direction = _DIRECTIONS[pattern.trend.direction]
    return [f"{len(pattern.entries)} entries", direction, areas, f"factors: {factors}" if factors else "", by]


def chart(trend: Trend) -> "alt.Chart":
    """Entries a quarter as bars; the last three years."""
    import altair as alt  # half a second, which the first page need not wait for

    rows = [{"quarter": str(quarter), "entries": count} for quarter, count in trend.counts[-_QUARTERS:]]
    most = max(int(str(row["entries"])) for row in rows)
    drawn: alt.Chart = (
        alt.Chart(alt.Data(values=rows), height=_CHART_HEIGHT)  # type: ignore[no-untyped-call]
        .mark_bar(color=_COLOUR, cornerRadiusEnd=2, size=14)
        .encode(
            x=alt.X("quarter:O", title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True, ticks=False, domain=False)),
            y=alt.Y("entries:Q", title=None, scale=alt.Scale(domain=[0, max(most, 2)]), axis=alt.Axis(tickMinStep=1, tickCount=3)),
            tooltip=[alt.Tooltip("quarter:O", title="Quarter"), alt.Tooltip("entries:Q", title="Entries")],
        )
        .configure_view(stroke=None)
        .configure(background="transparent")
    )
    return drawn


def _line(book: PatternBook, pattern_id: str, entry: Entry) -> None:
    with st.container(key=f"line-{pattern_id}-{entry.id}"):
        text.note(f"{text.day(entry.happened_on)}  ·  {entry.title}")
        text.words(entry.root_cause or entry.lesson or entry.situation, size="small")
        with st.container(horizontal=True, vertical_alignment="center"):
            st.page_link(state.page("entry"), label="Open", query_params={"entry": entry.id})
            if st.button("Does not belong here", key=f"out-{pattern_id}-{entry.id}", type="tertiary"):
                book.move(entry.id, None)
                st.rerun()


def _change(book: PatternBook, pattern: Pattern, others: list[Pattern]) -> None:
    """Rename, merge, split, hide."""
    id = pattern.head.id
    name = boxes.line("Name", id, "name", pattern.head.name, key=f"name-{id}", max_chars=MOST_NAME)
    if st.button("Rename", key=f"rename-{id}"):
        boxes.forget(id, "name")
        _do(lambda: book.rename(id, name))
    if others:
        names = {other.head.id: other.head.name or _UNNAMED for other in others}
        other = st.selectbox("Merge with", list(names), format_func=lambda one: names[one], key=f"with-{id}", index=None)
        if st.button("Merge the two", key=f"merge-{id}") and other:
            _do(lambda: book.merge(id, other))
    titles = {entry.id: f"{entry.happened_on}  {entry.title}" for entry in pattern.entries}
    if len(titles) >= 2 * SMALLEST:
        going = st.multiselect("Split off", list(titles), format_func=lambda one: titles[one], key=f"going-{id}")
        if st.button("Make them a pattern of their own", key=f"split-{id}"):
            _do(lambda: book.split(id, going))
    if st.button("Hide this pattern", key=f"hide-{id}", type="tertiary"):
        _do(lambda: book.hide(id))


def _do(act: Callable[[], object]) -> None:
    """Do it and draw anew; say what was wrong otherwise."""
    try:
        act()
    except CoachError as exc:
        text.note(str(exc))
        return
    st.rerun()


def _hidden(book: PatternBook, hidden: list[Pattern]) -> None:
    if not hidden:
        return
    with st.expander("Hidden patterns"):
        for pattern in hidden:
            with st.container(horizontal=True, vertical_alignment="center"):
                text.note(f"{pattern.head.name or _UNNAMED}: {len(pattern.entries)} entries.")
                if st.button("Show again", key=f"show-{pattern.head.id}", type="tertiary"):
                    _do(partial(book.hide, pattern.head.id, False))
