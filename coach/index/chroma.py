"""Chroma, on disk or in memory: the only module that imports ``chromadb``.

It holds ids and vectors, no text: Chroma keeps deleted text in its file. One process owns the folder, held by a
lock, since two writers corrupt it. A damaged index can end the process in native code, so it is tried in a process
of its own first; it can always be thrown away and built again from the journal. Beside an encrypted journal it is in memory alone:
a vector tells much about the words that it was made of.
"""

import contextlib
import json
import shutil
import subprocess
import sys
import uuid
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from coach.errors import IndexUnavailable
from coach.index.base import Near
from coach.index.lock import locked
from coach.llm.base import Vector

_NAME = "entries"
_BATCH = 5000  # Chroma takes at most 5,461 at a time


class _Collection:
    """A collection in cosine space, wherever it is kept."""

    def __init__(self, place: str, client: Any, name: str) -> None:
        self._place = place
        self._take(client, name)

    def _take(self, client: Any, name: str) -> None:
        with _mapped(self._place):
            self._held: set[str] | None = None
            self._client, self._collection = client, _collection(client, name)

    def add(self, vectors: Mapping[str, Vector]) -> None:
        """Add vectors by id, or replace them."""
        ids = list(vectors)
        with _mapped(self._place):
            for at in range(0, len(ids), _BATCH):
                part = ids[at : at + _BATCH]
                self._collection.upsert(ids=part, embeddings=np.vstack([vectors[id] for id in part]))
                if self._held is not None:
                    self._held |= set(part)

    def nearest(self, vector: Vector, most: int, leave_out: Sequence[str] = (), among: Collection[str] | None = None) -> list[Near]:
        """The nearest, best first; a few more are asked for than wanted, to make up for those left out."""
        out = set(leave_out)
        with _mapped(self._place):
            wanted = min(most + len(out), self._collection.count())
            if wanted < 1:
                return []
            kept = None if among is None else [id for id in among if id in self._known()]  # an unknown id is an error to Chroma
            if kept == []:
                return []
            found = self._collection.query(query_embeddings=[vector], n_results=wanted, ids=kept, include=["distances"])
        pairs = zip(found["ids"][0], found["distances"][0], strict=True)
        return [Near(id, 1.0 - float(distance)) for id, distance in pairs if id not in out][:most]

    def ids(self) -> set[str]:
        """All ids it holds."""
        with _mapped(self._place):
            self._held = set(self._collection.get(include=[])["ids"])
            return set(self._held)

    def _known(self) -> set[str]:
        """The ids it holds, counted once: this process alone writes to the folder."""
        if self._held is None:
            self.ids()
        return self._held or set()


class ChromaIndex(_Collection):
    """A collection on disk.

    Args:
        folder: its own; deleted and made again when it is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._stamp_file, self._closed = folder, folder / "stamp.json", False
        self._lock = locked(folder)
        if not _opens_safely(folder):
            self._throw_away()
        super().__init__(str(folder), _client(folder), _NAME)

    def _throw_away(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def reset(self, stamp: str) -> None:
        """Forget everything, the files too."""
        if self._closed:  # else its folder would be made again beside a journal that was encrypted meanwhile
            raise IndexUnavailable("The index is closed.")
        _forget_client(self._client)
        self._throw_away()
        self._take(_client(self._folder), _NAME)
        self._stamp_file.write_text(json.dumps({"stamp": stamp}), encoding="utf-8")

    def stamp(self) -> str | None:
        """The stamp of the last reset."""
        with contextlib.suppress(OSError, ValueError, AttributeError):
            return str(json.loads(self._stamp_file.read_text(encoding="utf-8")).get("stamp"))
        return None

    def close(self) -> None:
        """Release the folder for another process."""
        self._closed = True
        _forget_client(self._client)
        self._lock.release()


class ChromaInMemory(_Collection):
    """A collection that leaves no trace on disk. A process has one store of Chroma's in memory, so each has a name of its own."""

    def __init__(self) -> None:
        self._name = f"{_NAME}-{uuid.uuid4().hex}"
        self._stamp: str | None = None
        super().__init__("memory", _client(None), self._name)

    def reset(self, stamp: str) -> None:
        """Forget everything."""
        self.close()
        self._take(self._client, self._name)
        self._stamp = stamp

    def stamp(self) -> str | None:
        """The stamp of the last reset."""
        return self._stamp

    def close(self) -> None:
        """Give the memory back."""
        with contextlib.suppress(Exception):
            self._client.delete_collection(self._name)


def forget_first_layout(folder: Path) -> None:
    """Delete what the first version of Coach kept right in ``folder``: a view has a folder of its own in it now."""
    if (folder / "chroma.sqlite3").is_file():
        shutil.rmtree(folder, ignore_errors=True)


def _client(folder: Path | None) -> Any:
    """Chroma in a folder, or in memory."""
    import chromadb  # takes a second: only when an index is needed
    from chromadb.config import Settings

    settings = Settings(anonymized_telemetry=False, _env_file=None)  # type: ignore[call-arg]  # pydantic-settings takes it
    if folder is None:
        return chromadb.EphemeralClient(settings=settings)
    return chromadb.PersistentClient(path=str(folder), settings=settings)


def _collection(client: Any, name: str = _NAME) -> Any:
    configuration = {"hnsw": {"space": "cosine"}}
    return client.get_or_create_collection(name, embedding_function=None, configuration=configuration)


def _forget_client(client: Any) -> None:
    """Close a client: Chroma keeps one system a path and would give it back for a folder that is gone."""
    with contextlib.suppress(Exception):
        client.close()
    client.clear_system_cache()


@contextlib.contextmanager
def _mapped(place: str) -> Any:
    """Chroma raises many kinds of exceptions of its own and of its native code: all of them mean the same here."""
    try:
        yield
    except IndexUnavailable:
        raise
    except Exception as exc:
        raise IndexUnavailable(f"The index in {place} failed ({type(exc).__name__}). It is rebuilt at the next start.") from exc


def _opens_safely(folder: Path) -> bool:
    """Whether a process of its own can open and query the folder; an empty one needs no trial."""
    if not any(folder.iterdir()):
        return True
    if folder in _TRIED:
        _TRIED.discard(folder)
        return True
    beside = [path.parent for path in folder.parent.glob("*/chroma.sqlite3") if path.parent != folder]
    if beside and _tried([folder, *beside]):
        _TRIED.update(beside)
        return True
    return _tried([folder])


_TRIED: set[Path] = set()
"""Folders that were tried together with one beside them a moment ago: loading Chroma for a trial takes seconds."""


def _tried(folders: Sequence[Path]) -> bool:
    command = [sys.executable, "-m", "coach.index.chroma", *map(str, folders)]
    try:
        return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _try_out(folder: Path) -> None:
    """Open, count and query: what a damaged index would fail at."""
    collection = _collection(_client(folder))
    if collection.count():
        one = collection.get(limit=1, include=["embeddings"])
        collection.query(query_embeddings=one["embeddings"], n_results=1)


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        _try_out(Path(argument))
