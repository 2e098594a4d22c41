"""One JSON file that holds everything: entries with their whole reviews, check-ins, earlier versions and patterns' names, and
the reviews of periods and those that go on."""

import json
from pathlib import Path

from coach.schema import WholeLog

NAME = "JSON"
SUFFIX = ".json"


def write(log: WholeLog, target: Path) -> None:
    """Write the file; the same log gives the same bytes."""
    whole = {
        "format": "coach",
        "version": 1,
        "entries": [one.model_dump(mode="json") for one in log.kept],
        "period_reviews": [one.model_dump(mode="json") for one in log.period_reviews],
        "unfinished": [one.model_dump(mode="json") for one in log.unfinished],
    }
    target.write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="")
