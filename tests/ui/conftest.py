"""A driver for the screens: it clicks and types as a person would and reads what stands on the page."""

import re
from html import unescape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from coach.ui import state

APP = str(Path(__file__).parent.parent.parent / "app.py")


class Screen:
    """One browser window, without a browser."""

    def __init__(self) -> None:
        self.at = AppTest.from_file(APP, default_timeout=30).run()

    @property
    def heading(self) -> str:
        assert not self.at.exception, self.at.exception
        return self.at.header[0].value if self.at.header else ""

    @property
    def text(self) -> str:
        """All plain text that the page shows through the one place where words become HTML."""
        return "\n".join(unescape(re.sub(r"<[^>]+>", "", part)) for part in self.html)

    @property
    def html(self) -> list[str]:
        return [element.proto.body for element in self.at.get("html") if "<style>" not in element.proto.body]

    @property
    def buttons(self) -> set[str]:
        return {button.key for button in self.at.button}

    def visit(self, page: str, **query: str) -> "Screen":
        """Go to a page as a typed address would."""
        pages = self.at._registered_pages  # its own way there knows pages that are files only
        self.at._page_hash = next(hash for hash, known in pages.items() if known["url_pathname"] == page)
        for name, value in query.items():
            self.at.query_params[name] = value
        self.at.run()
        assert not self.at.exception, self.at.exception
        return self

    def click(self, key: str) -> "Screen":
        self.at.button(key=key).click().run()
        assert not self.at.exception, self.at.exception
        return self

    def box(self, slot: str):
        return next(box for box in self.at.text_area if f"-{slot}-" in f"{box.key}-")

    def type(self, slot: str, text: str) -> "Screen":
        self.box(slot).set_value(text).run()
        return self

    def send(self, slot: str, text: str) -> "Screen":
        return self.type(slot, text).click(f"send-{slot}")

    def begin(self, title: str = "The late proposal") -> "Screen":
        self.at.text_input[0].set_value(title)
        return self.click("begin")

    @property
    def review_id(self) -> str:
        found = self.at.query_params["review"]
        return found[0] if isinstance(found, list) else found


@pytest.fixture
def screen():
    """Opens windows on one server, each at the first page."""
    state.forget_doors()
    yield Screen
    state.forget_doors()
