"""The quarterly review: what the log says of a period, each claim with its entries, and the person's own three answers."""

from datetime import date

import streamlit as st

from coach.dates import Quarter, day, period_name
from coach.errors import CoachError, InputError
from coach.exporters import period as period_pages
from coach.exporters.html import period_page
from coach.flow.exporting import whole_log
from coach.flow.quarterly import period_id
from coach.growth.period import Claim, Section
from coach.growth.rule import RULE
from coach.schema import PERIOD_SECTIONS, PeriodFindings, PeriodReview
from coach.ui import boxes, state, text

_OWN = "another period"
_QUARTERS = 8  # that are offered by name
_MOST_LINKS, _MOST_CLAIMS = 12, 6


def show() -> None:
    """Draw the page: the period, what the log says, the three questions, and what was saved."""
    state.fill_boxes()
    with st.container(key="alone"):
        st.header("Quarterly review", anchor=False)
        text.note("What the log says of a period, in your own words of then, and three questions that only you can answer.")
        since, until = _period()
        coach = state.coach()
        try:
            with st.spinner("Looking through the log…"):
                found = coach.period_findings(since, until)
                said = coach.sections_of(found)
        except InputError as exc:
            text.note(str(exc))
            return
        saved = coach.period_review(period_id(since, until))
        for number, section in enumerate(said):
            _section(section, number)
        _unfinished(found)
        text.note(RULE)
        _answers(found, saved)
        if saved:
            _keep(saved)
        _earlier(period_id(since, until))


def _period() -> tuple[date, date]:
    """The period that is looked at: one of the last quarters, or any other."""
    coach, today = state.coach(), state.workshop().clock.now().date()
    asked = (st.query_params.get("since", ""), st.query_params.get("until", ""))
    try:
        since, until = date.fromisoformat(asked[0]), date.fromisoformat(asked[1])
    except ValueError:
        since, until = coach.period_to_review()
    quarters = _quarters(today)
    names = {period_name(*one): one for one in quarters}
    chosen = period_name(since, until) if period_name(since, until) in names else _OWN
    options = [*names, _OWN]
    pick = st.selectbox("Period", options, index=options.index(chosen), key=f"period-{since}-{until}")
    if pick != _OWN:
        if names[pick] != (since, until):
            state.go("quarterly", since=str(names[pick][0]), until=str(names[pick][1]))
        return names[pick]
    left, right = st.columns(2)
    first = left.date_input("From", since, max_value=today, key=f"since-{since}-{until}")
    last = right.date_input("To", min(until, today), max_value=today, key=f"until-{since}-{until}")
    return first, last


def _quarters(today: date) -> list[tuple[date, date]]:
    found, quarter = [], Quarter.of(today)
    for _ in range(_QUARTERS):
        found.append((quarter.first_day, quarter.last_day))
        quarter = quarter.before
    return found


def _section(section: Section, number: int) -> None:
    if section.heading == "Unfinished":
        return
    st.subheader(text.label(section.heading), anchor=False)
    if not section.claims:
        text.note(section.otherwise)
    for place, claim in enumerate(section.claims[:_MOST_CLAIMS]):
        _claim(claim, f"{number}-{place}")
    rest = list(enumerate(section.claims))[_MOST_CLAIMS:]
    if rest:
        with st.expander(f"{len(rest)} more"):
            for place, claim in rest:
                _claim(claim, f"{number}-{place}")


def _claim(claim: Claim, key: str) -> None:
    """A claim, the words that it quotes, and the way to each of its entries."""
    with st.container(key=f"line-claim-{key}"):
        text.note(claim.text)
        for quote in claim.quotes:
            text.words(quote, size="small")
        with st.container(horizontal=True, key=f"links-{key}"):
            for entry in claim.entries[:_MOST_LINKS]:
                label = text.label(f"{entry.happened_on.day} {entry.happened_on:%b}  {entry.title}")
                st.page_link(state.page("entry"), label=label, query_params={"entry": entry.id})
        if len(claim.entries) > _MOST_LINKS:
            text.note(f"and {len(claim.entries) - _MOST_LINKS} more; the log lists them all.")


def _unfinished(found: PeriodFindings) -> None:
    """Reviews that were begun and not closed, with the way back to each."""
    heads = [head for head in state.workshop().journal.reviews("open") if head.id in found.unfinished]
    st.subheader("Unfinished", anchor=False)
    if not heads:
        text.note("No review waits.")
    for head in heads:
        with st.container(horizontal=True, vertical_alignment="center", key=f"unfinished-{head.id}"):
            text.note(f"{head.title or 'Untitled'}, last touched {day(head.updated_at)}.")
            st.page_link(state.page("review"), label="Go on with it", query_params={"review": head.id})


def _answers(found: PeriodFindings, saved: PeriodReview | None) -> None:
    """The three questions; what is typed is kept as a draft until it is saved."""
    id = period_id(found.since, found.until)
    st.header("In your own words", anchor=False)
    for name, asked in PERIOD_SECTIONS.items():
        boxes.area(asked, id, name, getattr(saved, name) if saved else "", key=f"answer-{name}-{id}", height=110)
    if st.button("Save this review", type="primary", key=f"save-{id}"):
        answers = {name: str(st.session_state.get(f"answer-{name}-{id}", "")) for name in PERIOD_SECTIONS}
        try:
            state.coach().save_period_review(found, answers)
        except CoachError as exc:
            text.note(str(exc))
            return
        st.rerun()


def _keep(saved: PeriodReview) -> None:
    """What was saved, as a page to print or to keep, and how to be rid of it."""
    text.note(f"Saved on {day(saved.saved_at)}. The log lists it among the entries.")
    said = state.coach().sections_of(saved.findings)
    mentioned = {entry.id for section in said for claim in section.claims for entry in claim.entries}
    kept = [one for one in whole_log(state.workshop().journal).kept if one.entry.id in mentioned]
    name = period_pages.markdown_name(saved).removesuffix(".md")
    with st.container(horizontal=True):
        st.download_button("A page to print", period_page(saved, said, kept), f"{name}.html", "text/html", key="period-html")
        st.download_button("Markdown", period_pages.markdown(saved, said), f"{name}.md", "text/markdown", key="period-md")
    with st.expander("Erase what was saved"):
        text.note("This removes the three answers and every version of them for good. The entries stay.")
        sure = st.checkbox("Yes, erase it", key=f"sure-{saved.id}")
        if st.button("Erase for good", key=f"erase-{saved.id}", disabled=not sure):
            state.workshop().journal.erase_period_review(saved.id)
            state.forget_boxes(f"-{saved.id}")
            st.rerun()


def _earlier(present: str) -> None:
    """Reviews of other periods."""
    others = [one for one in state.coach().latest_period_reviews() if one.id != present]
    if others:
        st.subheader("Earlier reviews", anchor=False)
    for one in others:
        card(one)


def card(one: PeriodReview) -> None:
    """A saved review of a period in a list."""
    found = one.findings
    with st.container(key=f"card-{one.id}"):
        text.note(period_name(found.since, found.until))
        text.words(one.next_time or one.changed or one.repeats, size="small")
        query = {"since": str(found.since), "until": str(found.until)}
        st.page_link(state.page("quarterly"), label="Open", query_params=query)
