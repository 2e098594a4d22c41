"""Text boxes that lose nothing: what stands in one is kept as a draft while it is typed, two seconds behind, until it is sent.

A draft belongs to an owner (a review, or ``NEW`` for one that has not begun) and a slot of it. Where another window has typed into
the same box meanwhile, its words are kept beside and shown: neither overwrites the other.
"""

from collections.abc import Callable
from typing import Any

import streamlit as st

from coach.errors import CoachError
from coach.ui import state, text

NEW = "new"
"""The owner of what is typed before a review has begun."""

_OTHER = "other."  # begins the slot of what another window typed
_KNOWN = "known-drafts"
_FAILED = "not-kept"


def area(label: str, owner: str, slot: str, value: str, *, key: str, **options: Any) -> str:
    """A box of several lines; ``value`` is what it begins with where nothing was typed before."""
    first = state.first_text(key, owner, slot, value)
    typed = str(st.text_area(text.label(label), first, key=key, on_change=kept, args=(owner, slot, key), **options))
    _typed_elsewhere(owner, slot)
    return typed


def line(label: str, owner: str, slot: str, value: str, *, key: str, place: Any = st, **options: Any) -> str:
    """A box of one line, drawn at ``place``."""
    first = state.first_text(key, owner, slot, value)[: options.get("max_chars")]
    return str(place.text_input(text.label(label), first, key=key, on_change=kept, args=(owner, slot, key), **options))


def forget(owner: str, *slots: str) -> None:
    """Forget what was typed: it was sent."""
    shop = state.workshop()
    for slot in slots:
        shop.journal.save_draft(owner, slot, "", shop.clock.now())
        shop.journal.save_draft(owner, _OTHER + slot, "", shop.clock.now())
        _known().pop((owner, slot), None)


def keep(owner: str, slot: str, typed: str) -> None:
    """Keep what is in a box now, beside what another window has typed there. Raises JournalError."""
    shop, known = state.workshop(), _known()
    there = shop.journal.drafts(owner).get(slot, "")
    if there and (owner, slot) in known and there not in (known[owner, slot], typed):
        shop.journal.save_draft(owner, _OTHER + slot, there, shop.clock.now())
    shop.journal.save_draft(owner, slot, typed, shop.clock.now())
    known[owner, slot] = typed


def note_failure() -> None:
    """Say above the page what could not be kept, if anything."""
    failed = st.session_state.pop(_FAILED, "")
    if failed:
        text.note(f"What you typed is not saved; it still stands in its box. {failed}")


def told(act: Callable[[], object]) -> None:
    """Do what a change of a box is there for. An error is told above the page: while a box changes there is no page yet."""
    try:
        act()
    except CoachError as exc:
        st.session_state[_FAILED] = str(exc)


def kept(owner: str, slot: str, key: str) -> None:
    """Called when a box or another widget of that key changes."""
    told(lambda: keep(owner, slot, str(st.session_state.get(key, ""))))


def _typed_elsewhere(owner: str, slot: str) -> None:
    known, drafts = _known(), state.workshop().journal.drafts(owner)
    known.setdefault((owner, slot), drafts.get(slot, ""))
    other = drafts.get(_OTHER + slot, "")
    if other:
        text.note("In another window you typed here:")
        text.words(other, size="small")
        if st.button("I do not need that", key=f"drop-other-{owner}-{slot}", type="tertiary"):
            shop = state.workshop()
            shop.journal.save_draft(owner, _OTHER + slot, "", shop.clock.now())
            st.rerun()


def _known() -> dict[tuple[str, str], str]:
    """What this window last knew of each draft."""
    found: dict[tuple[str, str], str] = st.session_state.setdefault(_KNOWN, {})
    return found
