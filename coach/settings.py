"""Settings: one typed class, read from the environment (``COACH_…``) by the composition roots only.

A file of settings is not needed: every setting has a default that suits one person on one machine.
"""

from pathlib import Path

import platformdirs
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from coach.errors import SettingsError


def _data_folder() -> Path:
    return Path(platformdirs.user_data_dir("coach", appauthor=False))


def _cache_folder() -> Path:
    return Path(platformdirs.user_cache_dir("coach", appauthor=False))


class Settings(BaseSettings):
    """What can be set from outside, with the environment variable ``COACH_`` + the field's name."""

    model_config = SettingsConfigDict(env_prefix="COACH_", env_file=None, extra="ignore")

    data: Path = Field(default_factory=_data_folder)
    """The person's own: the journal and its vector index."""

    cache: Path = Field(default_factory=_cache_folder)
    """What can be made or fetched again: models and evaluated prompt prefixes."""

    model: Path | None = None
    """A GGUF chat model of one's own, used instead of the catalogue's."""

    adapters: str = Field(default="real", pattern="^(real|fake)$")
    """``fake`` runs the whole app with the shipped fakes for the models and the index, for tests and tours."""

    sample: bool = False
    """The journal is the sample of ``coach demo``; the app says so on every page."""

    lock_after: float = Field(default=15, gt=0)
    """Minutes without a sign of the person after which an encrypted journal is locked."""

    passphrase_file: Path | None = None
    """For scripts: a file whose first line is the journal's passphrase. Without it the command line asks."""

    host: str = "127.0.0.1"
    """The address that the app answers on; any other than this machine's own needs a passphrase (``coach run --host``)."""

    port: int = Field(default=8501, ge=1, le=65535)
    """The port; when it is taken, the next free one is used."""

    @property
    def is_open_to_others(self) -> bool:
        """Whether other machines can reach the app."""
        return self.host not in ("127.0.0.1", "::1", "localhost")

    @property
    def journal_file(self) -> Path:
        """The journal (SQLite): the text of record."""
        return self.data / "journal.db"

    @property
    def index_folder(self) -> Path:
        """The vector index (Chroma): can be deleted, is rebuilt from the journal."""
        return self.data / "index"

    @property
    def kinds_folder(self) -> Path:
        """Kinds of review of the person's own, one file each."""
        return self.data / "reviews"

    @property
    def models_folder(self) -> Path:
        """Fetched models."""
        return self.cache / "models"

    @property
    def tuning_file(self) -> Path:
        """How the model is run on this machine, as ``coach doctor --tune`` has measured it."""
        return self.cache / "tuning.json"

    @property
    def prefix_folder(self) -> Path:
        """Evaluated static parts of prompts."""
        return self.cache / "prefixes"


def load_settings() -> Settings:
    """Read the settings. Raises SettingsError that names the variable and what it may be."""
    try:
        return Settings()
    except ValidationError as exc:
        first = exc.errors(include_input=False)[0]
        name = "COACH_" + str(first["loc"][0]).upper()
        raise SettingsError(f"The environment variable {name} cannot be used: {first['msg']}. Unset or mend it.") from exc
