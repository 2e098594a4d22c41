"""The drawing of what ``coach bench --growth`` has measured."""

import importlib.util
import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

DOCS = Path(__file__).parent.parent / "docs"
WORDS = {"10": 0.8, "100": 2.5, "2000": 14.8}
ROUNDS = {str(number): 6.0 for number in range(1, 13)}
ENTRIES = {"1000": 0.0027, "10000": 0.0047, "100000": 0.0161}


def drawn(data: dict[str, Any]) -> ElementTree.Element:
    spec = importlib.util.spec_from_file_location("plot", DOCS / "plot.py")
    assert spec
    assert spec.loader
    plot = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(plot)
    return ElementTree.fromstring(plot.drawn(data))


def texts(drawing: ElementTree.Element) -> list[str]:
    return [one.text or "" for one in drawing.iter() if one.tag.endswith("}text")]


def lines(drawing: ElementTree.Element) -> list[list[tuple[float, float]]]:
    found = [one.attrib["points"] for one in drawing.iter() if one.tag.endswith("}polyline")]
    return [[(float(x), float(y)) for x, y in (point.split(",") for point in line.split())] for line in found]


def test_all_three_are_drawn_side_by_side() -> None:
    drawing = drawn({"growth": {"seconds_by_words": WORDS, "seconds_by_round": ROUNDS, "seconds_by_entries": ENTRIES}})
    first, second, third = lines(drawing)
    assert first[-1][0] < second[0][0] < second[-1][0] < third[0][0]
    assert third[-1][0] < float(drawing.attrib["viewBox"].split()[2])


def test_searches_are_in_milliseconds_over_orders_of_magnitude() -> None:
    drawing = drawn({"growth": {"seconds_by_entries": ENTRIES}})
    assert {"Milliseconds of a search", "1,000", "100,000", "2.7", "16.1"} <= set(texts(drawing))
    ((left, _), (middle, _), (right, _)) = lines(drawing)[0]
    assert middle - left == pytest.approx(right - middle)


@pytest.mark.parametrize(
    "data", [{}, {"growth": {}}, {"growth": {"seconds_by_entries": {"1000": 0.002}}}, {"judge": {"ratio": 0.8}}]
)
def test_what_was_not_measured_is_not_drawn(data: dict[str, Any]) -> None:
    assert lines(drawn(data)) == []


def test_the_kept_figures_are_those_of_the_drawing_beside_them() -> None:
    kept = json.loads((DOCS / "performance.json").read_text(encoding="utf-8"))
    beside = ElementTree.fromstring((DOCS / "performance.svg").read_text(encoding="utf-8"))
    assert lines(drawn(kept)) == lines(beside)
