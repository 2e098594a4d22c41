"""Evaluated prefixes on disk: what every prompt begins with, the same for every person. A person's words are never among them."""

import contextlib
import ctypes
import hashlib
import os
import time
from collections.abc import Sequence
from pathlib import Path

from coach.llm.native import CONTEXT_TOKENS, MOST_BRANCHES, Live
from coach.llm.tuning import DEFAULT, Tuning

MOST_STATES = 32  # about 20 MB each; twice the number of prompts
MARK = "prepared"  # the name of the file that says what the states were made of (``coach.prepared``)
_AN_HOUR = 3600.0


class PrefixStore:
    """States of static prompt parts on disk: a few MB each, loaded in milliseconds instead of seconds."""

    def __init__(self, folder: Path, model_sha256: str, version: str, tuning: Tuning = DEFAULT) -> None:
        self.folder = folder
        self.key = f"{model_sha256}:{version}:{CONTEXT_TOKENS}:{MOST_BRANCHES}" + ("" if tuning.plain else f":{tuning.form}")

    def path(self, text: str) -> Path:
        """The file for this static text."""
        return self.folder / (hashlib.sha256(f"{self.key}:{text}".encode()).hexdigest()[:32] + ".state")

    def load(self, live: Live, text: str, tokens: Sequence[int]) -> bool:
        """Put the state into the context; False where there is none or it does not fit."""
        path, lib = self.path(text), live.lib
        if not path.is_file():
            return False
        found, room = ctypes.c_size_t(0), len(tokens) + 8
        ids = (lib.llama_token * room)()
        live.keep(0)
        read = lib.llama_state_seq_load_file(live.context, str(path).encode(), live.sequence, ids, room, ctypes.byref(found))
        if not read or list(ids[: found.value]) != list(tokens):
            live.keep(0)
            return False
        live.held = list(tokens)
        with contextlib.suppress(OSError):
            path.touch()  # used now: kept longest
        return True

    def _prune(self) -> None:
        """Delete the states that were used longest ago: those of earlier prompts, models and versions."""
        kept = sorted(self.folder.glob("*.state"), key=lambda path: path.stat().st_mtime, reverse=True)
        others = [path for path in self.folder.iterdir() if path.suffix != ".state" and path.name != MARK]
        left = [path for path in others if path.stat().st_mtime < time.time() - _AN_HOUR]
        for path in [*kept[MOST_STATES:], *left]:  # those left half-written by a process that was killed
            path.unlink(missing_ok=True)

    def save(self, live: Live, text: str, tokens: Sequence[int]) -> None:
        """Keep the context's state, which must hold exactly ``tokens``; a full disk only costs time later."""
        path = self.path(text)
        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            beside = path.with_suffix(f".{os.getpid()}")
            ids = (live.lib.llama_token * len(tokens))(*tokens)
            if live.lib.llama_state_seq_save_file(live.context, str(beside).encode(), live.sequence, ids, len(tokens)):
                beside.replace(path)
                self._prune()
            else:
                beside.unlink(missing_ok=True)
