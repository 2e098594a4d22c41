"""What one can do with an entry: change its words or tags, see what they were, put it away, or erase it for good."""

import difflib
import re

import streamlit as st

from coach.dates import day
from coach.errors import InputError
from coach.journal.words import Span
from coach.schema import MOST_TITLE, Entry, EntryVersion
from coach.ui import boxes, state, text

_FIELDS = {"title": "Title", "situation": "What happened", "root_cause": "Root cause", "lesson": "Lesson", "change": "Change"}
_MOST = {"title": MOST_TITLE}
_PIECE = re.compile(r"\s+|\w+|[^\w\s]")


def show(entry: Entry) -> None:
    """Draw the ways to change an entry."""
    edit = st.expander("Edit", key=f"edit-{entry.id}", on_change="rerun")
    if edit.open:
        with edit:
            _edit(entry)
    versions = state.workshop().journal.versions(entry.id)
    if versions:
        earlier = st.expander(f"Earlier versions ({len(versions)})", key=f"versions-{entry.id}", on_change="rerun")
        if earlier.open:
            with earlier:
                _versions(versions, entry)
    with st.expander("Archive or erase"):
        _put_away(entry)


def _edit(entry: Entry) -> None:
    fields = {name: _box(entry, name, label) for name, label in _FIELDS.items()}
    names = ", ".join(entry.tags)
    tags = boxes.line("Tags, with commas between them", entry.review_id, "edit.tags", names, key=f"edit-tags-{entry.id}")
    if st.button("Save the changes", type="primary", key=f"save-edit-{entry.id}"):
        try:
            edited = state.coach().edit(entry, **fields)
            state.coach().tag(edited, tags.split(","))
        except InputError as exc:
            text.note(str(exc))
            return
        boxes.forget(entry.review_id, "edit.tags", *(f"edit.{name}" for name in _FIELDS))
        st.rerun()


def _box(entry: Entry, name: str, label: str) -> str:
    key, options = f"edit-{name}-{entry.id}", {"height": 90, "max_chars": _MOST.get(name)}
    return boxes.area(label, entry.review_id, f"edit.{name}", getattr(entry, name), key=key, **options)


def _versions(versions: list[EntryVersion], now: Entry) -> None:
    """Each earlier version beside the one that followed it, with what went and what came marked."""
    later = [*(version.entry for version in versions[1:]), now]
    for version, after in reversed(list(zip(versions, later, strict=True))):
        text.note(f"Until {day(version.until)}:")
        for name, label in _FIELDS.items():
            old, new = str(getattr(version.entry, name)), str(getattr(after, name))
            if old != new:
                gone, come = changes(old, new)
                text.note(f"{label}, before:")
                text.words(old, gone, size="small")
                text.note("and after:")
                text.words(new, come, size="small")
        if version.entry.tags != after.tags:
            text.note(f"Tags before: {', '.join(version.entry.tags) or 'none'}; after: {', '.join(after.tags) or 'none'}.")


def changes(old: str, new: str) -> tuple[list[Span], list[Span]]:
    """Where words of the old text are not in the new one, and the reverse.

    >>> changes("I wait a day.", "I wait two days.")
    ([(7, 8), (9, 12)], [(7, 10), (11, 15)])
    """
    ours, theirs = ([match.span() for match in _PIECE.finditer(one)] for one in (old, new))
    same = difflib.SequenceMatcher(None, [old[s:e] for s, e in ours], [new[s:e] for s, e in theirs], autojunk=False)
    gone, come = list[Span](), list[Span]()
    for kind, a, b, c, d in same.get_opcodes():
        if kind != "equal":
            gone += [span for span in ours[a:b] if old[slice(*span)].strip()]
            come += [span for span in theirs[c:d] if new[slice(*span)].strip()]
    return gone, come


def _put_away(entry: Entry) -> None:
    journal = state.workshop().journal
    archived = entry.id in journal.archived()
    text.note("An archived entry is out of the log, search and patterns, and can be brought back from here.")
    if st.button("Bring it back" if archived else "Archive", key=f"archive-{entry.id}"):
        journal.archive(entry.id, not archived)
        st.rerun()
    text.note("Erasing removes the entry, its whole review and every copy of them on this machine. It cannot be undone.")
    sure = st.checkbox("Yes, erase all of it", key=f"sure-{entry.id}")
    if st.button("Erase for good", key=f"erase-{entry.id}", disabled=not sure):
        with st.spinner("Erasing…"):
            state.coach().erase(entry.id)
        state.go("log")
