"""Where models' files lie, and whether they are the files they should be.

Hashing a gigabyte takes seconds, so a file that was found right is remembered with its size and time of change; a file that
was touched since is hashed again.
"""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from coach.errors import ModelBroken, ModelMissing
from coach.models.catalogue import Model, chat_model
from coach.settings import Settings

Progress = Callable[[int, int], None]
"""Called with bytes done and bytes in all."""


def sha256_of(path: Path, progress: Progress = lambda done, total: None) -> str:
    """The SHA-256 of a file."""
    digest, done, total = hashlib.sha256(), 0, path.stat().st_size
    with path.open("rb") as file:
        while chunk := file.read(1 << 22):
            digest.update(chunk)
            done += len(chunk)
            progress(done, total)
    return digest.hexdigest()


class Store:
    """The folder of fetched models."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self.folder = settings, settings.models_folder

    def path(self, model: Model) -> Path:
        """Where the model's file is, or would be."""
        return self.folder / model.file

    def file(self, model: Model) -> tuple[Path, str]:
        """The model's file and hash. Raises ModelMissing or ModelBroken, with what to do."""
        path = self.path(model)
        if not path.is_file():
            raise ModelMissing(f"The {model.role} model is not here yet. Fetch it with `coach model pull`.")
        if self.sha256(path) != model.sha256:
            raise ModelBroken(f"{path} is not the file it should be. Run `coach model pull` to fetch it anew.")
        return path, model.sha256

    def chat_file(self) -> tuple[Path, str]:
        """The chat model in use: the person's own (COACH_MODEL) or the catalogue's. Raises as ``file``."""
        own = self._settings.model
        if own is None:
            return self.file(chat_model())
        if not own.is_file():
            raise ModelMissing(f"COACH_MODEL names {own}, which is not a file. Mend the path, or unset it.")
        return own, self.sha256(own)

    def sha256(self, path: Path, progress: Progress = lambda done, total: None, *, anew: bool = False) -> str:
        """The file's hash, remembered while it is unchanged; ``anew`` hashes it whatever is remembered. Raises ModelBroken."""
        known = self._known()
        try:
            stat, key = path.stat(), str(path.resolve())
            mark = [stat.st_size, stat.st_mtime_ns]
            if anew or known.get(key, {}).get("mark") != mark:
                known[key] = {"mark": mark, "sha256": sha256_of(path, progress)}
                self._remember(known)
        except OSError as exc:  # no permission, or a disk that fails
            raise ModelBroken(f"{path} cannot be read ({exc.strerror}). Mend that, or name another model file.") from exc
        return str(known[key]["sha256"])

    def _known(self) -> dict[str, dict[str, object]]:
        try:
            found = json.loads(self._notes().read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return {key: note for key, note in found.items() if isinstance(note, dict)} if isinstance(found, dict) else {}

    def _remember(self, known: dict[str, dict[str, object]]) -> None:
        """Keep the hashes; where that fails they are only computed again."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._notes().write_text(json.dumps(known, indent=1), encoding="utf-8")
        except OSError:
            return

    def _notes(self) -> Path:
        return self.folder / "checked.json"
