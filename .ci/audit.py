"""`make audit`: looks up every pinned package in a database of known vulnerabilities, and says so where none can be reached.

pip-audit passes over a package that its database does not answer for, and calls that success; here it is counted. A database of
your own (an OSV server) is named by OSV_URL. Exit status: 0 all looked up and none known, 1 some are, 2 not all could be looked up.
"""

import json
import os
import subprocess
import sys

SERVICES = [["-s", "osv", "--osv-url", os.environ["OSV_URL"]]] if "OSV_URL" in os.environ else [["-s", "pypi"], ["-s", "osv"]]


def looked_up(service: list[str], lock: str) -> tuple[list[dict], list[str]] | None:
    """The packages that a database knows, and the names of those it does not; None where it cannot be reached."""
    call = [
        sys.executable,
        "-m",
        "pip_audit",
        *service,
        "--disable-pip",
        "--require-hashes",
        "-r",
        lock,
        "-f",
        "json",
        "--timeout",
        "10",
    ]
    done = subprocess.run([*call, "--progress-spinner", "off"], capture_output=True, text=True, check=False)
    try:
        found = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        return None
    return [one for one in found if "vulns" in one], [one["name"] for one in found if "vulns" not in one]


def main(lock: str) -> int:
    """Ask the databases in turn; the first that answers for anything counts."""
    for service in SERVICES:
        answer = looked_up(service, lock)
        if answer is None or not answer[0]:
            continue
        known, unknown = answer
        bad = [(one["name"], one["version"], [vuln["id"] for vuln in one["vulns"]]) for one in known if one["vulns"]]
        for name, version, ids in bad:
            print(f"{name} {version}: {', '.join(ids)}")
        print(f"{lock}: {len(known)} packages looked up, {len(bad)} with known vulnerabilities, {len(unknown)} unknown to it.")
        return 1 if bad else 2 if unknown else 0
    print(
        f"{lock}: no database of vulnerabilities can be reached from here, so nothing was looked up. Set OSV_URL to one that can."
    )
    return 2


if __name__ == "__main__":
    sys.exit(max(main(lock) for lock in sys.argv[1:]))
