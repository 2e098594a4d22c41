from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

import numpy as np
import pytest

from coach.compose import SITUATION_BAR as BAR
from coach.errors import IndexUnavailable
from coach.index.base import Near
from coach.index.memory import MemoryIndex
from coach.journal.sqlite import SqliteJournal
from coach.llm.base import Vector
from coach.llm.fake import FakeEmbedder
from coach.recall import SITUATION, TENDENCY, Recall, Seen, Similar, fused, situation_text, tendency_text
from coach.schema import Entry, Filters, ReviewHead

AT = datetime(2026, 3, 15, 12, tzinfo=UTC)


class Topics:
    """An embedder that knows which words are about the same thing, and counts the texts it was given."""

    sha256 = "topics"
    width = 3
    about: Mapping[str, int] = {"proposal": 0, "tender": 0, "offer": 0, "server": 1, "database": 1, "dog": 2}

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def embed(self, texts: Sequence[str]) -> Vector:
        self.embedded += texts
        return np.vstack([self._one(text.lower().split()) for text in texts])

    def _one(self, words: list[str]) -> Vector:
        total = np.zeros(self.width, np.float32)
        for word in words:
            if word in self.about:
                total[self.about[word]] += 1
        return total / max(float(np.linalg.norm(total)), 1e-9)


class OtherTopics(Topics):
    """Another model: the same topics on other axes."""

    sha256 = "other topics"
    about: Mapping[str, int] = {word: 2 - axis for word, axis in Topics.about.items()}


class Counting(MemoryIndex):
    """Counts how often it was built anew."""

    def __init__(self) -> None:
        super().__init__()
        self.resets = 0

    def reset(self, stamp: str) -> None:
        self.resets += 1
        super().reset(stamp)


def entry(id: str, situation: str) -> Entry:
    fields = {"title": "A review", "root_cause": "unknown", "lesson": "Wait.", "change": "I wait."}
    return Entry(id=id, review_id=f"r-{id}", happened_on=date(2026, 3, 1), situation=situation, closed_at=AT, **fields)


def keep(journal: SqliteJournal, *entries: Entry) -> None:
    for one in entries:
        head = ReviewHead(id=one.review_id, title=one.title, status="closed", stage="close", started_at=AT, updated_at=AT)
        journal.append(head, 0, [], one)


def ids(found: list[Similar]) -> list[str]:
    return [one.entry.id for one in found]


@pytest.fixture
def log(journal: SqliteJournal) -> SqliteJournal:
    """A journal with three entries."""
    keep(journal, entry("tender", "the tender"), entry("server", "the server"), entry("dog", "the dog"))
    return journal


def seeing(journal: SqliteJournal, embedder: Topics | FakeEmbedder, index: MemoryIndex) -> Recall:
    return Recall(journal, {SITUATION: Seen(embedder, index, BAR)})


def ready(journal: SqliteJournal, embedder: Topics | None = None, index: MemoryIndex | None = None) -> Recall:
    recall = seeing(journal, embedder or Topics(), index if index is not None else MemoryIndex())
    recall.catch_up()
    return recall


# -- keeping in step ----------------------------------------------------------------------------------------------


def test_catching_up_embeds_what_is_new_and_says_how_many(log: SqliteJournal) -> None:
    told: list[tuple[int, int]] = []
    recall = seeing(log, Topics(), (index := MemoryIndex()))
    assert recall.catch_up(lambda done, total: told.append((done, total))) == 3
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert index.ids() == {"tender", "server", "dog"}


def test_a_deleted_index_is_built_again_without_embedding(log: SqliteJournal) -> None:
    ready(log)
    recall = seeing(log, (embedder := Topics()), (index := MemoryIndex()))
    assert recall.catch_up() == 0
    assert embedder.embedded == []
    assert index.ids() == {"tender", "server", "dog"}
    assert index.stamp() == Topics.sha256
    assert ids(recall.similar("an offer")) == ["tender"]


def test_an_index_that_is_built_again_tells_how_far_it_is(log: SqliteJournal) -> None:
    ready(log)
    told: list[tuple[int, int]] = []
    seeing(log, Topics(), MemoryIndex()).catch_up(lambda done, total: told.append((done, total)))
    assert told == [(3, 3)]


def test_an_index_with_an_entry_too_many_or_too_few_is_built_again(log: SqliteJournal) -> None:
    index = Counting()
    recall = ready(log, index=index)
    index.add({"of another journal": np.array([1, 0, 0], np.float32)})
    recall.catch_up()
    assert index.ids() == {"tender", "server", "dog"}
    assert index.resets == 2


def test_an_index_in_step_is_left_alone(log: SqliteJournal) -> None:
    keep(log, entry("wordless", "…"))
    index = Counting()
    recall = ready(log, index=index)
    recall.catch_up()
    ready(log, index=index)
    assert index.resets == 1


def test_an_entry_without_a_meaning_is_not_in_the_index(journal: SqliteJournal) -> None:
    keep(journal, entry("wordless", "…"))
    index = MemoryIndex()
    recall = ready(journal, index=index)
    recall.remember(journal.entry("wordless"))
    assert index.ids() == set()
    assert recall.similar("offer", bar=-1) == []


def test_vectors_of_another_embedder_are_not_used(log: SqliteJournal) -> None:
    ready(log, index=(index := MemoryIndex()))
    recall = seeing(log, OtherTopics(), index)
    assert recall.catch_up() == 3
    assert index.stamp() == "other topics"
    assert ids(recall.similar("an offer")) == ["tender"]
    assert log.vectors(SITUATION, "topics")["tender"].tolist() == [1, 0, 0]
    assert log.vectors(SITUATION, "other topics")["tender"].tolist() == [0, 0, 1]


def test_back_at_the_first_embedder_its_vectors_are_still_there(log: SqliteJournal) -> None:
    index = MemoryIndex()
    ready(log, index=index)
    ready(log, OtherTopics(), index)
    recall = seeing(log, Topics(), index)
    assert recall.catch_up() == 0
    assert ids(recall.similar("an offer")) == ["tender"]


def test_a_remembered_entry_is_found_at_once_and_after_the_next_start(log: SqliteJournal) -> None:
    recall = ready(log)
    keep(log, new := entry("database", "the database"))
    recall.remember(new)
    assert set(ids(recall.similar("server"))) == {"server", "database"}
    assert seeing(log, Topics(), MemoryIndex()).catch_up() == 0


def test_a_vector_is_made_of_what_the_entry_was_about() -> None:
    one = entry("e1", "It came late.").model_copy(update={"tags": ("work", "clients")})
    assert situation_text(one) == "A review\nwork clients\nIt came late.\nunknown"


# -- similar entries ----------------------------------------------------------------------------------------------


def test_the_nearest_come_first_with_their_similarity(log: SqliteJournal) -> None:
    keep(log, entry("both", "the tender and the dog"))
    found = ready(log).similar("offer")
    assert ids(found) == ["tender", "both"]
    assert [one.similarity for one in found] == pytest.approx([1, 0.5**0.5])


def test_an_entry_below_the_bar_is_not_shown(journal: SqliteJournal) -> None:
    keep(journal, entry("faint", "the offer and dog dog dog dog"), entry("faint enough", "the offer and dog dog dog"))
    recall = ready(journal)
    near = {one.entry.id: one.similarity or 0 for one in recall.similar("proposal", bar=-1)}
    assert near["faint"] < BAR <= near["faint enough"]
    assert ids(recall.similar("proposal")) == ["faint enough"]


def test_where_nothing_is_near_nothing_is_shown(log: SqliteJournal) -> None:
    assert ready(log).similar("nothing that it knows", bar=-1) == []


def test_what_is_left_out_takes_no_place(log: SqliteJournal) -> None:
    keep(log, entry("offer", "the offer"), entry("proposal", "the proposal"))
    found = ready(log).similar("tender", leave_out=["tender"], most=2)
    assert set(ids(found)) == {"offer", "proposal"}


def test_a_view_that_cannot_be_seen_is_searched_by_words_if_words_can_tell(log: SqliteJournal) -> None:
    recall = Recall(log)
    assert not recall.by_meaning()
    assert recall.catch_up() == 0
    recall.remember(log.entry("dog"))
    assert recall.similar("dog") == recall.search("dog") == [Similar(log.entry("dog"), None)]
    assert recall.similar("offer") == recall.search("offer") == []
    assert recall.similar("dog", leave_out=["dog"]) == []
    assert recall.similar("dog", TENDENCY) == [], "a habit is not in the words"
    assert recall.vector("dog", TENDENCY) is None


def test_by_words_what_is_left_out_takes_no_place(log: SqliteJournal) -> None:
    found = Recall(log).similar("tender server dog", leave_out=["tender"], most=2)
    assert set(ids(found)) == {"server", "dog"}


# -- two views ----------------------------------------------------------------------------------------------------


def test_the_views_are_kept_apart(journal: SqliteJournal) -> None:
    late = entry("late", "the tender").model_copy(update={"root_cause": "the dog"})
    keep(journal, late)
    views = {SITUATION: Seen(Topics(), MemoryIndex(), BAR), TENDENCY: Seen(OtherTopics(), MemoryIndex(), BAR)}
    recall = Recall(journal, views)
    assert recall.missing() == 2
    assert recall.catch_up() == 2
    assert ids(recall.similar("offer")) == ids(recall.similar("dog", TENDENCY)) == ["late"]
    near = 0.5**0.5
    assert journal.vectors("situation", "topics")["late"].tolist() == pytest.approx([near, 0, near])
    assert journal.vectors("tendency", "other topics")["late"].tolist() == pytest.approx([near, 0, near])
    assert recall.views[SITUATION].index is not recall.views[TENDENCY].index
    assert recall.vectors(TENDENCY, []) == {}
    assert list(recall.vectors(TENDENCY, ["late", "not there"])) == ["late"]


def test_the_habit_is_looked_for_in_what_was_done_and_what_was_behind_it() -> None:
    one = entry("e1", "It came late.")
    assert tendency_text(one) == "It came late. unknown Wait."
    assert tendency_text(one.model_copy(update={"root_cause": ""})) == "It came late. Wait."
    assert tendency_text(one.model_copy(update={"situation": "x" * 5000})).endswith(" unknown Wait.")


def test_an_interrupted_run_goes_on_where_it_was(journal: SqliteJournal) -> None:
    class Stopped(Exception):
        """As Ctrl-C would."""

    def stop(done: int, total: int) -> None:
        raise Stopped

    keep(journal, *(entry(f"e{number}", "the tender") for number in range(20)))
    index = MemoryIndex()
    with pytest.raises(Stopped):
        seeing(journal, Topics(), index).catch_up(stop)
    assert 0 < len(index.ids()) < 20
    left = 20 - len(index.ids())
    assert seeing(journal, (embedder := Topics()), index).catch_up() == left
    assert len(embedder.embedded) == left


# -- searching ----------------------------------------------------------------------------------------------------


def test_a_search_finds_by_words_and_by_meaning(log: SqliteJournal) -> None:
    keep(log, entry("tenders", "tenders"))
    found = {one.entry.id: one.similarity for one in ready(log).search("tender")}
    assert found["tender"] == pytest.approx(1)
    assert found["tenders"] is None, "the embedder does not know the word; the search by words does"


def test_what_both_ways_find_comes_before_what_one_finds(journal: SqliteJournal) -> None:
    keep(journal, entry("meaning", "tender"), entry("words", "offers offers"), entry("both", "the offer with a long story to it"))
    assert ids(ready(journal).search("offer"))[0] == "both"
    assert set(ids(ready(journal).search("offer"))) == {"both", "meaning", "words"}


def test_a_search_shows_fainter_entries_than_a_review_does(journal: SqliteJournal) -> None:
    keep(journal, entry("faint", "a tender and dog dog dog dog"))
    recall = ready(journal)
    assert recall.similar("proposal") == []
    assert ids(recall.search("proposal")) == ["faint"]


def test_a_search_gives_no_more_than_asked_for(log: SqliteJournal) -> None:
    keep(log, entry("t2", "tender"), entry("t3", "offer"))
    assert len(ready(log).search("tender offer", most=2)) == 2


@pytest.mark.parametrize("query", ["", "  ", '"', "NOT", "🙂", "\0", "\ud800"])
def test_any_text_can_be_searched_for(log: SqliteJournal, query: str) -> None:
    assert ready(log).search(query) == []
    assert isinstance(seeing(log, FakeEmbedder(), MemoryIndex()).search(query), list)


def test_searching_an_empty_log_finds_nothing(journal: SqliteJournal) -> None:
    assert ready(journal).search("tender") == []
    assert ready(journal).similar("tender") == []


def test_filters_hold_for_words_and_for_meaning(log: SqliteJournal) -> None:
    keep(log, entry("new tender", "the tender").model_copy(update={"happened_on": date(2026, 5, 1), "tags": ("Work",)}))
    recall, since = ready(log), Filters(since=date(2026, 4, 1))
    assert ids(recall.search("tender", filters=since)) == ["new tender"]
    assert ids(recall.search("offer", filters=since)) == ["new tender"]
    assert ids(recall.search("tender", filters=Filters(tags=("work",)))) == ["new tender"]
    assert recall.search("tender", filters=Filters(tags=("home",))) == []


def test_without_words_a_search_lists_what_the_filters_let_through(log: SqliteJournal) -> None:
    keep(log, entry("later", "the tender").model_copy(update={"happened_on": date(2026, 5, 1)}))
    assert ids(ready(log).search(" ", filters=Filters(since=date(2026, 4, 1)))) == ["later"]


def test_a_search_works_by_words_while_the_index_fails(log: SqliteJournal) -> None:
    class Failing(MemoryIndex):
        def nearest(self, *arguments: object, **more: object) -> list[Near]:
            raise IndexUnavailable("gone")

    recall = seeing(log, Topics(), Failing())
    assert ids(recall.search("tender")) == ["tender"]


def test_rankings_are_fused_by_reciprocal_rank() -> None:
    assert fused([["a", "b", "c"], ["c", "d"]]) == ["c", "a", "b", "d"]
    assert fused([]) == []
