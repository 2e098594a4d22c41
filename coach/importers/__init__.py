"""Reading other people's and other programs' files into entries: each module here is one format, found by its name.

An importer module has ``NAME`` (what a person calls the format), ``recognises(path)`` and ``read(path)``. It only reads: what is
new is worked out, and written, by ``coach.flow.importing``. There is no list to keep.
"""

import importlib
import pkgutil
import stat
from pathlib import Path
from types import ModuleType

from coach.careful import shown
from coach.errors import InputError

_HELPERS = {"archive", "base"}


def importers() -> dict[str, ModuleType]:
    """All formats by module name."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name not in _HELPERS)
    return {name: importlib.import_module(f"{__name__}.{name}") for name in names}


def importer_for(path: Path) -> ModuleType:
    """The importer that recognises a file. Raises InputError when none does."""
    try:
        kind = path.stat().st_mode
    except (OSError, ValueError) as exc:  # ValueError: a name that no file can have
        raise InputError(f"{shown(str(path))} is not there, or may not be read. Check its name.") from exc
    if not stat.S_ISREG(kind) and not stat.S_ISDIR(kind):
        raise InputError(f"{path} is neither a file nor a folder. Save what comes out of it into a file first.")
    for module in importers().values():
        if module.recognises(path):
            return module
    known = ", ".join(str(module.NAME) for module in importers().values())
    raise InputError(f"{path} is in no format that can be imported. Known are: {known}.")
