"""Every event can be stored and read back, and the review knows what to do with each."""

from datetime import UTC, date, datetime
from typing import get_args

import pytest

from coach.flow import events as ev
from coach.flow.review import Review, apply
from coach.schema import Context, Record, Verdict

FIELDS = {
    "context": Context(happened_on=date(2026, 3, 14), title="x"),
    "verdict": Verdict(),
    "slot": "intended",
    "text": "t",
    "kind": "hindsight",
    "question": "q?",
    "by": "hand",
    "id": "1",
    "chosen": "full",
    "to": "why",
    "entry_id": "e",
    "source": "safenet",
    "version": 2,
    "step": "actions",
    "cells": {"owner": "Ada"},
}


@pytest.mark.parametrize("kind", get_args(ev.Event), ids=lambda kind: kind.__name__)
def test_an_event_survives_being_stored_and_moves_the_review_on(kind) -> None:
    needed = {name: FIELDS[name] for name, field in kind.model_fields.items() if field.is_required()}
    event = kind(**needed)
    record = Record(seq=1, at=datetime.now(UTC), type=event.type, data=event.model_dump(mode="json", exclude={"type"}))
    assert ev.from_record(record) == event
    assert apply(Review("r"), event).seq == 1


def test_something_that_is_no_event_is_refused() -> None:
    with pytest.raises(TypeError, match="no rule"):
        apply(Review("r"), object())  # type: ignore[arg-type]
