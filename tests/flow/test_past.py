from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from coach.clock.fake import FakeClock
from coach.errors import ModelError
from coach.flow.coach import Coach, Fields
from coach.flow.past import told
from coach.flow.review import Review
from coach.index.memory import MemoryIndex
from coach.llm.base import Vector
from coach.llm.fake import FakeEmbedder
from coach.recall import SITUATION, TENDENCY, Seen
from coach.schema import Context, Entry

TODAY = date(2026, 3, 15)


def closed(coach: Coach, title: str, situation: str, cause: str) -> Entry:
    review = coach.start(Context(happened_on=date(2026, 3, 3), title=title))
    return coach.close(review, Fields(situation, cause, "Wait a day.", "I wait a day.", date(2026, 3, 22)))


def writing(coach: Coach, happened: str, *whys: str, title: str = "Another day") -> Review:
    review = coach.start(Context(happened_on=TODAY, title=title))
    review = coach.move(coach.answer(review, "happened", happened), "why" if whys else "happened")
    for number, why in enumerate(whys, 1):
        review = coach.answer(coach.begin_whys(review), f"why.1.{number}", why)
    return review


@pytest.fixture
def log(coach: Coach) -> tuple[Entry, Entry]:
    """One entry about a kitchen, one about a tender; the fake view of habits knows shared words."""
    kitchen = closed(coach, "The kitchen", "The kitchen was late.", "promised everybody everything")
    tender = closed(coach, "The tender", "Our tender burned.", "shouted without thinking")
    return kitchen, tender


def test_each_view_brings_up_its_own_entries(coach: Coach, log: tuple[Entry, Entry]) -> None:
    review = writing(coach, "Nobody came", "shouted without thinking, a day", title="The kitchen was late")
    found = coach.past_entries(review)
    assert [one.entry.title for one in found[SITUATION]] == ["The kitchen"]
    assert [one.entry.title for one in found[TENDENCY]] == ["The tender"]


def test_an_entry_near_in_both_views_is_shown_once_as_the_same_tendency(coach: Coach, log: tuple[Entry, Entry]) -> None:
    found = coach.past_entries(writing(coach, "The kitchen was late.", "promised everybody everything, a day"))
    assert [one.entry.title for one in found[TENDENCY]] == ["The kitchen"]
    assert "The kitchen" not in [one.entry.title for one in found.get(SITUATION, [])]


def test_where_nothing_is_near_nothing_is_shown(coach: Coach, log: tuple[Entry, Entry]) -> None:
    assert coach.past_entries(writing(coach, "Xylophones fell", title="Zebras")) == {}


def test_before_what_happened_is_answered_the_log_is_not_asked(coach: Coach, log: tuple[Entry, Entry]) -> None:
    review = coach.start(Context(happened_on=TODAY, title="The kitchen"))
    assert coach.asks_the_log(review) == {}
    assert coach.past_entries(coach.move(review, "happened")) == {}


def test_an_entry_never_matches_itself(coach: Coach) -> None:
    review = writing(coach, "The kitchen was late.", "promised everybody everything")
    entry = coach.close(review, Fields("The kitchen was late.", "promised everybody everything", "Wait.", "I wait.", None))
    found = coach.past_entries(coach.open(entry.review_id))
    assert all(one.entry.id != entry.id for shown in found.values() for one in shown)


def test_at_most_three_entries_a_view(coach: Coach) -> None:
    for number in range(6):
        closed(coach, f"The kitchen {number}", "The kitchen was late.", f"promised everybody everything {number}")
    found = coach.past_entries(writing(coach, "The kitchen was late.", "promised everybody everything"))
    assert [len(shown) for shown in found.values()] == [3, 3]


def test_a_past_entry_says_how_its_change_stands(coach: Coach, log: tuple[Entry, Entry], clock: FakeClock) -> None:
    def shown() -> tuple[str, str | None]:
        (one,) = coach.past_entries(writing(coach, "x", "promised everybody everything, a day"))[TENDENCY]
        return one.status, one.checked.note if one.checked else None

    assert shown() == ("planned", None)
    clock.move(timedelta(days=30))
    assert shown() == ("due", None)
    coach.check_in(log[0], "not_kept", "Too tired.")
    assert shown() == ("not_kept", "Too tired.")


def test_the_reason_is_the_persons_own_name_for_the_pattern(coach: Coach) -> None:
    for number in range(3):
        closed(coach, f"The kitchen {number}", "Late.", "promised everybody everything")
    (pattern,) = coach.book.patterns(TODAY)
    coach.book.rename(pattern.head.id, "My big mouth")
    found = coach.past_entries(writing(coach, "x", "promised everybody everything"))[TENDENCY]
    assert {one.reason for one in found} == {"My big mouth"}


def test_a_push_back_on_a_why_names_a_past_entry_with_its_date(coach: Coach) -> None:
    closed(coach, "The kitchen", "Late.", "I should have known that it would rain.")
    review = coach.begin_whys(writing(coach, "Zebras ran."))
    review = coach.answer(review, "why.1.1", "I should have known that it would rain, wait a day.")
    review = coach.consider(review, "why.1.1")
    assert list(coach.ask_back(review, "why.1.1"))
    slot = coach.open(review.id).slot("why.1.1")
    assert slot.reminder == "On 3 March 2026 you wrote, about The kitchen: “I should have known that it would rain”."
    again = coach.answer(coach.open(review.id), "why.1.1", "Another version.")
    assert again.slot("why.1.1").reminder == "", "it belongs to the question about the version before"


def test_what_happened_is_pushed_back_without_a_reminder(coach: Coach, log: tuple[Entry, Entry]) -> None:
    review = writing(coach, "promised everybody everything")
    assert coach.reminder(review, "happened") is None


def test_a_view_that_fails_is_left_out(coach: Coach, log: tuple[Entry, Entry]) -> None:
    class Failing(FakeEmbedder):
        def embed(self, texts: Sequence[str]) -> Vector:
            raise ModelError("out of memory")

    coach.recall.views[TENDENCY] = Seen(Failing(), MemoryIndex(), 0.5)
    found = coach.past_entries(writing(coach, "The kitchen was late.", "promised everybody everything"))
    assert list(found) == [SITUATION]


def test_a_past_entry_is_told_in_its_own_words(coach: Coach, log: tuple[Entry, Entry]) -> None:
    (one,) = coach.past_entries(writing(coach, "x", "shouted without thinking, a day"))[TENDENCY]
    assert told(one) == "On 3 March 2026 you wrote, about The tender: “shouted without thinking”."
