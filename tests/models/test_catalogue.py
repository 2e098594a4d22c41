from pathlib import Path

import pytest

from coach.errors import InputError, ModelError
from coach.models.catalogue import by_name, catalogue, chat_model, embedding_model, read_catalogue
from coach.resources import shipped

SHIPPED = (shipped("models") / "catalogue.toml").read_text(encoding="utf-8")
DOWNLOADS = [wanted for model in catalogue() for wanted in model.downloads]


def changed(folder: Path, old: str, new: str) -> Path:
    """The shipped catalogue with one thing changed."""
    assert old in SHIPPED
    path = folder / "catalogue.toml"
    path.write_text(SHIPPED.replace(old, new, 1), encoding="utf-8")
    return path


def test_there_is_one_default_of_each_role() -> None:
    for role, default in (("chat", chat_model()), ("embedding", embedding_model())):
        assert [model for model in catalogue() if model.role == role and model.default] == [default]


def test_no_two_models_share_a_name_or_a_file() -> None:
    assert len({model.name for model in catalogue()}) == len({model.file for model in catalogue()}) == len(catalogue())


def test_every_model_can_be_fetched() -> None:
    for model in catalogue():
        assert model.downloads
        assert bool(model.inputs) == bool(model.convert)


@pytest.mark.parametrize("wanted", DOWNLOADS, ids=lambda wanted: wanted.file)
def test_the_parts_of_a_file_make_up_its_size(wanted) -> None:
    assert sum(part.size for part in wanted.carriers.parts) == wanted.size
    if len(wanted.carriers.parts) == 1:
        assert wanted.carriers.parts[0].sha256 == wanted.sha256


@pytest.mark.parametrize("wanted", DOWNLOADS, ids=lambda wanted: wanted.file)
def test_parts_are_counted_in_the_packages_names_where_there_are_several(wanted) -> None:
    names = {wanted.carriers.package.format(n=n) for n, _ in enumerate(wanted.carriers.parts, 1)}
    members = {wanted.carriers.member.format(n=n) for n, _ in enumerate(wanted.carriers.parts, 1)}
    assert len(names) == len(members) == len(wanted.carriers.parts)


def test_a_model_is_found_by_its_name() -> None:
    assert by_name(chat_model().name) is chat_model()


def test_an_unknown_name_is_answered_with_those_there_are() -> None:
    with pytest.raises(InputError) as caught:
        by_name("gpt-5")
    assert "'gpt-5'" in str(caught.value)
    assert all(model.name in str(caught.value) for model in catalogue())


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ('role = "chat"', 'role = "painter"', "model.0.role"),
        ("size = 1117320768", "size = 0", "model.0.size"),
        ('sha256 = "cc324af0', 'sha256 = "CC324AF0', "model.0.sha256"),
        ('licence = "Apache-2.0"', 'license = "Apache-2.0"', "model.0.licence"),
        ('file = "qwen2.5', 'file = "../qwen2.5', "model.0.file"),
        ('convert = "minilm"', 'convert = "sh -c ls"', "model.1.convert"),
        ("memory = 120000000", "memory = 120000000\nfree = true", "model.1.free"),
    ],
)
def test_a_wrong_field_is_named(tmp_path: Path, old: str, new: str, field: str) -> None:
    path = changed(tmp_path, old, new)
    with pytest.raises(ModelError) as caught:
        read_catalogue(path)
    assert f"{path}: field '{field}'" in str(caught.value)


@pytest.mark.parametrize("content", [b"[[model]\n", b"\xff\xfe", None])
def test_a_catalogue_that_cannot_be_read_is_one_clear_message(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "catalogue.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match="Restore it from the project"):
        read_catalogue(path)


def test_an_empty_catalogue_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.toml"
    path.write_text("model = []", encoding="utf-8")
    with pytest.raises(ModelError, match="field 'model'"):
        read_catalogue(path)
