"""The review itself: ``events`` (what can happen), ``review`` (the state they add up to), ``steps`` (what is asked),
``coach`` (what the coach does with an answer), with ``whys`` for the chain. No screen, no disk and no model of its own."""
