"""How the app looks: Streamlit's options and a small style sheet. Two weights, one accent colour, light and dark."""

import streamlit as st

_LIGHT = {
    "primaryColor": "#2f6b62",
    "backgroundColor": "#faf8f4",
    "secondaryBackgroundColor": "#f1ede5",
    "textColor": "#2b2a27",
    "borderColor": "#ddd7cb",
}
_DARK = {
    "primaryColor": "#86c2b5",
    "backgroundColor": "#1d1e1c",
    "secondaryBackgroundColor": "#272926",
    "textColor": "#e9e6df",
    "borderColor": "#3d403b",
}
_BOTH = {"font": "sans-serif", "headingFont": "serif", "baseFontSize": 17, "baseRadius": "medium", "linkUnderline": True}

OPTIONS: dict[str, object] = {
    **{f"theme.{name}": value for name, value in _BOTH.items()},
    **{f"theme.light.{name}": value for name, value in _LIGHT.items()},
    **{f"theme.dark.{name}": value for name, value in _DARK.items()},
}

_STYLE = """
<style>
[data-testid="stMainBlockContainer"] { max-width: 70rem; padding: 4.5rem 1.5rem 6rem; }
[data-testid="stMainBlockContainer"] h1 { font-weight: 400; font-size: 2rem; line-height: 1.25; letter-spacing: -0.01em; }
[data-testid="stMainBlockContainer"] h2 { font-weight: 400; font-size: 1.5rem; }
[data-testid="stMainBlockContainer"] h3 { font-weight: 600; font-size: 1.05rem; padding-bottom: 0; }
.st-key-reading { max-width: 42rem; }
.st-key-alone { max-width: 42rem; margin: 0 auto; }
[data-testid="stHeading"] a, [data-testid="stHeaderActionElements"] { display: none; }
[data-testid="stBaseButton-primary"], [data-testid="stBaseButton-primary"] p {
  color: light-dark(#faf8f4, #1d1e1c) !important; font-weight: 600; }
[data-testid="stBaseButton-tertiary"] p { text-decoration: underline; text-decoration-color: light-dark(#2f6b6288, #86c2b588);
  text-underline-offset: 0.25em; }
[data-testid="InputInstructions"], [data-testid="stStatusWidget"] { display: none; }
textarea { font-size: 1.1rem !important; line-height: 1.55 !important; }
.coach-words { font-family: "Source Serif", Georgia, serif; font-size: 1.2rem; line-height: 1.6; white-space: pre-wrap;
  overflow-wrap: anywhere; margin: 0; max-height: 22rem; overflow-y: auto; unicode-bidi: isolate; }
.coach-words.small { font-size: 1rem; line-height: 1.5; max-height: 7.6rem; }
.coach-words mark { background: light-dark(#2f6b6233, #86c2b540); color: inherit;
  border-radius: 3px; padding: 0.05em 0.1em; box-decoration-break: clone; -webkit-box-decoration-break: clone; }
h2.coach-title { font-size: 1.35rem !important; margin: 0; padding: 0; }
[class*="st-key-line-1-"] { margin-left: 1.5rem; } [class*="st-key-line-2-"] { margin-left: 3rem; }
[class*="st-key-line-3-"] { margin-left: 4.5rem; } [class*="st-key-line-4-"] { margin-left: 6rem; }
[class*="st-key-line-"] { border-bottom: 1px solid rgba(128,128,128,.25); padding-bottom: 0.4rem; }
.coach-title { font-family: "Source Serif", Georgia, serif; overflow-wrap: anywhere; }
.coach-note { opacity: 0.78; font-size: 0.95rem; line-height: 1.5; margin: 0; overflow-wrap: anywhere; white-space: pre-wrap; }
.coach-question { font-size: 1.12rem; line-height: 1.5; margin: 0; overflow-wrap: anywhere; }
.coach-wait::after { content: "…"; }
[class*="st-key-card-"] { background: light-dark(#f1ede5, #272926); border-radius: 0.6rem;
  padding: 1rem 1.1rem; }
[class*="st-key-earlier-"] { border-left: 2px solid rgba(128,128,128,.35); padding-left: 0.9rem; }
a:focus-visible, button:focus-visible, summary:focus-visible {
  outline: 2px solid light-dark(#2f6b62, #86c2b5); outline-offset: 2px; }
@media (min-width: 641px) { [data-testid="stColumn"]:has(.st-key-side) { position: sticky; top: 4.5rem; align-self: flex-start; } }
@media (max-width: 640px) {
  [data-testid="stMainBlockContainer"] { padding: 4rem 1rem 4rem; }
  [data-testid="stMainBlockContainer"] h1 { font-size: 1.6rem; }
  [class*="st-key-line-1-"] { margin-left: 0.8rem; } [class*="st-key-line-2-"] { margin-left: 1.6rem; }
  [class*="st-key-line-3-"] { margin-left: 2.4rem; } [class*="st-key-line-4-"] { margin-left: 3.2rem; }
  .st-key-side { border-top: 1px solid rgba(128,128,128,.3); padding-top: 1rem; margin-top: 1rem; }
}
@media (prefers-reduced-motion: reduce) { * { transition: none !important; animation: none !important; } }
</style>
"""


def put_on() -> None:
    """Put the style sheet on the page. The text is fixed; nothing of a person's gets into it."""
    st.html(_STYLE)
