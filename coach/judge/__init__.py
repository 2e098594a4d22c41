"""Decides what an answer shows: weaknesses with the words that carry them, who controls a factor, signs of danger.

``judge`` is the way in. ``heads`` decides from the model's hidden states, ``rules`` without a model; ``fit`` makes
the heads from labelled rows. Nothing here asks, advises or writes to the person.
"""
