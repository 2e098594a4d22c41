"""How the model is run on this machine: chosen by measurement (``coach doctor --tune``), kept, and told.

Only what does not change what an answer means to the judge is tuned: how many threads work, and, for the context that writes, the
size of a batch, flash attention, and the type of the kept keys and values.
"""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError


class Tuning(BaseModel):
    """A way to run the model. ``threads``: 0 for all cores; ``batch``: tokens that are evaluated in one go."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    threads: int = Field(default=0, ge=0, le=1024)
    batch: int = Field(default=512, ge=32, le=512)
    flash_attention: bool = True
    kv: Literal["f16", "q8_0"] = "f16"

    @property
    def form(self) -> str:
        """What an evaluated prefix depends on: one that was kept under another form cannot be read."""
        return f"{self.flash_attention}:{self.kv}"

    @property
    def plain(self) -> bool:
        """Whether it has the form that nothing was tuned for."""
        return self.form == DEFAULT.form


DEFAULT = Tuning()
"""llama.cpp's own choice on a processor, but for the threads: its default is half of them."""


class Kept(BaseModel):
    """A tuning as it lies in the cache folder: for which model, library and number of cores it was measured."""

    model_config = ConfigDict(extra="forbid")

    machine: str
    tuning: Tuning
    explained: list[str]


def load_tuning(path: Path, machine: str) -> Tuning:
    """The tuning that was measured for this model on this machine; the default where there is none, or it is broken."""
    kept = load_kept(path)
    return kept.tuning if kept and kept.machine == machine else DEFAULT


def load_kept(path: Path) -> Kept | None:
    """What lies there; None where nothing does that can be read."""
    try:
        return Kept.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValidationError, UnicodeDecodeError):
        return None


def machine_of(sha256: str, version: str, cores: int) -> str:
    """What a tuning holds for."""
    return f"{sha256[:16]}:{version}:{cores}"
