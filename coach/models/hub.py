"""The model hub: one HTTP download that resumes, given up within seconds when the hub cannot be reached."""

import threading
from pathlib import Path

import httpx
from huggingface_hub import hf_hub_url

from coach.models.catalogue import Download
from coach.models.sources import Progress, SourceFailed

REACH_SECONDS = 6.0  # for finding the host, connecting and the first answer: name look-ups have no limit of their own
_TIMEOUT = httpx.Timeout(20.0, connect=4.0)


class HubSource:
    """The official file of the model's makers."""

    name = "the model hub"

    def fetch(self, wanted: Download, part: Path, progress: Progress) -> None:
        """Append to ``part``; see ``fetch.Source``."""
        url = hf_hub_url(wanted.hub.repository, wanted.hub.file)
        _check_reachable(url)
        try:
            _stream(url, wanted, part, progress)
        except httpx.HTTPError as exc:
            raise SourceFailed(f"the connection failed ({type(exc).__name__})") from exc


def _check_reachable(url: str) -> None:
    """Ask for the file's head in a thread that can be left behind. Raises SourceFailed."""
    answers: list[str] = []
    asking = threading.Thread(target=lambda: answers.append(_head(url)), daemon=True)
    asking.start()
    asking.join(REACH_SECONDS)
    if answers != ["ok"]:
        raise SourceFailed(answers[0] if answers else f"no answer within {REACH_SECONDS:.0f} seconds")


def _head(url: str) -> str:
    try:
        status = httpx.head(url, timeout=_TIMEOUT, follow_redirects=True).status_code
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ImportError, ValueError) as exc:
        return f"cannot be reached ({type(exc).__name__})"
    return "ok" if status == httpx.codes.OK else f"answered with status {status}"


def _stream(url: str, wanted: Download, part: Path, progress: Progress) -> None:
    have = part.stat().st_size if part.exists() else 0
    if have >= wanted.size:
        return
    headers = {"Range": f"bytes={have}-"} if have else {}
    with httpx.stream("GET", url, headers=headers, timeout=_TIMEOUT, follow_redirects=True) as response:
        response.raise_for_status()
        resumed = response.status_code == httpx.codes.PARTIAL_CONTENT
        done = have if resumed else 0
        with part.open("ab" if resumed else "wb") as file:
            for chunk in response.iter_bytes(1 << 20):
                file.write(chunk)
                done += len(chunk)
                progress(done, wanted.size)
    if done < wanted.size:
        raise SourceFailed("the connection ended early")
