"""The seed essay's own examples, judged by the true model through the command line. Marked ``real``."""

import json
import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from coach.compose import load_judge
from coach.judge.judge import Judge
from coach.settings import load_settings

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]

WEAK = [
    ("intended", "I wanted the project to go well", "vague_goal"),
    ("happened", "Everything fell apart because the team dropped the ball", "narrative_not_facts"),
    ("why", "The proposal was late.", "premature_closure"),
    ("next", "I'll be more careful", "vague_commitment"),
    ("why", "I knew this would happen", "hindsight"),
    ("why", "The team wasn't experienced enough", "premature_closure"),
    ("why", "I'm terrible at this. What's wrong with me?", "shame_identity"),
    ("why", "The timing was bad. The client was unreasonable. It just wasn't meant to be.", "avoidance"),
    ("why", "It's all my fault", "overresponsibility"),
]
GOOD = [
    (
        "intended",
        "I intended to deliver the client proposal by March 15 with a budget under $200K and buy-in from all three stakeholders.",
    ),
    (
        "happened",
        "The proposal was delivered March 22, the budget came in at $247K, and one stakeholder raised concerns about the timeline"
        " that we hadn't addressed.",
    ),
    (
        "why",
        "The proposal was late because the design team needed more time. They needed more time because the scope expanded"
        " mid-project, and it expanded because the client added requirements after the kickoff meeting. We didn't have a formal"
        " change management process: I assumed the initial scope would hold and didn't build in a protocol for changes.",
    ),
    ("why", "I assumed the initial scope would hold and didn't build in a protocol for changes."),
    (
        "next",
        "I'll include a formal scope change process in every project kickoff document, with a clause that any additions beyond the"
        " original brief trigger a timeline and budget review before work continues.",
    ),
]


@pytest.fixture(scope="module")
def judge() -> Judge:
    loaded, notes = load_judge(load_settings())
    assert notes == []
    return loaded


@pytest.mark.parametrize(("step", "text", "kind"), WEAK)
def test_the_essays_weak_examples_are_pushed_back(judge: Judge, step, text: str, kind: str) -> None:
    verdict = judge.judge(step, text)
    assert verdict.by == "model"
    assert kind in {finding.kind for finding in verdict.findings}
    assert all(text[finding.start : finding.end] == finding.quote for finding in verdict.findings)


@pytest.mark.parametrize(("step", "text"), GOOD)
def test_the_essays_good_examples_pass(judge: Judge, step, text: str) -> None:
    verdict = judge.judge(step, text)
    assert verdict.by == "model"
    assert verdict.findings == ()


@pytest.mark.parametrize(
    ("text", "control"),
    [
        ("I skipped the rehearsal", "full"),
        ("My team's dynamics", "partial"),
        ("The pandemic", "outside"),
        ("new regulation", "outside"),
    ],
)
def test_the_essays_control_classes(judge: Judge, text: str, control: str) -> None:
    found = judge.judge("factor", text).control
    assert found
    assert max(found, key=lambda name: found[name]) == control


def test_the_command_prints_what_scripts_read() -> None:
    command = [sys.executable, "-m", "coach.cli", "judge", "--question", "why", "--json", "-"]
    run: Callable[..., subprocess.CompletedProcess[bytes]] = subprocess.run
    result = run(command, input=b"I knew this would happen", capture_output=True, check=True, env=os.environ)
    found = json.loads(result.stdout)
    assert set(found) == {"findings", "control"}
    assert found["control"] is None
    assert set(found["findings"][0]) == {"kind", "probability", "quote", "start", "end", "why", "question"}
