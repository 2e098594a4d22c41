"""The failure share: from an entry to a story of two minutes that one can tell others, without what is nobody's business."""

import streamlit as st

from coach.exporters.html import page_of
from coach.schema import Entry
from coach.share.private import Private
from coach.share.story import LEADER_FIRST, LONGEST, PARTS, html, markdown, minutes
from coach.ui import boxes, state, text
from coach.ui.log import present_entry

_WHAT = {"name": "A name", "amount": "An amount", "contact": "A way to reach somebody", "number": "A number"}


def show() -> None:
    """Draw the page for the entry that the address names."""
    state.fill_boxes()
    entry = present_entry()
    if entry is None:
        return
    with st.container(key="alone"):
        st.header("Tell others about it", anchor=False)
        text.note(LEADER_FIRST)
        left_out, kept = _left_out(entry)
        parts = _story(entry, left_out)
        _remarks(parts, left_out, kept)
        _take_out(entry, left_out, parts)
        st.page_link(state.page("entry"), label="Back to the entry", query_params={"entry": entry.id})


def _left_out(entry: Entry) -> tuple[dict[str, str], set[str]]:
    """What is left out and what stands in its place; and what is kept. Everything is left out unless the person says otherwise."""
    st.subheader("What to leave out", anchor=False)
    found = _private(entry)
    if not found:
        text.note("No names, amounts or addresses were found. Read it once more yourself: a place or a day can tell too.")
    else:
        text.note("Ticked is left out. You may say better what stands in its place; read the story once more yourself afterwards.")
    left_out, kept = dict[str, str](), set[str]()
    for number, one in enumerate(found):
        tick, words = st.columns([1, 1], vertical_alignment="center")
        label = f"{_WHAT[one.what]}: {one.text}"
        if tick.checkbox(text.label(label), value=True, key=f"out-{entry.id}-{number}"):
            box = words.text_input(
                "Instead", one.instead, key=f"in-{entry.id}-{number}", label_visibility="collapsed", max_chars=60
            )
            left_out[one.text] = str(box)
        else:
            kept.add(one.text)
    return left_out, kept


def _private(entry: Entry) -> list[Private]:
    """What is private in the entry, looked for once for each of its versions."""
    known = st.session_state.setdefault("private", {})
    key = (entry.id, hash(entry.model_dump_json()))
    if key not in known:
        with st.spinner("Looking for what is private…"):
            known[key] = state.coach().private_of(entry)
    found: list[Private] = known[key]
    return found


def _story(entry: Entry, left_out: dict[str, str]) -> dict[str, str]:
    """The parts of the story in boxes of their own; what is changed in them is kept as a draft, without what is ticked."""
    st.subheader("The story", anchor=False)
    coach, shop = state.coach(), state.workshop()
    fresh, drafts = coach.share_of(entry, left_out), shop.journal.drafts(entry.review_id)
    if st.button("Write it anew from the entry", key="anew"):
        for name, words in fresh.items():
            shop.journal.save_draft(entry.review_id, f"share.{name}", "", shop.clock.now())
            state.fill(f"share-{entry.id}-{name}", words)
        st.rerun()
    chosen, before = tuple(left_out.items()), f"share-{entry.id}-chosen"
    is_new_choice = st.session_state.get(before) != chosen
    st.session_state[before] = chosen
    parts = {}
    for name, words in fresh.items():
        key, slot = f"share-{entry.id}-{name}", f"share.{name}"
        if is_new_choice or key not in st.session_state:
            st.session_state[key] = coach.without(drafts[slot], left_out).strip() if slot in drafts else words
        args = (entry.review_id, slot, key)
        parts[name] = str(st.text_area(PARTS[name], key=key, height=130, on_change=_keep_part, args=args))
    return parts


def _keep_part(review_id: str, slot: str, key: str) -> None:
    """Keep a part as it stands in its box; one that was emptied stays empty."""
    boxes.told(lambda: boxes.keep(review_id, slot, str(st.session_state.get(key, "")) or " "))


def _remarks(parts: dict[str, str], left_out: dict[str, str], kept: set[str]) -> None:
    """How long it is, what private things still stand in it, and whether it brags."""
    told = " ".join(parts.values())
    half_minutes = max(1, round(minutes(told) * 2))
    text.note(f"About {half_minutes / 2:g} minute{'s' if half_minutes > 2 else ''} to read aloud.")
    if len(told.split()) > LONGEST:
        text.note("Two minutes hold attention: leave out what the others need not know.")
    still = state.coach().still_private(parts, left_out, kept)
    if still:
        with st.container(key="card-still"):
            text.note(f"Still in it: {', '.join(still)}.")
    if st.button("Does it brag?", key="brags"):
        with st.spinner("Reading it as the others will hear it…"):
            verdict = state.coach().judged_share(parts)
        for finding in verdict.findings:
            with st.container(key=f"card-share-{finding.kind}"):
                text.note(finding.why)
                text.note(f"The words: “{finding.quote}”")
                st.html(text.question(finding.question))
        if not verdict.findings:
            text.note(verdict.note or "It does not sound like it.")


def _take_out(entry: Entry, left_out: dict[str, str], parts: dict[str, str]) -> None:
    title = state.coach().without(entry.title, left_out)
    with st.container(horizontal=True):
        st.download_button("Markdown", markdown(title, parts), "failure-share.md", "text/markdown", key="share-md")
        st.download_button(
            "A page to print", page_of(title, html(title, parts)), "failure-share.html", "text/html", key="share-html"
        )
