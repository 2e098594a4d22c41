"""What is said of a period is what the log holds, and nothing else."""

from datetime import UTC, date, datetime

from coach.growth.period import Section, Tendency, find, sections
from coach.growth.rule import Growth
from coach.schema import CheckIn, Entry, Factor, Outcome, PeriodFindings

SINCE, UNTIL = date(2026, 4, 1), date(2026, 6, 30)


def entry(id: str, on: date, **changes: object) -> Entry:
    words = {"title": f"T-{id}", "situation": f"S-{id}", "root_cause": f"R-{id}", "lesson": f"L-{id}", "change": f"C-{id}"}
    at = datetime(on.year, on.month, on.day, 20, tzinfo=UTC)
    return Entry.model_validate({"id": id, "review_id": f"r-{id}", "happened_on": on, "closed_at": at, **words, **changes})


BEFORE, EARLY, LATE, AFTER = (
    entry("before", date(2026, 3, 31)),
    entry("early", SINCE, tags=("work",), factors=(Factor(id="f", text="the rain", chosen="outside"),)),
    entry("late", UNTIL, tags=("work", "home"), factors=(Factor(id="g", text="my haste", chosen="full"),)),
    entry("after", date(2026, 7, 1)),
)
ALL = [BEFORE, EARLY, LATE, AFTER]


def said(id: str, outcome: Outcome, on: date) -> CheckIn:
    return CheckIn(entry_id=id, at=datetime(on.year, on.month, on.day, tzinfo=UTC), outcome=outcome)


def found(**changes: object) -> PeriodFindings:
    asked: dict[str, object] = {"tendencies": [], "growths": [], "check_ins": {}, "unfinished": []}
    return find(SINCE, UNTIL, ALL, **{**asked, **changes})  # type: ignore[arg-type]


def told(findings: PeriodFindings, entries: list[Entry] = ALL, plans: dict[str, str] | None = None) -> dict[str, Section]:
    by_id = {one.id: one for one in entries}
    return {one.heading: one for one in sections(findings, by_id, plans or {}, {"r-open": "The kitchen"})}


def test_the_first_and_the_last_day_belong_to_the_period() -> None:
    findings = found()
    assert findings.entry_ids == ("early", "late")
    (claim,) = told(findings)["What happened"].claims
    assert claim.text == "2 entries: work (2), home (1)."
    assert claim.entries == (EARLY, LATE)


def test_a_tendency_is_counted_inside_and_before_and_quoted_by_an_entry_of_the_period() -> None:
    findings = found(tendencies=[Tendency("Rushing", ALL, "rising", "before")])
    (one,) = findings.patterns
    assert (one.entry_ids, one.before, one.said_by) == (("early", "late"), 1, "late")
    (claim,) = told(findings)["What repeats"].claims
    assert claim.text == "Rushing: twice in this period, once before, rising."
    assert claim.quotes == ("R-late",)


def test_one_entry_alone_repeats_nothing() -> None:
    assert told(found(tendencies=[Tendency("Rushing", [EARLY], "steady", "early")]))["What repeats"].claims == ()


def test_a_tendency_that_did_not_come_up_is_said_with_its_last_entries() -> None:
    older = entry("older", date(2025, 1, 1))
    findings = found(tendencies=[Tendency("", [BEFORE, older, AFTER], "falling", "")])
    assert findings.patterns == ()
    (claim,) = told(findings, [*ALL, older])["What repeats"].claims
    assert claim.text == "A tendency without a name: not in this period, twice before it."
    assert claim.entries == (older, BEFORE)


def test_growth_is_told_where_something_was_heard_of_it_in_the_period() -> None:
    kept = [said("before", "kept", date(2026, 3, 1)), said("before", "kept", date(2026, 5, 1))]
    growths = [
        Growth(BEFORE, "holding", 2, date(2026, 3, 1)),
        Growth(EARLY, "did not hold", returned=LATE),
        Growth(AFTER, "automatic", 4, date(2025, 1, 1)),
        Growth(LATE, "being tried"),
    ]
    findings = found(growths=growths, check_ins={"before": kept, "late": [said("late", "not_kept", UNTIL)]})
    assert [one.entry_id for one in findings.growths] == ["before", "early", "late"]
    told_ = told(findings)
    assert told_["What has grown"].claims[0].text == "Holding: kept twice since 1 March 2026."
    back = told_["What did not hold"].claims[0]
    assert (back.entries, back.quotes) == ((LATE, EARLY), ("R-late", "C-early"))
    assert told_["Still being tried"].claims[0].text == "At check-ins in this period not kept: 1."


def test_a_return_after_the_period_is_not_told_of_it() -> None:
    assert found(growths=[Growth(EARLY, "did not hold", returned=AFTER)]).growths == ()


def test_what_was_outside_is_told_with_the_plan_for_it_or_the_question() -> None:
    (claim,) = told(found())["What was outside your control"].claims
    assert (claim.quotes, claim.text) == (("the rain",), "With T-early. How could a plan absorb it?")
    (claim,) = told(found(), plans={"early": "A tent."})["What was outside your control"].claims
    assert claim.quotes == ("the rain", "A tent.")


def test_what_was_erased_is_in_no_claim() -> None:
    growths = [Growth(EARLY, "did not hold", returned=LATE), Growth(LATE, "holding", 2, SINCE)]
    checks = {"late": [said("late", "kept", UNTIL)]}
    findings = found(tendencies=[Tendency("Rushing", ALL, "rising", "late")], growths=growths, check_ins=checks)
    assert "R-late" not in findings.model_dump_json()
    for entries in ([BEFORE, EARLY, AFTER], []):
        told_ = told(findings, entries)
        words = str([(claim.text, claim.quotes) for section in told_.values() for claim in section.claims])
        assert "late" not in words
    assert told(findings, [BEFORE, EARLY, AFTER])["What did not hold"].claims[0].quotes == ("C-early",)


def test_unfinished_reviews_are_named() -> None:
    assert told(found(unfinished=["r-open", "r-gone"]))["Unfinished"].claims[0].text == "Begun and not closed: The kitchen."
