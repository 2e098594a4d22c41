"""Whatever is written is judged, and within a bound of time: no rule goes over a long text again and again."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings

from coach.flow.coach import Coach
from coach.importers import day_one, incident_postmortems, markdown
from coach.importers.base import opening
from coach.journal.words import excerpt, hits, match_query
from coach.judge.branches import causes
from coach.judge.judge import Judge
from coach.judge.language import is_english
from coach.judge.reading import reader
from coach.judge.safety import shows_danger
from coach.judge.sentences import sentences, words
from coach.llm.fake import FakeLanguageModel
from coach.prompts import judgements
from coach.pushback.chain import standing
from coach.pushback.change import KINDS, gain
from coach.pushback.checks import Asked, failures, speaks_to_the_machine
from coach.pushback.quotes import MOST_QUOTED_WORDS, short_quote
from coach.pushback.summary import sum_up
from coach.schema import STEPS, Step, Verdict
from coach.share.private import private_in, stays, without
from tests.hostile.texts import LONG, MANY_LINES, SHORT, hostile
from tests.judge.test_judge import heads

BY_RULES = Judge(judgements())
BY_MODEL = Judge(judgements(), reader(FakeLanguageModel()), heads(2.0))

FEW = settings(max_examples=60, deadline=None, derandomize=True)
PART = 8_000
"""Characters at which time that grows with the square would be seconds, and time that grows with the length is a moment."""

A_MOMENT = 0.6
"""Seconds of the processor for ``PART`` characters; the slowest needs a quarter on a slow machine."""

READERS: dict[str, Callable[[str], object]] = {
    "sentences": sentences,
    "words": words,
    "language": is_english,
    "safety": shows_danger,
    "causes": causes,
    "standing": lambda text: standing([f"{text} b", text], ["branch"]),
    "speaks to the machine": speaks_to_the_machine,
    "checks": lambda text: failures(text, Asked("It was late.", (text,))),
    "checks of a question": lambda text: failures("What was late?", Asked(text, (), "", "", text)),
    "quote": short_quote,
    "gain": lambda text: gain("I plan better.", text, KINDS),
    "gain over itself": lambda text: gain(text, f"{text} on Monday", KINDS),
    "gain over its reverse": lambda text: gain(text[: PART // 2], text[::-1], KINDS),
    "summary": lambda text: sum_up(text, f"{text} on Monday", None),
    "query": match_query,
    "hits": lambda text: hits("late a Ab", text),
    "excerpt": lambda text: excerpt(text, [(PART // 2, PART // 2 + 1)]),
    "private": private_in,
    "without": lambda text: without(text, [("a", "b"), ("Ab", "c"), (text[:60], "d")]),
    "stays": lambda text: stays(text, text[:60]),
    "opening": opening,
    "a note": lambda text: markdown.draft("n.md", text),
    "front matter": lambda text: markdown.draft("n.md", f"---\n{text}\n---\nx"),
    "a property": lambda text: markdown.draft("n.md", f"date: {text}1"),
    "a report": lambda text: incident_postmortems._draft({"title": text, "text": text}, 1),
    "a page of Day One": lambda text: day_one._draft({"text": text, "creationDate": text, "timeZone": text}, "entry 1"),
}


def holds(verdict: Verdict, text: str) -> bool:
    """Whether each finding quotes the text to the letter."""
    return all(text[one.start : one.end] == one.quote for one in verdict.findings)


def seconds(work: Callable[[str], object], text: str) -> float:
    start = time.process_time()
    work(text)
    return time.process_time() - start


@pytest.mark.parametrize("judge", [BY_RULES, BY_MODEL], ids=["rules", "model"])
@pytest.mark.parametrize("name", SHORT)
def test_a_hostile_answer_is_judged_and_quoted_to_the_letter(judge: Judge, name: str) -> None:
    for step in STEPS:
        assert holds(judge.judge(step, SHORT[name], earlier=[SHORT[name]] if step == "why" else ()), SHORT[name])


@FEW
@given(hostile(surrogates=True))
def test_any_text_is_judged_by_the_rules_and_by_the_model(text: str) -> None:
    for step in STEPS:
        assert holds(BY_RULES.judge(step, text), text)
    assert holds(BY_MODEL.judge("why", text, earlier=[text[::-1]]), text)
    assert isinstance(shows_danger(text), bool)


@FEW
@given(hostile(surrogates=True))
def test_what_is_quoted_or_cut_out_stands_in_the_text(text: str) -> None:
    assert short_quote(text) in text
    assert len(words(short_quote(text))) <= MOST_QUOTED_WORDS
    assert all(piece in text for piece in causes(text) or ())
    assert all(text[start:end].strip() for start, end in sentences(text))
    assert all(one.text in text for one in private_in(text))
    found = gain("It was late.", text, KINDS)
    assert found is None or found.text in text


@pytest.mark.real  # for its length
@pytest.mark.parametrize("name", list(LONG)[::3])
def test_a_million_characters_are_judged_by_the_rules_in_a_moment(name: str) -> None:
    step: Step = "why"
    assert seconds(lambda text: BY_RULES.judge(step, text), LONG[name]) < 2


@pytest.mark.real  # for its length
@pytest.mark.parametrize("name", LONG)
def test_every_reader_of_words_takes_a_moment(name: str) -> None:
    part, slow = LONG[name][:PART], {}
    for what, work in READERS.items():
        work(part[:10])  # what is loaded at the first call is no part of it
        taken = seconds(work, part)
        grows = taken > A_MOMENT and taken > 8 * seconds(work, part[: PART // 4])  # four times the length, sixteen times the work
        if grows or taken > 4 * A_MOMENT:  # on no machine
            slow[what] = taken
    assert slow == {}


@pytest.mark.real  # for its length
@pytest.mark.parametrize("name", ["words with dots", "words with dashes", "months", "names"])
def test_what_is_private_in_a_long_text_is_found_in_time_that_grows_with_its_length(name: str) -> None:
    assert seconds(private_in, LONG[name][:60_000]) < 3


def test_signs_of_danger_are_seen_behind_all_that_the_judge_reads() -> None:
    assert shows_danger(f"{LONG['lines'][:200_000]} They would all be better off without me.")


def test_an_answer_as_long_as_may_be_goes_through_a_whole_review(coach: Coach) -> None:
    from tests.flow.test_coach import CONTEXT

    review = coach.start(CONTEXT)
    for text in (MANY_LINES, LONG["sentences"]):
        review = coach.answer(review, "happened", text)
        review = coach.consider(review, "happened")
        "".join(piece.text for piece in coach.ask_back(review, "happened"))
        review = coach.open(review.id)
    assert review.slot("happened").versions == (MANY_LINES, LONG["sentences"].strip())
    assert coach.sum_up(review, "happened").summaries
