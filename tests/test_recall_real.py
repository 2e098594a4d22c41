"""The bar of similarity, held to pairs of entries with the true embedding model. Marked ``real``."""

import pytest

from coach.compose import SITUATION_BAR as BAR
from coach.llm.llama_embedder import LlamaEmbedder
from coach.models.catalogue import embedding_model
from coach.models.store import Store
from coach.settings import load_settings

pytestmark = [pytest.mark.real, pytest.mark.timeout(120)]

ALIKE = [
    (
        "The proposal was delivered a week late because the scope grew after kickoff.",
        "We sent the client's offer four days after the deadline; they kept adding rooms.",
    ),
    ("The cake collapsed at the wedding because I left it in the warm van.", "The dessert melted on the way to the party."),
    ("I failed the statistics exam with 48 points.", "My maths test went wrong, I had only learned the formulas the night before."),
    ("We lost the match 3-1 after conceding two corners.", "The team let in a late goal from a set piece and lost."),
]
UNLIKE = [
    ("The proposal was delivered a week late because the scope grew after kickoff.", "I shouted at my son over the homework."),
    ("The cake collapsed at the wedding because I left it in the warm van.", "The database migration locked the orders table."),
    ("I failed the statistics exam with 48 points.", "The frost took the blossom on the lower terrace."),
    ("We lost the match 3-1 after conceding two corners.", "The wrong drug strength was typed into the calculator."),
]


@pytest.fixture(scope="module")
def embedder() -> LlamaEmbedder:
    return LlamaEmbedder(*Store(load_settings()).file(embedding_model()))


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_entries_about_the_same_are_shown(embedder: LlamaEmbedder, one: str, other: str) -> None:
    left, right = embedder.embed([one, other])
    assert left @ right >= BAR


@pytest.mark.parametrize(("one", "other"), UNLIKE)
def test_entries_about_something_else_are_not(embedder: LlamaEmbedder, one: str, other: str) -> None:
    left, right = embedder.embed([one, other])
    assert left @ right < BAR
