"""The chain of whys: each asked about the last answer, until it stops at something in the person's reach."""

from collections.abc import Iterator

from coach.flow import events as ev
from coach.flow.desk import Desk, author, joined, noting
from coach.flow.review import MOST_WHYS, Review
from coach.pushback.ask import Piece, ask_behind_a_loop, ask_next_why, next_why_ahead
from coach.pushback.chain import Standing, standing

CHAIN_END = "why.end"


class WhyChain(Desk):
    """What the coach does in step 3."""

    def begin_whys(self, review: Review) -> Review:
        """Ask the first why, if it was not asked yet."""
        step = self.kind_of(review).step_that("whys")
        if review.whys or step is None:
            return review
        return self._add(review, ev.WhyAsked(slot=why_slot(1, 1), question=step.ask, by="hand"))

    def standing(self, review: Review) -> Standing:
        """Where the present chain of whys stands after its last answer."""
        texts = [review.slot(slot).text for slot in review.chain]
        verdict = review.slot(review.chain[-1]).verdict if review.chain else None
        return standing(texts, verdict.signs if verdict else ())

    def next_why(self, review: Review) -> Iterator[Piece]:
        """Stream the next why about the last answer; it is in the journal once it is whole.

        Of two causes that the answer names, the first is asked about and the second waits. After a circle a question behind it is
        asked.
        """
        last, at = review.whys[-1].slot, self.standing(review)
        chain, number = (int(part) for part in last.split(".")[1:])
        about = at.words[0] if at.place == "branch" else ""
        asking = (
            ask_behind_a_loop(at.words[0], review.questions_asked)
            if at.place == "loop"
            else ask_next_why(about or review.slot(last).text, review.questions_asked, self._asker)
        )
        said: list[Piece] = []
        yield from noting(asking, said)
        waiting = [ev.CauseNamed(slot=last, text=cause) for cause in at.words[1:]] if about else []
        asked = ev.WhyAsked(slot=why_slot(chain, number + 1), question=joined(said), by=author(said), about=about)
        self._add(review, *waiting, asked)

    def foresee_why(self, review: Review) -> None:
        """Make the next why ahead, where one would be asked that the model makes."""
        at = self.standing(review)
        if (
            self._asker
            and review.whys
            and review.slot(review.whys[-1].slot).settled
            and at.place != "loop"
            and self.may_ask_why(review)
        ):
            about = at.words[0] if at.place == "branch" else review.slot(review.whys[-1].slot).text
            next_why_ahead(about, review.questions_asked, self._asker)

    def next_cause(self, review: Review) -> Iterator[Piece]:
        """Stream the first why about a cause that was named beside another, in a chain of its own."""
        cause = review.causes_waiting[0]
        said: list[Piece] = []
        yield from noting(ask_next_why(cause, review.questions_asked, self._asker), said)
        slot = why_slot(self._chains(review) + 1, 1)
        self._add(review, ev.WhyAsked(slot=slot, question=joined(said), by=author(said), about=cause))

    def _chains(self, review: Review) -> int:
        return max(int(slot.split(".")[1]) for slot in review.why_slots)

    def branch(self, review: Review) -> Review:
        """Begin a second chain for another cause."""
        slot = why_slot(self._chains(review) + 1, 1)
        return self._add(review, ev.WhyAsked(slot=slot, question="What else led to the gap?", by="hand"))

    def may_ask_why(self, review: Review) -> bool:
        """Whether the present chain may go on."""
        return int(review.whys[-1].slot.rsplit(".", 1)[1]) < MOST_WHYS

    def end_whys(self, review: Review) -> Review:
        """Stop the chain, unless it looks closed too soon: then the finding stands in the slot ``why.end``."""
        if self.standing(review).place == "end":
            return self._add(review, ev.WhyEnded())
        chain = " ".join(_sentence(review.slot(slot).text) for slot in review.why_slots if review.slot(slot).versions)
        others = [kind for kind in self._judgements if kind != "premature_closure"]
        verdict = self.judge.judge("why", chain, leave_out=others)
        if not verdict.findings or len(review.whys) > 2:
            return self._add(review, ev.WhyEnded())
        return self._add(review, ev.Answered(slot=CHAIN_END, text=chain), ev.Judged(slot=CHAIN_END, verdict=verdict))

    def end_whys_all_the_same(self, review: Review) -> Review:
        """Stop the chain whatever the coach thinks of it."""
        return self._add(review, ev.Kept(slot=CHAIN_END), ev.WhyEnded())


def why_slot(chain: int, number: int) -> str:
    """The slot of a why.

    >>> why_slot(1, 2)
    'why.1.2'
    """
    return f"why.{chain}.{number}"


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else text + "."
