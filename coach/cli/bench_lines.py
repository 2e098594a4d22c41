"""What ``coach bench`` says about each part's figures, for a person who looks on."""

from collections.abc import Mapping
from typing import Any

Told = Mapping[str, Any]


def lines(part: str, figures: Told) -> list[str]:
    """The lines of a part, or of a piece of ``growth``."""
    return _LINES[part](figures)


def _start(found: Told) -> list[str]:
    model = "" if found["model_seconds"] is None else f", the chat model loaded in {found['model_seconds']:.1f} s"
    held = [f"{what} {found[name]:.0f} MB" for what, name in (("app", "app_mb"), ("models", "model_mb")) if found[name] is not None]
    said = [f"start       the page after {found['page_seconds']:.1f} s{model}{_of(held)} ({found['runs']} runs)"]
    return [*said, f"            no model: {found['note']}"] if "note" in found else said


def _of(held: list[str]) -> str:
    return f"; memory: {', '.join(held)}" if held else ""


def _judge(found: Told) -> list[str]:
    read = f"{found['ours_seconds']:.3f} s against {found['bare_seconds']:.3f} s; {_counted(found)}"
    return [f"judge       {found['ratio']:.2f} times the bare model's reading ({read})"]


def _ask(found: Told) -> list[str]:
    last = f"{found['last_seconds']:.2f} s to the last word"
    return [
        f"first_word  {found['first_word']:.2f} of a plain call ({found['first_seconds']:.2f} s against"
        f" {found['cold_seconds']:.2f} s; {_counted(found)})",
        f"overhead    {found['overhead']:.2f} times the bare evaluations ({last})",
        f"            {found['overhead_shown']:.2f} times those of the answer and of what is shown alone"
        f" ({found['least_seconds']:.2f} s)",
        f"candidates  {found['candidates']:.2f}: three frames filled and checked over one;"
        f" {found['candidates_bare']:.2f}: three bare continuations over one",
    ]


def _chat(found: Told) -> list[str]:
    ours = f"{found['ours_last_seconds']:.2f} s for {found['ours_words']:.0f} words"
    chats = f"{found['chat_last_seconds']:.2f} s for {found['chat_words']:.0f}"
    return [
        f"chat        {found['first']:.2f} of a plain chat to the first words ({found['ours_first_seconds']:.2f} s against"
        f" {found['chat_first_seconds']:.2f} s; {_counted(found)})",
        f"            {found['last']:.2f} to the last ({ours} against {chats})",
    ]


def _embed(found: Told) -> list[str]:
    rates = f"{found['imported_a_second']:.1f} entries a second against {found['bare_a_second']:.1f}; {found['entries']} entries"
    return [f"embed       {found['ratio']:.2f} of the bare embedder's rate ({rates})"]


def _search(found: Told) -> list[str]:
    return [_size(one) for one in found["sizes"]]


def _size(one: Told) -> str:
    times = ", ".join(
        f"{name} {1000 * one[key]['p50']:.2f} / {1000 * one[key]['p95']:.2f}"
        for name, key in (("index", "index"), ("exact", "exact"), ("SQLite", "sqlite"))
    )
    return (
        f"search      {one['entries']:,} entries: p50 / p95 in ms: {times}; index over exact {one['index_over_exact']:.2f};"
        f" recall@10 {one['recall_at_10']:.3f}; built in {one['build_seconds']:.1f} s; {one['memory_mb']:.0f} MB"
    )


def _growth(found: Told) -> list[str]:
    said = [
        f"{unit:11} " + ", ".join(f"{at}: {seconds:.2f} s" for at, seconds in found[name].items())
        for name, unit in (("seconds_by_words", "words"), ("seconds_by_round", "rounds"))
        if found.get(name)
    ]
    searches = ", ".join(f"{at:,}: {1000 * seconds:.2f} ms" for at, seconds in found.get("seconds_by_entries", {}).items())
    return [*said, f"entries     {searches}"] if searches else said


def _counted(found: Told) -> str:
    return f"{found['texts']} texts, {found['runs']} runs"


_LINES = {"start": _start, "judge": _judge, "ask": _ask, "chat": _chat, "embed": _embed, "search": _search, "growth": _growth}
