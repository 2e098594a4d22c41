"""Runs a command in Linux namespaces of its own: without a network but loopback, or with a small disk."""

import os
import shutil
import subprocess
from collections.abc import Sequence

import pytest

NO_NETWORK = "ip link set lo up"


def run_in(kind: str, before: str, command: Sequence[str], **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a shell line and then a command: ``kind`` is ``n`` for a network of its own, ``m`` for mounts of its own."""
    flags = f"-r{kind}" if os.getuid() else f"-{kind}"
    unshare = shutil.which("unshare")
    if not unshare or subprocess.run([unshare, flags, "true"], capture_output=True, check=False).returncode:
        assert "CI" not in os.environ, "namespaces are needed for this test; CI has them"
        pytest.skip("this machine gives no namespaces to a test")
    line = [unshare, flags, "sh", "-c", f'{before} && exec "$@"', "sh", *command]
    return subprocess.run(line, env={**os.environ, **environment}, capture_output=True, text=True, check=False)
