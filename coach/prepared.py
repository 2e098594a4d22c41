"""Evaluates the fixed part of every prompt before a person meets it, and knows without a model that this was done.

It takes more than a minute, once: the states are kept on disk (``coach.llm.prefixes``), where later starts find them. ``coach model
pull`` does it while the program is set up; what is missing when the app is opened is done behind the page. A mark beside the states
says what they were made of, so that no model has to be loaded only to see that they are there.
"""

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from importlib import metadata

from coach.compose import Parts, load_model, tuning_of
from coach.errors import ModelError
from coach.llm.formats import KNOWN
from coach.llm.prefixes import MARK, PrefixStore
from coach.models.store import Store
from coach.patterns.tendency import frame
from coach.pushback.ask import all_prompts
from coach.settings import Settings

Progress = Callable[[int, int], None]
"""Told how many prompts are prepared and how many there are."""


def is_prepared(settings: Settings) -> bool:
    """Whether everything was prepared for the chat model in use and is still there. Raises ModelError, PromptError."""
    if settings.adapters == "fake":
        return True
    states = list(settings.prefix_folder.glob("*.state"))
    return _marked(settings) == _made_of(settings, Store(settings).chat_file()[1]) and len(states) >= len(all_prompts())


def prepare_prompts(settings: Settings, progress: Progress) -> None:
    """Load the chat model, prepare what is missing, and let go of the model. Raises ModelError; what was done by then is kept."""
    parts = Parts()
    try:
        load_model(settings, parts)
        if parts.model is None:
            raise ModelError(" ".join(parts.notes))
        prepare(settings, parts, progress)
    finally:
        parts.process.close()


def prepare(settings: Settings, parts: Parts, progress: Progress, ended: Callable[[], bool] = lambda: False) -> None:
    """Evaluate with a loaded model what is not kept yet, and mark that all is there.

    ``progress`` is told at once how many are, then after each; ``ended`` says that the rest is not wanted any more. Without a model
    nothing is done. Raises ModelError, also where nothing can be kept; GivenUp.
    """
    model, prompts = parts.model, all_prompts()
    if model is None:
        return
    missing = [prompt for prompt in prompts if not model.keeps(prompt)]
    done = len(prompts) - len(missing)
    progress(done, len(prompts))
    if parts.projection:
        model.read(frame(), "The words in front of an entry")
    for prompt in missing:
        if ended():
            return
        model.prepare(prompt)
        if not model.keeps(prompt):  # the others would cost as much at every start
            raise ModelError(
                f"The coach's questions cannot be kept in {settings.prefix_folder}. Make room, or mend its permissions."
            )
        done += 1
        progress(done, len(prompts))
    _mark(settings, model.sha256)


def _made_of(settings: Settings, sha256: str) -> str:
    """A hash of what the states depend on: the model, the library, how it is run, and the words."""
    store = PrefixStore(settings.prefix_folder, sha256, metadata.version("llama-cpp-python"), tuning_of(settings, sha256))
    return hashlib.sha256(repr((store.key, KNOWN, all_prompts(), frame())).encode()).hexdigest()


def _marked(settings: Settings) -> str:
    with suppress(OSError, UnicodeDecodeError):
        return (settings.prefix_folder / MARK).read_text(encoding="utf-8")
    return ""


def _mark(settings: Settings, sha256: str) -> None:
    """Write the mark; where that fails, the model is only loaded once more to see."""
    wanted, path = _made_of(settings, sha256), settings.prefix_folder / MARK
    if settings.adapters == "fake" or _marked(settings) == wanted:
        return
    with suppress(OSError):
        beside = path.with_suffix(f".{os.getpid()}")
        beside.write_text(wanted, encoding="utf-8")
        beside.replace(path)
