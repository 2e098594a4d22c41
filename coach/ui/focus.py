"""The keyboard: focus goes where the eye goes, into the text box of a new question; Ctrl+Enter sends what is in it; and what is
being typed is handed over every two seconds at the latest, so that it is kept before it is sent."""

from functools import cache
from typing import Any

import streamlit as st

_LISTEN = """
// A box loses its focus when the server goes away, and what stood in it is handed to nobody: hand it over again before it is sent.
const again = (event) => {
  if (!event.target.closest || !event.target.closest('[class*="st-key-send-"] button')) return;
  const box = document.querySelector('[class*="st-key-box-"] textarea');
  if (!box || !box.value || document.activeElement === box) return;
  const set = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set, words = box.value;
  box.focus({ preventScroll: true });
  for (const value of [words + " ", words]) { set.call(box, value); box.dispatchEvent(new Event("input", { bubbles: true })); }
  box.blur();
};
// A browser keeps what stands in boxes for after a crash of its own, on the disk, unless it is asked not to.
const unremembered = (event) => {
  if (event.target.matches && event.target.matches("textarea, input")) event.target.setAttribute("autocomplete", "off");
};
// What is being typed is handed over a second after each stop, and every two seconds of going on, so that it is kept as a draft.
// Ctrl+Enter is how a box hands its words over without losing the focus; ours is told from a person's by `isTrusted`.
const waiting = new WeakMap();
const typed = (event) => {
  const box = event.target, line = box.closest('[data-testid="stTextInput"]');
  const isLine = line && box.type === "text" && !box.closest('[data-testid="stForm"], .st-key-query');  // no passphrase
  if (!event.isTrusted || !(box.tagName === "TEXTAREA" || isLine)) return;
  const kept = waiting.get(box) || { since: Date.now() };
  clearTimeout(kept.timer);
  const hand = () => {
    waiting.delete(box);
    if (!box.isConnected) return;
    box.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", ctrlKey: true, bubbles: true, cancelable: true }));
  };
  kept.timer = setTimeout(hand, Math.max(0, Math.min(1000, kept.since + 1800 - Date.now())));
  waiting.set(box, kept);
};
export default function () {
  if (window.coachHandsOver) return;
  window.coachHandsOver = true;
  document.addEventListener("pointerdown", again, true);
  document.addEventListener("focusin", unremembered, true);
  document.addEventListener("input", typed, true);
}
"""

_JS = """
export default function ({ data }) {
  if (window.coachFocused === data) return;
  window.coachFocused = data;
  const look = (tries) => {
    const box = document.querySelector('[class*="st-key-box-"] textarea, [class*="st-key-box-"] input');
    if (!box) { if (tries) setTimeout(() => look(tries - 1), 100); return; }
    box.focus({ preventScroll: true });
    box.style.scrollMarginBottom = "9rem";  // the button under the box comes into sight with it, the question above stays there
    box.scrollIntoView({ block: "nearest" });
    if (box.setSelectionRange) box.setSelectionRange(box.value.length, box.value.length);
    box.addEventListener("keydown", (event) => {
      if (!event.isTrusted || event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      box.blur();  // hands the text over; the button that sends it is the first one behind the box
      const send = document.querySelector('[class*="st-key-send-"] button, .st-key-begin button');
      if (send) setTimeout(() => send.click(), 50);
    });
  };
  look(10);
}
"""


@cache
def _listener() -> Any:
    return st.components.v2.component("coach_typing", js=_LISTEN)


def keep_typing() -> None:
    """Have what is being typed handed over, on whatever page; called once a run."""
    _listener()(key="typing")


@cache
def _component() -> Any:
    return st.components.v2.component("coach_focus", js=_JS)


def focus_box(place: str) -> None:
    """Focus the first text box, once for each ``place``."""
    _component()(key=f"focus-{place}", data=place)
