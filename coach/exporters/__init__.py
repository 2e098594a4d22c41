"""Writing the Failure Log into files that one keeps: each module here is one format, found by its name.

An exporter module has ``NAME`` (what a person calls the format), ``SUFFIX`` (of the file; empty for a folder) and ``write(log,
target)``. There is no list to keep. What was exported as Markdown or JSON can be imported again (``coach.importers``) and gives the
same log.
"""

import importlib
import pkgutil
from types import ModuleType

_HELPERS = {"period", "wiki"}


def exporters() -> dict[str, ModuleType]:
    """All formats by module name."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name not in _HELPERS)
    return {name: importlib.import_module(f"{__name__}.{name}") for name in names}
