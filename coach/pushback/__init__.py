"""The question that comes back: ``quotes`` chooses the words, ``checks`` what may be shown, ``ask`` writes it."""
