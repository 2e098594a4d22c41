"""Steps that take rows, and entries of other kinds than the after-action review."""

from datetime import date, timedelta

import pytest

from coach.clock.fake import FakeClock
from coach.errors import InputError
from coach.exporters.wiki import wiki_page
from coach.flow.coach import Coach
from coach.flow.review import Review
from coach.flow.rows import in_order, moment, part_of, text_of
from coach.reviews.kinds import StepOf, shipped_kinds
from coach.schema import Context

KIND = shipped_kinds().of("post_mortem")
ON = date(2026, 3, 3)


def step(name: str) -> StepOf:
    found = KIND.step(name)
    assert found
    return found


@pytest.fixture
def review(coach: Coach) -> Review:
    return coach.start(Context(kind="post_mortem", happened_on=ON, title="The night the queue stood still"))


def test_a_review_of_a_kind_begins_with_its_first_step(review: Review, coach: Coach) -> None:
    assert (review.stage, review.kind) == ("summary", "post_mortem")
    assert coach.next_stage(review) == "impact"


def test_moments_are_put_in_order_and_long_gaps_are_told(coach: Coach, review: Review) -> None:
    for at, text in (("15:40", "Back to normal."), ("14:05", "First alert."), ("", "No time."), ("14:20", "Rolled back.")):
        review = coach.add_row(review, step("timeline"), text, {"at": at})
    placed = in_order(step("timeline"), review.rows_of("timeline"), ON)
    assert [review.slot(one.row.slot).text for one in placed] == ["First alert.", "Rolled back.", "Back to normal.", "No time."]
    assert [one.gap for one in placed] == [None, None, timedelta(minutes=80), None]
    part = part_of(review, KIND, "timeline")
    assert part
    assert part.rows[2] == {"text": "Back to normal.", "depth": "0", "When": "15:40", "gap": "1 h 20 min"}


@pytest.mark.parametrize(
    ("text", "hour"), [("14:05", 14), ("2:05 pm", 14), ("14.05", 14), ("2026-03-03 14:05", 14), ("2026-03-03T14:05:09Z", 14)]
)
def test_times_are_read_as_people_write_them(text: str, hour: int) -> None:
    found = moment(text, ON)
    assert found
    assert (found.date(), found.hour, found.minute) == (ON, hour, 5)


def test_a_night_in_a_timeline_is_a_night(coach: Coach, review: Review) -> None:
    for at in ("23:50", "00:20", "2026-03-05 09:00", "10:00"):
        review = coach.add_row(review, step("timeline"), f"At {at}.", {"at": at})
    placed = in_order(step("timeline"), review.rows_of("timeline"), ON)
    assert [one.row.cells["at"] for one in placed] == ["23:50", "00:20", "2026-03-05 09:00", "10:00"]
    assert [one.gap for one in placed[1:]] == [timedelta(minutes=30), timedelta(hours=32, minutes=40), timedelta(hours=1)]


@pytest.mark.parametrize("text", ["soon", "25:99", "", "99999999999999999999"])
def test_a_time_that_is_none_is_refused_kindly(coach: Coach, review: Review, text: str) -> None:
    assert moment(text, ON) is None
    if text:
        with pytest.raises(InputError, match="Write it as 14:05"):
            coach.add_row(review, step("timeline"), "x", {"at": text})


def test_conditions_stand_under_conditions_and_go_with_them(coach: Coach, review: Review) -> None:
    review = coach.add_row(review, step("conditions"), "The alert was muted.", {})
    review = coach.add_row(review, step("conditions"), "Two alerts had fired all week.", {}, "conditions.1")
    review = coach.add_row(review, step("conditions"), "The disk was full.", {})
    assert text_of(review, KIND, "conditions") == (
        "- The alert was muted.\n  - Two alerts had fired all week.\n- The disk was full."
    )
    review = coach.remove_row(review, "conditions.1")
    assert text_of(review, KIND, "conditions") == "- The disk was full."
    review = coach.add_row(review, step("conditions"), "Nobody was on call.", {})
    assert review.rows_of("conditions")[-1].slot == "conditions.4", "a number is not used twice"
    assert coach.open(review.id) == review


def test_blame_in_a_condition_is_turned_to_what_made_it_sensible(coach: Coach, review: Review) -> None:
    review = coach.add_row(review, step("conditions"), "Dana is careless and never reads a ticket to the end.", {})
    review = coach.consider(review, "conditions.1")
    assert [finding.kind for finding in review.slot("conditions.1").open_findings] == ["blame"]
    asked = "".join(piece.text for piece in coach.ask_back(review, "conditions.1"))
    assert asked.endswith("?")


def test_an_action_is_judged_as_a_change_and_only_for_what_its_kind_looks_for(coach: Coach, review: Review) -> None:
    review = coach.add_row(review, step("actions"), "We will be more careful.", {"owner": "Ada", "due": "2026-03-10", "x": "y"})
    review = coach.consider(review, "actions.1")
    assert [finding.kind for finding in review.slot("actions.1").open_findings] == ["vague_commitment"]
    assert review.rows_of("actions")[0].cells == {"owner": "Ada", "due": "2026-03-10"}
    review = coach.fill_row(review, step("actions"), "actions.1", {"owner": "Bo"})
    assert text_of(review, KIND, "actions") == "- We will be more careful. (Bo)"


def test_an_empty_row_is_refused(coach: Coach, review: Review) -> None:
    with pytest.raises(InputError):
        coach.add_row(review, step("actions"), "  ", {})


def test_signs_of_self_harm_in_a_row_halt_the_review(coach: Coach, review: Review) -> None:
    review = coach.add_row(review, step("conditions"), "I want to kill myself.", {})
    assert review.halted_at == "conditions.1"


def test_a_post_mortem_becomes_an_entry_that_a_wiki_takes(coach: Coach, review: Review) -> None:
    review = coach.answer(review, "summary", "Checkout failed\n# from 14:05 to 15:40.")
    review = coach.answer(review, "impact", "1,200 orders.")
    review = coach.add_row(review, step("timeline"), "First | alert.", {"at": "14:05"})
    review = coach.add_row(review, step("conditions"), "The alert was muted.", {})
    review = coach.add_row(review, step("actions"), "Unmute it.", {"owner": "Ada", "due": "2026-03-10", "kind": "detect"})
    review = coach.answer(review, "learned", "Mutes last for ever.")
    fields = coach.suggested_fields(review)
    assert fields.change == "- Unmute it. (Ada, 2026-03-10, detect)"
    entry = coach.close(review, fields)
    assert (entry.kind, [part.name for part in entry.parts]) == ("post_mortem", ["timeline"])
    assert coach.journal.entry(entry.id) == entry
    page = wiki_page(entry, {name: one.name for name, one in KIND.fields.items()})
    assert "# The night the queue stood still" in page
    assert "| 14:05 | First \\| alert. |" in page
    assert "## Contributing conditions\n\n- The alert was muted." in page
    assert "\\# from 14:05" in page
    assert coach.growths() == [], "a team's actions are no habit of one's own"


def test_what_was_foreseen_becomes_a_review_of_what_happened(coach: Coach, clock: FakeClock) -> None:
    kind = shipped_kinds().of("pre_mortem")
    review = coach.start(Context(kind="pre_mortem", happened_on=clock.now().date(), title="The new tills"))
    review = coach.answer(review, "plan", "By 1 June all branches sell through the new tills.")
    risks, moves = kind.step("risks"), kind.step("moves")
    assert risks
    assert moves
    for rank, text in (("2", "The old prices."), ("1", "Nobody had practised.")):
        review = coach.add_row(review, risks, text, {"rank": rank})
    review = coach.add_row(review, moves, "Every branch rings up fifty sales by 1 May.", {"owner": "Ada", "sign": "No dates yet"})
    review = coach.answer(review, "expected", "Nobody will have practised.")
    fields = coach.suggested_fields(review)
    assert fields.root_cause == "- Nobody had practised. (1)\n- The old prices. (2)"
    entry = coach.close(review, fields)
    after = coach.begin_from(entry, coach.kinds.of(kind.becomes))
    assert (after.kind, after.context and after.context.title) == ("after_action", "The new tills")
    assert coach.journal.drafts(after.id) == {"intended": "By 1 June all branches sell through the new tills."}


def test_past_lessons_come_up_beside_a_plan(coach: Coach, clock: FakeClock) -> None:
    past = coach.start(Context(happened_on=clock.now().date(), title="The old tills"))
    from coach.flow.coach import Fields

    entry = coach.close(past, Fields("New tills came to all branches.", "Nobody had practised.", "Practise.", "I practise.", None))
    review = coach.start(Context(kind="pre_mortem", happened_on=clock.now().date(), title="New tills"))
    review = coach.answer(review, "plan", "By 1 June new tills came to all branches.")
    shown = [one.entry.id for found in coach.past_entries(review).values() for one in found]
    assert shown == [entry.id]
