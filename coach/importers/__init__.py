"""Reading other people's and other programs' files into entries: each module here is one format, found by its name.

An importer module has ``NAME`` (what a person calls the format), ``recognises(path)`` and ``read(path)``. It only reads: what is
new is worked out, and written, by ``coach.flow.importing``. There is no list to keep.
"""

import importlib
import pkgutil
from pathlib import Path
from types import ModuleType

from coach.errors import InputError

_HELPERS = {"base"}


def importers() -> dict[str, ModuleType]:
    """All formats by module name."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name not in _HELPERS)
    return {name: importlib.import_module(f"{__name__}.{name}") for name in names}


def importer_for(path: Path) -> ModuleType:
    """The importer that recognises a file. Raises InputError when none does."""
    if not path.exists():
        raise InputError(f"{path} is not there. Check its name.")
    for module in importers().values():
        if module.recognises(path):
            return module
    known = ", ".join(str(module.NAME) for module in importers().values())
    raise InputError(f"{path} is in no format that can be imported. Known are: {known}.")
