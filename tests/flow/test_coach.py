"""The review's engine on fakes: what is saved, what is asked, and what the person may always do."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from coach.clock.fake import FakeClock
from coach.errors import Conflict, InputError, ModelError, NotFound
from coach.flow.coach import CHAIN_END, MOST_CHARACTERS, Coach, Fields, balance_note
from coach.flow.review import MOST_PUSH_BACKS, MOST_WHYS, Review
from coach.index.memory import MemoryIndex
from coach.llm.base import Vector
from coach.llm.fake import FakeEmbedder, FakeLanguageModel
from coach.prompts import safety
from coach.pushback.chain import Standing
from coach.recall import SITUATION, Recall, Seen
from coach.reviews.kinds import shipped_kinds
from coach.schema import Context, Factor, Verdict

CONTEXT = Context(happened_on=date(2026, 3, 14), title="The late proposal", tags=("work",))
VAGUE = "I wanted it to go well"
GOAL = "Deliver the proposal by March 15 with a budget under $200K."
ROOT = "I assumed the scope would hold and didn't build in a protocol."


def answered(coach: Coach, review: Review, slot: str, text: str) -> Review:
    return coach.consider(coach.answer(review, slot, text), slot)


def asked(coach: Coach, review: Review, slot: str) -> Review:
    for _ in coach.ask_back(review, slot):
        pass
    return coach.open(review.id)


def with_whys(coach: Coach, *texts: str) -> Review:
    review = coach.begin_whys(coach.start(CONTEXT))
    for number, text in enumerate(texts, 1):
        review = answered(coach, review, f"why.1.{number}", text)
        if number < len(texts):
            for _ in coach.next_why(review):
                pass
            review = coach.open(review.id)
    return review


def asked_why(coach: Coach, review: Review) -> Review:
    for _ in coach.next_why(review):
        pass
    return coach.open(review.id)


def test_an_answer_is_in_the_journal_before_anything_is_done_with_it(coach: Coach) -> None:
    review = coach.answer(coach.start(CONTEXT), "intended", VAGUE)
    kept = coach.open(review.id).slot("intended")
    assert kept.text == VAGUE
    assert kept.verdict is None


def test_a_review_is_the_same_read_back_as_it_was_when_written(coach: Coach) -> None:
    review = with_whys(coach, "The proposal was late.", ROOT)
    assert coach.open(review.id) == review


def test_a_question_is_kept_once_it_is_whole(coach: Coach) -> None:
    review = answered(coach, coach.start(CONTEXT), "intended", VAGUE)
    stream = coach.ask_back(review, "intended")
    next(stream)
    assert coach.open(review.id).slot("intended").asked_now is None
    for _ in stream:
        pass
    back = coach.open(review.id).slot("intended").asked_now
    assert back
    assert back.question.startswith("You wrote “I wanted it to go well”. ")


def test_no_more_than_three_push_backs_on_one_answer(coach: Coach) -> None:
    review = coach.start(CONTEXT)
    for number in range(MOST_PUSH_BACKS):
        review = answered(coach, review, "intended", f"{VAGUE} and {'nice ' * number}better")
        assert review.slot("intended").wants_push_back
        review = asked(coach, review, "intended")
    review = answered(coach, review, "intended", "I wanted it to be loved")
    assert not review.slot("intended").wants_push_back
    assert review.slot("intended").settled


def test_no_question_is_asked_twice_in_a_review(coach: Coach) -> None:
    review = coach.start(CONTEXT)
    coach._model = None
    for text in (VAGUE, VAGUE + " and nicely", VAGUE + " at last"):
        review = asked(coach, answered(coach, review, "intended", text), "intended")
    questions = [back.question.split("”. ")[1] for back in review.slot("intended").push_backs]
    assert len(set(questions)) == len(questions)


def test_what_was_dismissed_is_not_asked_again_until_it_is_restored(coach: Coach) -> None:
    review = answered(coach, coach.start(CONTEXT), "intended", VAGUE)
    review = coach.dismiss(review, "intended", "vague_goal")
    assert review.slot("intended").settled
    review = answered(coach, review, "intended", VAGUE + " again")
    assert review.slot("intended").open_findings == ()
    review = coach.consider(coach.restore(review, "intended", "vague_goal"), "intended")
    assert review.slot("intended").wants_push_back


def test_keeping_settles_an_answer_whatever_was_found(coach: Coach) -> None:
    review = coach.keep(answered(coach, coach.start(CONTEXT), "intended", VAGUE), "intended")
    assert review.slot("intended").settled
    assert not review.slot("intended").wants_push_back


@pytest.mark.parametrize("text", ["", "  \n\t "])
def test_nothing_is_no_answer(coach: Coach, text: str) -> None:
    review = coach.start(CONTEXT)
    with pytest.raises(InputError, match="few words"):
        coach.answer(review, "intended", text)
    assert coach.open(review.id) == review


def test_far_too_much_is_refused_before_it_is_saved(coach: Coach) -> None:
    review = coach.start(CONTEXT)
    with pytest.raises(InputError, match="longer than"):
        coach.answer(review, "intended", "x" * (MOST_CHARACTERS + 1))
    assert coach.open(review.id) == review


def test_a_window_that_was_slower_is_told(coach: Coach) -> None:
    review = coach.start(CONTEXT)
    coach.answer(review, "intended", GOAL)
    with pytest.raises(Conflict):
        coach.answer(review, "intended", VAGUE)
    assert coach.open(review.id).slot("intended").versions == (GOAL,)


def test_there_is_no_review_by_a_wrong_name(coach: Coach) -> None:
    with pytest.raises(NotFound):
        coach.open("nothing")


def test_signs_of_self_harm_halt_the_review_and_nothing_is_judged_or_asked(coach: Coach, model: FakeLanguageModel) -> None:
    review = coach.answer(coach.start(CONTEXT), "intended", "I just want to die.")
    assert review.halted_at == "intended"
    assert review.slot("intended").verdict is None
    assert model.asked == []
    again = coach.resume(review)
    assert again.halted_at is None
    assert again.slot("intended").reopened


def test_a_title_can_halt_too(coach: Coach) -> None:
    context = CONTEXT.model_copy(update={"title": "I want to end my life"})
    assert coach.start(context).halted_at == "context"


def test_the_next_why_is_about_the_last_answer(coach: Coach, model: FakeLanguageModel) -> None:
    with_whys(coach, "The proposal was late.", "The design team needed more time.", ROOT)
    assert list(dict.fromkeys(prompt.user for prompt in model.asked)) == [
        "The proposal was late.",
        "The design team needed more time.",
    ]


def test_of_two_causes_the_first_is_asked_about_and_the_second_has_its_turn(coach: Coach, monkeypatch: pytest.MonkeyPatch) -> None:
    fork = "The brief came late and nobody had booked the studio."
    review = with_whys(coach, fork)
    monkeypatch.setattr(
        coach, "standing", lambda review: Standing("branch", ("The brief came late", "nobody had booked the studio"))
    )
    review = asked_why(coach, review)
    assert review.whys[-1].about == "The brief came late"
    assert review.causes_waiting == ("nobody had booked the studio",)
    review = answered(coach, review, review.whys[-1].slot, ROOT)
    for _ in coach.next_cause(review):
        pass
    review = coach.open(review.id)
    assert (review.whys[-1].slot, review.whys[-1].about) == ("why.2.1", "nobody had booked the studio")
    assert review.causes_waiting == ()
    assert review.chain == ()
    review = answered(coach, review, "why.2.1", "We never made a list.")
    assert review.root_cause == f"{ROOT}\nWe never made a list."


def test_after_a_circle_the_next_question_looks_behind_it(coach: Coach) -> None:
    review = with_whys(coach, "The proposal was late.", "The proposal was late")
    assert coach.standing(review).place == "loop"
    assert asked_why(coach, review).whys[-1].question.startswith("This comes back to “The proposal was late”. ")


def test_what_became_better_is_said_once_and_what_was_kept_is_not(coach: Coach) -> None:
    review = asked(coach, answered(coach, coach.start(CONTEXT), "intended", VAGUE), "intended")
    assert review.slot("intended").came_good is None
    assert answered(coach, review, "intended", GOAL).slot("intended").came_good == "vague_goal"
    review = asked(coach, answered(coach, coach.start(CONTEXT), "intended", VAGUE), "intended")
    assert coach.keep(review, "intended").slot("intended").came_good is None


def test_what_changed_is_summed_up_once(coach: Coach, model: FakeLanguageModel) -> None:
    review = answered(coach, coach.start(CONTEXT), "intended", VAGUE)
    assert coach.sum_up(review, "intended").summaries == {}
    review = coach.sum_up(answered(coach, review, "intended", GOAL), "intended")
    assert "March 15" in review.summaries["intended"].text
    assert coach.sum_up(review, "intended") == review
    assert coach.open(review.id) == review


def test_the_chain_has_a_longest_length(coach: Coach) -> None:
    review = with_whys(coach, *(f"Cause number {number} was that somebody waited." for number in range(MOST_WHYS)))
    assert not coach.may_ask_why(review)
    assert coach.may_ask_why(coach.branch(review))


def test_the_root_cause_is_the_deepest_why_answered(coach: Coach) -> None:
    review = with_whys(coach, "The proposal was late.", ROOT)
    assert review.root_cause == ROOT
    assert coach.branch(review).root_cause == ROOT


def test_a_chain_that_ends_after_one_quick_reason_gets_one_remark(coach: Coach) -> None:
    review = coach.end_whys(with_whys(coach, "The team wasn't experienced enough"))
    assert not review.whys_ended
    assert review.slot(CHAIN_END).open_findings
    assert coach.end_whys_all_the_same(review).whys_ended


def test_a_chain_that_reached_a_decision_ends_without_a_remark(coach: Coach) -> None:
    assert coach.end_whys(with_whys(coach, "The proposal was late.", ROOT)).whys_ended


def test_factors_are_the_persons_own_whys_each_once(coach: Coach) -> None:
    review = coach.suggest_factors(with_whys(coach, "The proposal was late.", "The proposal was late.", ROOT))
    assert [factor.text for factor in review.factors] == ["The proposal was late.", ROOT]
    assert coach.suggest_factors(review) == review


def test_a_why_answered_later_becomes_a_factor_and_one_taken_out_does_not_come_back(coach: Coach) -> None:
    review = coach.suggest_factors(with_whys(coach, "The proposal was late."))
    review = coach.remove_factor(review, review.factors[0].id)
    assert coach.suggest_factors(review).factors == ()
    review = coach.branch(review)
    review = answered(coach, review, review.whys[-1].slot, ROOT)
    assert [factor.text for factor in coach.suggest_factors(review).factors] == [ROOT]


def test_the_person_decides_about_a_factor(coach: Coach) -> None:
    review = coach.add_factor(coach.start(CONTEXT), "the weather")
    review = coach.sort_factor(review, review.factors[0].id, "outside")
    assert coach.open(review.id).factors[0].chosen == "outside"
    assert coach.remove_factor(review, review.factors[0].id).factors == ()


def test_all_or_nothing_gets_a_note_on_balance() -> None:
    def sorted_as(*classes):
        return tuple(Factor(id=str(i), text="x", chosen=one) for i, one in enumerate(classes))

    assert "your side" in str(balance_note(sorted_as("full", "full")))
    assert "prepared for" in str(balance_note(sorted_as("outside", "outside")))
    assert balance_note(sorted_as("full", "outside")) is None
    assert balance_note(sorted_as("full")) is None


def test_closing_makes_an_entry_that_can_be_found(coach: Coach, clock: FakeClock) -> None:
    review = with_whys(coach, ROOT)
    fields = Fields("It was a week late.", ROOT, "A scope needs a protocol.", "A clause in each kickoff.", None)
    entry = coach.close(review, fields)
    assert coach.journal.entry(entry.id).lesson == "A scope needs a protocol."
    assert [found.entry.id for found in coach.recall.search("protocol")] == [entry.id]
    assert coach.unfinished() == []
    assert coach.open(review.id).status == "closed"


@pytest.mark.parametrize("empty", ["situation", "root_cause", "lesson", "change"])
def test_an_entry_needs_all_four_fields(coach: Coach, empty: str) -> None:
    review = coach.start(CONTEXT)
    fields = {"situation": "a", "root_cause": "b", "lesson": "c", "change": "d", empty: " "}
    with pytest.raises(InputError, match=shipped_kinds().of("after_action").fields[empty].name):
        coach.close(review, Fields(check_in_on=None, **fields))
    assert coach.open(review.id).status == "open"


def test_the_fields_begin_as_the_persons_own_words(coach: Coach) -> None:
    review = with_whys(coach, ROOT)
    for slot, text in (("happened", "It was late."), ("next", "A clause."), ("lesson", "Protocols.")):
        review = coach.answer(review, slot, text)
    fields = coach.suggested_fields(review)
    assert (fields.situation, fields.root_cause, fields.lesson, fields.change) == ("It was late.", ROOT, "Protocols.", "A clause.")


def test_a_review_put_away_is_not_offered_again(coach: Coach) -> None:
    review = coach.start(CONTEXT)
    assert [head.id for head in coach.unfinished()] == [review.id]
    coach.discard(review)
    assert coach.unfinished() == []


def test_not_so_here_raises_the_bar_for_that_kind_in_later_reviews(coach: Coach) -> None:
    def goes_unremarked() -> bool:
        review = answered(coach, coach.start(CONTEXT), "next", "I'll be more careful")
        return review.slot("next").open_findings == ()

    for _ in range(2):  # the rules are sure with 0.7: log-odds of 0.85, and each dismissal raises the bar by 0.5
        assert not goes_unremarked()
        review = answered(coach, coach.start(CONTEXT), "next", "I'll be more careful")
        coach.dismiss(review, "next", "vague_commitment")
    assert goes_unremarked()
    assert coach.learned() == {"vague_commitment": 2}
    other = answered(coach, coach.start(CONTEXT), "intended", VAGUE)
    assert [finding.kind for finding in other.slot("intended").open_findings] == ["vague_goal"]
    coach.unlearn("vague_commitment")
    assert coach.learned() == {}
    assert not goes_unremarked()


def test_a_dismissal_that_was_taken_back_teaches_nothing(coach: Coach) -> None:
    review = coach.dismiss(answered(coach, coach.start(CONTEXT), "intended", VAGUE), "intended", "vague_goal")
    coach.restore(review, "intended", "vague_goal")
    assert coach.learned() == {}


def test_danger_that_the_model_alone_sees_halts_before_anything_is_asked(coach: Coach, model: FakeLanguageModel) -> None:
    class Alarmed:
        def judge(self, *args: object, **kwargs: object) -> Verdict:
            return Verdict(danger=True, by="model")

    coach.judge = Alarmed()  # type: ignore[assignment]
    review = answered(coach, coach.start(CONTEXT), "intended", "I would rather the lorry had not stopped.")
    assert review.halted_at == "intended"
    assert review.slot("intended").verdict is None
    assert model.asked == []
    again = coach.consider(coach.answer(coach.resume(review), "intended", "The lorry was late."), "intended")
    assert again.halted_at is None


def test_help_is_named_once_in_a_review(coach: Coach, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coach.judge, "judge", lambda *_, **__: Verdict(note=safety().note))
    review = answered(coach, coach.start(CONTEXT), "intended", GOAL)
    review = answered(coach, review, "happened", "The proposal was late.")
    notes = [one.verdict.note for one in review.slots.values() if one.verdict]
    assert notes == [safety().note, None]


def test_an_entry_is_saved_though_the_embedder_fails(coach: Coach) -> None:
    class Failing(FakeEmbedder):
        def embed(self, texts: Sequence[str]) -> Vector:
            raise ModelError("out of memory")

    coach.recall = Recall(coach.journal, {SITUATION: Seen(Failing(), MemoryIndex(), 0.3)})
    entry = coach.close(with_whys(coach, ROOT), Fields("Late.", ROOT, "A lesson.", "A change.", None))
    assert coach.journal.entry(entry.id) == entry


def test_a_clock_that_is_set_back_changes_neither_order_nor_words(coach: Coach, clock) -> None:
    review = coach.start(Context(happened_on=date(2026, 3, 1), title="The kitchen"))
    review = coach.answer(review, "intended", "Bread by six.")
    clock.move(timedelta(days=-400))
    review = coach.answer(review, "intended", "Bread by six, warm.")
    review = coach.answer(review, "happened", "It was black.")
    again = coach.open(review.id)
    assert again.slot("intended").versions == ("Bread by six.", "Bread by six, warm.")
    assert [record.seq for record in coach.journal.records(review.id)] == list(range(1, again.seq + 1))
    assert [head.id for head in coach.unfinished()] == [review.id]
    entry = coach.close(review, Fields("It was black.", "No clock.", "Set one.", "I set a clock.", date(2026, 3, 20)))
    assert coach.journal.entry(entry.id) == entry
    assert coach.due() == [], "not yet, by this clock"
    clock.move(timedelta(days=500))
    assert [one.id for one in coach.due()] == [entry.id]


def test_asked_plainly_the_question_is_one_that_was_written_by_hand(coach: Coach) -> None:
    review = answered(coach, coach.start(CONTEXT), "intended", VAGUE)
    list(coach.ask_back(review, "intended", plainly=True))
    assert coach.open(review.id).slot("intended").push_backs[-1].by == "hand"
