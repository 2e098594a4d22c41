"""The screens. The only package that imports ``streamlit``; it shows what ``coach.flow`` decides and decides nothing.

``server`` runs it, ``theme`` is how it looks, ``text`` is the one place where a person's words become HTML. Every other module
is one screen or one part of a screen.
"""
