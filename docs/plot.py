"""Draws docs/performance.svg from docs/performance.json: `python docs/plot.py`. No library is needed for three lines.

The JSON is what `coach bench --growth --keep docs/performance.json` has written; what was not measured is not drawn.
"""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
WIDTH, HEIGHT, LEFT, TOP, GAP = 460, 240, 56, 44, 40
INK, LINE = "#2b2a27", "#2f6b62"
MIDDLE = 'text-anchor="middle"'

PANELS = (
    ("seconds_by_words", "Seconds to the first word", "words in the answer", 1, True),
    ("seconds_by_round", "Seconds to the last word", "push-backs in the review", 1, False),
    ("seconds_by_entries", "Milliseconds of a search", "entries in the log", 1000, True),
)
"""Of each panel the name of its figures, its title, what is counted, parts of a second, and whether the line is logarithmic."""


def panel(at: int, title: str, unit: str, points: Mapping[str, float], *, logarithmic: bool) -> str:
    """One line of times over ``unit``; at least two points."""
    xs = [math.log10(float(x)) if logarithmic else float(x) for x in points]
    low, high, top = min(xs), max(xs), max(points.values()) * 1.1
    rows = zip(xs, points.values(), strict=True)
    place = [(at + LEFT + (x - low) / (high - low) * WIDTH, TOP + HEIGHT - y / top * HEIGHT) for x, y in rows]
    named = list(zip(place, points.items(), strict=True))
    ticks = "".join(f'<text x="{x:.0f}" y="{TOP + HEIGHT + 20}" {MIDDLE}>{int(name):,}</text>' for (x, _), (name, _) in named)
    marks = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{LINE}"/><text x="{x:.0f}" y="{y - 8:.0f}" {MIDDLE}>{value:.1f}</text>'
        for (x, y), (_, value) in named
    )
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in place)
    frame = f'<path d="M{at + LEFT} {TOP}V{TOP + HEIGHT}H{at + LEFT + WIDTH}" fill="none" stroke="{INK}" opacity=".4"/>'
    head = f'<text x="{at + LEFT}" y="{TOP - 20}" font-size="15">{title}</text>'
    foot = f'<text x="{at + LEFT + WIDTH / 2:.0f}" y="{TOP + HEIGHT + 42}" {MIDDLE}>{unit}</text>'
    return f'{head}{frame}<polyline points="{line}" fill="none" stroke="{LINE}" stroke-width="2"/>{marks}{ticks}{foot}'


def drawn(data: Mapping[str, Any]) -> str:
    """The panels side by side, as SVG."""
    growth = data.get("growth", {})
    there = [one for one in PANELS if len(growth.get(one[0], {})) > 1]
    panels = ""
    for number, (name, title, unit, parts, logarithmic) in enumerate(there):
        points = {at: parts * seconds for at, seconds in growth[name].items()}
        panels += panel(number * (LEFT + WIDTH + GAP), title, unit, points, logarithmic=logarithmic)
    wide = max(1, len(there)) * (LEFT + WIDTH + GAP)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {TOP + HEIGHT + 60}" font-family="sans-serif" font-size="12"'
        f' fill="{INK}"><rect width="100%" height="100%" fill="#faf8f4"/>{panels}</svg>\n'
    )


def main() -> None:
    """Draw what was measured."""
    data = json.loads((HERE / "performance.json").read_text(encoding="utf-8"))
    (HERE / "performance.svg").write_text(drawn(data), encoding="utf-8")


if __name__ == "__main__":
    main()
