"""One JSON file that holds everything: entries with their check-ins, earlier versions and patterns' names."""

import json
from collections.abc import Sequence
from pathlib import Path

from coach.schema import Kept

NAME = "JSON"
SUFFIX = ".json"


def write(kept: Sequence[Kept], target: Path) -> None:
    """Write the file; the same log gives the same bytes."""
    whole = {"format": "coach", "version": 1, "entries": [one.model_dump(mode="json") for one in kept]}
    target.write_text(json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8", newline="")
