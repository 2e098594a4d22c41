"""Puts the keyboard's focus where the eye goes: into the first empty text box of a new question."""

from functools import cache
from typing import Any

import streamlit as st

_JS = """
export default function ({ data }) {
  if (window.coachFocused === data) return;
  window.coachFocused = data;
  const look = (tries) => {
    const box = document.querySelector('[class*="st-key-box-"] textarea, [class*="st-key-box-"] input');
    if (!box) { if (tries) setTimeout(() => look(tries - 1), 100); return; }
    box.focus({ preventScroll: true });
    box.scrollIntoView({ block: "center" });
    if (box.setSelectionRange) box.setSelectionRange(box.value.length, box.value.length);
  };
  look(10);
}
"""


@cache
def _component() -> Any:
    return st.components.v2.component("coach_focus", js=_JS)


def focus_box(place: str) -> None:
    """Focus the first text box, once for each ``place``."""
    _component()(key=f"focus-{place}", data=place)
