"""What the after-action review asks, in order: the words on the screen and where each answer goes."""

from dataclasses import dataclass

from coach.schema import Stage, Step


@dataclass(frozen=True)
class Question:
    """One question: its slot, the judge's step for it (None: not judged), and what the person reads.

    ``example`` pairs a weak answer with a strong one, to teach by.
    """

    slot: str
    step: Step | None
    ask: str
    hint: str = ""
    example: tuple[str, str] | None = None
    leave_out: tuple[str, ...] = ()


INTENDED = Question(
    "intended",
    "intended",
    "What was the intended outcome?",
    "Something another person could tick off: what, by when, how much, with whose agreement.",
    (
        "I wanted the project to go well.",
        "I intended to deliver the client proposal by March 15 with a budget under $200K and buy-in from all three stakeholders.",
    ),
)
HAPPENED = Question(
    "happened",
    "happened",
    "What actually happened?",
    "The facts a camera or a log would show, without the story around them.",
    (
        "Everything fell apart because the team dropped the ball.",
        "The proposal was delivered March 22, the budget came in at $247K, and one stakeholder raised concerns about the"
        " timeline that we hadn't addressed.",
    ),
)
WHY = Question(
    "why.1.1",
    "why",
    "Why did the gap exist?",
    "The first reason that comes to mind is enough: the next why asks about it.",
    (
        "The team wasn't experienced enough.",
        "The design team needed more time, because the scope expanded after the kickoff meeting.",
    ),
)
NEXT = Question(
    "next",
    "next",
    "What will you do differently next time?",
    "What you will do, when or on what trigger, and how anyone would see it.",
    (
        "I'll be more careful.",
        "I'll include a formal scope change process in every project kickoff document, with a clause that any additions trigger a"
        " timeline and budget review before work continues.",
    ),
)
LESSON = Question(
    "lesson",
    "next",
    "What is the lesson, in one sentence of your own?",
    "Say it the way you would want to read it in a year.",
    leave_out=("vague_commitment", "avoidance"),  # a lesson is a general sentence: it names no act, and no part of one's own
)
TIMELINE = Question("timeline", None, "Timeline", "When did what happen? One line each.")
WELL = Question("well", None, "What went well, or is worth keeping?")
BEHAVIOUR = Question("control.full", None, "Fully yours: what in your own behaviour would you change?")
INFLUENCE = Question("control.partial", None, "Partly yours: how could you have influenced it earlier or more clearly?")
RESILIENCE = Question("control.outside", None, "Outside: how could a plan absorb this the next time it comes?")

BY_SLOT = {
    question.slot: question
    for question in (INTENDED, HAPPENED, WHY, NEXT, LESSON, TIMELINE, WELL, BEHAVIOUR, INFLUENCE, RESILIENCE)
}

NUMBERED: dict[Stage, int] = {"intended": 1, "happened": 2, "why": 3, "control": 3, "next": 4, "lesson": 4}
"""Which of the essay's four questions a stage belongs to."""


def question_for(slot: str) -> Question:
    """The question of a slot; later whys share the first one's, but may stop short without a remark."""
    if slot.startswith("why.") and slot != WHY.slot:
        return Question(slot, "why", WHY.ask, leave_out=("premature_closure",))
    return BY_SLOT[slot]


def why_slot(chain: int, number: int) -> str:
    """The slot of a why.

    >>> why_slot(1, 2)
    'why.1.2'
    """
    return f"why.{chain}.{number}"
