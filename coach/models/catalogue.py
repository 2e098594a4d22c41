"""The catalogue of models: data in ``models/catalogue.toml``, checked here."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from coach.errors import InputError, ModelError
from coach.resources import shipped

_SHA256 = "^[0-9a-f]{64}$"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Hub(_Strict):
    """A file in a model hub's repository."""

    repository: str
    file: str


class Part(_Strict):
    """One carrier's share of a file."""

    size: int = Field(gt=0)
    sha256: str = Field(pattern=_SHA256)


class Carriers(_Strict):
    """Packages of the package registry that each hold a part of a file; ``{n}`` counts from 1."""

    package: str
    version: str
    member: str
    parts: tuple[Part, ...] = Field(min_length=1)


class Download(_Strict):
    """A file to be fetched: the same bytes from either source."""

    file: str = Field(pattern=r"^[\w.-]+$")
    size: int = Field(gt=0)
    sha256: str = Field(pattern=_SHA256)
    hub: Hub
    carriers: Carriers


class Model(_Strict):
    """A model: fetched as it is, or made from fetched ``inputs`` by the named conversion."""

    name: str
    role: Literal["chat", "embedding"]
    default: bool = False
    file: str = Field(pattern=r"^[\w.-]+$")
    size: int = Field(gt=0)
    sha256: str = Field(pattern=_SHA256)
    memory: int = Field(gt=0)
    licence: str
    hub: Hub | None = None
    carriers: Carriers | None = None
    convert: Literal["minilm"] | None = None
    inputs: tuple[Download, ...] = ()

    @property
    def downloads(self) -> tuple[Download, ...]:
        """What has to be fetched for it."""
        if self.hub and self.carriers:
            return (Download(file=self.file, size=self.size, sha256=self.sha256, hub=self.hub, carriers=self.carriers),)
        return self.inputs


class Catalogue(_Strict):
    """All models."""

    model: tuple[Model, ...] = Field(min_length=1)


def read_catalogue(path: Path) -> tuple[Model, ...]:
    """The models of a catalogue file. Raises ModelError naming the field."""
    try:
        return Catalogue.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))).model
    except ValidationError as exc:
        first = exc.errors(include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise ModelError(f"{path}: field '{field}': {first['msg']}.") from exc
    except (OSError, ValueError) as exc:
        raise ModelError(f"{path} cannot be read. Restore it from the project.") from exc


@cache
def catalogue() -> tuple[Model, ...]:
    """The shipped catalogue."""
    return read_catalogue(shipped("models") / "catalogue.toml")


def by_name(name: str) -> Model:
    """The model of that name. Raises InputError listing the names there are."""
    found = next((model for model in catalogue() if model.name == name), None)
    if found is None:
        names = ", ".join(model.name for model in catalogue())
        raise InputError(f"There is no model '{name}' in the catalogue. Choose one of: {names}.")
    return found


def chat_model() -> Model:
    """The chat model that is used unless another is named."""
    return _default("chat")


def embedding_model() -> Model:
    """The embedding model."""
    return _default("embedding")


def _default(role: str) -> Model:
    return next(model for model in catalogue() if model.role == role and model.default)
