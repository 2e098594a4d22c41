"""Two years of use, lived through by the clock: what the pages claim in the end is what the history says."""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from coach.clock.fake import FakeClock
from coach.dates import Quarter
from coach.flow.coach import Coach, Fields
from coach.flow.quarterly import period_id
from coach.patterns.groups import FEWEST
from coach.schema import Context, Entry, Outcome

DAYS = 730
HABITS = {
    "yes": "promised everybody everything immediately",
    "evening": "began building hours before sunset",
    "silence": "avoided telling colleagues bad news",
    "once": "xylophone",
}
OUTCOMES: tuple[Outcome, ...] = ("kept",) * 9 + ("no_occasion", "not_kept", "dropped")


@dataclass
class Life:
    """What truly happened: the test's own book, against which the app's claims are held."""

    entries: dict[str, tuple[Entry, str]] = field(default_factory=dict)
    said: dict[str, list[tuple[date, Outcome]]] = field(default_factory=dict)

    def of(self, habit: str) -> list[Entry]:
        return [entry for entry, mine in self.entries.values() if mine == habit]

    def returned(self, id: str, on: date) -> list[Entry]:
        """Later entries with the same habit, once it is one that recurs."""
        entry, habit = self.entries[id]
        mine = self.of(habit)
        planned = entry.closed_at.date()
        return [one for one in mine if len(mine) >= FEWEST and planned < one.happened_on <= on]

    def standing(self, id: str, on: date) -> str:
        """By the words of the rule, checked day by day."""
        said = [(day, outcome) for day, outcome in self.said.get(id, []) if day <= on]
        if said and said[-1][1] == "dropped":
            return "dropped"
        back = max((one.happened_on for one in self.returned(id, on)), default=None)
        missed = max((day for day, outcome in said if outcome == "not_kept"), default=date.min)
        kept = [day for day, outcome in said if outcome == "kept" and day > missed and (back is None or day > back)]
        weeks = (kept[-1] - kept[0]).days / 7 if kept else 0
        if len(kept) >= 4 and weeks >= 26:
            return "automatic"
        if len(kept) >= 2 and weeks >= 4:
            return "holding"
        return "did not hold" if back else "being tried" if said else "not checked yet"


def live(coach: Coach, clock: FakeClock, seed: int) -> Life:
    chance, life, start = random.Random(seed), Life(), clock.now().date()
    while (clock.now().date() - start).days < DAYS:
        today = clock.now().date()
        for entry in coach.due():
            if chance.random() < 0.7:  # else it waits for another day
                outcome = chance.choice(OUTCOMES)
                coach.check_in(entry, outcome)
                life.said.setdefault(entry.id, []).append((today, outcome))
        year = (today - start).days // 365
        if chance.random() < 0.06:
            habit = chance.choices(list(HABITS), [5, 3, 0, 0.3] if year == 0 else [0.2, 3, 3, 0])[0]
            context = Context(happened_on=today - timedelta(days=chance.randrange(4)), title=f"day{today}")
            fields = Fields(f"scene{len(life.entries)}", HABITS[habit], "Wait.", "I wait.", today + timedelta(days=7))
            entry = coach.close(coach.start(context), fields)
            life.entries[entry.id] = (entry, habit)
        clock.move(timedelta(days=1))
    return life


@pytest.mark.parametrize("seed", range(3))
def test_what_the_pages_claim_is_what_the_history_says(coach: Coach, clock: FakeClock, seed: int) -> None:
    life, end = live(coach, clock, seed), clock.now().date()
    assert len(life.entries) > 25
    quarters = [Quarter.of(end)]
    while len(quarters) < 9:
        quarters.append(quarters[-1].before)
    seen = set[str]()
    for on in [end, *(quarter.last_day for quarter in quarters[1:])]:
        for one in coach.growths(on):
            seen.add(one.standing)
            assert one.standing == life.standing(one.entry.id, on), (one.entry.id, on)
            back = life.returned(one.entry.id, on)
            assert (one.returned.happened_on if one.returned else None) == max((e.happened_on for e in back), default=None)
    assert seen >= {"automatic", "holding", "did not hold", "being tried", "dropped"}, "a life in which much happens"
    for quarter in quarters:
        _holds(coach, life, quarter.first_day, quarter.last_day, end)


def _holds(coach: Coach, life: Life, since: date, until: date, today: date) -> None:
    """The quarterly review of a period against the history."""
    found = coach.period_findings(since, until)
    inside = {id for id, (entry, _) in life.entries.items() if since <= entry.happened_on <= until}
    assert set(found.entry_ids) == inside
    habits = {habit for habit in HABITS if len(life.of(habit)) >= FEWEST}
    expected = {frozenset(one.id for one in life.of(habit)) & inside for habit in habits} - {frozenset()}
    assert {frozenset(one.entry_ids) for one in found.patterns} == expected
    for one in found.patterns:
        habit = life.entries[one.entry_ids[0]][1]
        assert one.before == sum(entry.happened_on < since for entry in life.of(habit))
    for growth in found.growths:
        assert growth.standing == life.standing(growth.entry_id, min(until, today))
        said = [outcome for day, outcome in life.said.get(growth.entry_id, []) if since <= day <= until]
        assert growth.said == {outcome: said.count(outcome) for outcome in said}
    told = {growth.entry_id for growth in found.growths}
    heard = {id for id, said in life.said.items() if any(since <= day <= until for day, _ in said)}
    assert heard <= told


def test_a_quarter_is_offered_once_it_has_ended_and_until_it_is_reviewed(coach: Coach, clock: FakeClock) -> None:
    assert coach.period_to_review() == (date(2026, 1, 1), date(2026, 3, 31))
    review = coach.start(Context(happened_on=date(2026, 3, 10), title="The kitchen"))
    coach.close(review, Fields("Late.", "Haste.", "Wait.", "I wait.", None))
    clock.move(timedelta(days=40))
    assert coach.period_to_review() == (date(2026, 1, 1), date(2026, 3, 31))
    found = coach.period_findings(date(2026, 1, 1), date(2026, 3, 31))
    made = coach.save_period_review(found, {"repeats": "Haste.", "changed": "  "})
    assert (made.repeats, made.changed) == ("Haste.", "")
    assert coach.period_to_review() == (date(2026, 4, 1), date(2026, 6, 30))
    clock.move(timedelta(days=1))
    coach.save_period_review(found, {"next_time": "One breath."})
    assert [one.next_time for one in coach.latest_period_reviews()] == ["One breath."]
    assert len(coach.journal.period_reviews()) == 2, "what was saved before is kept"
    coach.journal.erase_period_review(period_id(date(2026, 1, 1), date(2026, 3, 31)))
    assert coach.journal.period_reviews() == []
