"""Your data: bringing entries in with a look at them first, taking everything out, and the copies that are kept."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.uploaded_file_manager import UploadedFile

from coach.errors import CoachError
from coach.exporters import exporters
from coach.flow.exporting import whole_log
from coach.flow.importing import Plan, Taken, bring_in, plan_of
from coach.importers import table
from coach.ui import protection, state, text
from coach.workshop import Workshop

_TYPES = ["json", "jsonl", "csv", "tsv", "md", "markdown", "txt", "zip"]
_SHOWN, _SKIPPED_SHOWN = 5, 20
_MOST_NAME = 240  # bytes; file systems take 255
_AS_NAMED = "as the names say"


def show() -> None:
    """Draw the page."""
    with st.container(key="alone"):
        st.header("Your data", anchor=False)
        text.note(f"Everything is in one folder of this machine: {state.workshop().settings.data}")
        _take_out()
        _bring_in()
        _copies()
        protection.show()


# -- out -----------------------------------------------------------------------------------------------------


def _take_out() -> None:
    st.subheader("Take it with you", anchor=False)
    text.note(
        "Markdown opens in Obsidian and any other reader of notes. JSON is everything, with every answer of every review. Both can"
        " be brought in again and give the same log. The page is for printing."
    )
    with st.container(horizontal=True):
        for kind, module in exporters().items():
            suffix = module.SUFFIX or ".zip"
            name = f"coach-{state.workshop().clock.now():%Y-%m-%d}{suffix}"
            st.download_button(
                f"{module.NAME[0].upper()}{module.NAME[1:]}", partial(_exported, state.workshop(), kind), name, key=f"export-{kind}"
            )


def _exported(shop: Workshop, kind: str) -> bytes:
    """The whole log in a format; a folder becomes an archive."""
    module = exporters()[kind]
    with shop.passing() as folder:
        target = folder / f"log{module.SUFFIX}"
        module.write(whole_log(shop.journal), target)
        if target.is_file():
            return target.read_bytes()
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(target.iterdir()):
                archive.write(path, path.name)
        return packed.getvalue()


# -- in ------------------------------------------------------------------------------------------------------


def _bring_in() -> None:
    st.subheader("Bring entries in", anchor=False)
    text.note(
        "Coach's own exports, Markdown notes (several at once, or packed as a zip), Day One's export, and tables in CSV. You see"
        " what would come in before anything is written; what came in before is not brought in twice."
    )
    round_ = st.session_state.setdefault("bring-round", 0)  # a new key empties the box
    files = st.file_uploader("Files", type=_TYPES, accept_multiple_files=True, key=f"bring-{round_}", label_visibility="collapsed")
    if st.session_state.get("brought"):
        text.note(st.session_state["brought"])
    if not files:
        return
    st.session_state.pop("brought", None)
    try:
        plans = _plans(files, round_)
    except CoachError as exc:
        text.note(str(exc))
        return
    except OSError as exc:
        text.note(f"The files could not be put down to be read ({exc.strerror}). Make room on the disk, and choose them again.")
        return
    for number, plan in enumerate(plans):
        _preview(plan, number)
    count = sum(plan.added for plan in plans)
    if count and st.button(f"Bring {count} into the log", type="primary", key="bring-now"):
        _write(plans)


def _plans(files: Sequence[UploadedFile], round_: int) -> list[Plan]:
    """What each file would bring; notes count as one folder. Nothing stays on the disk. Raises InputError."""
    journal, taken = state.workshop().journal, Taken()
    with state.workshop().passing() as folder:
        places: dict[Path, None] = {}
        for number, file in enumerate(files):
            is_note = Path(file.name).suffix.lower() in (".md", ".markdown", ".txt")
            together = is_note and len(files) > 1
            place = folder / "notes" / str(number) if together else folder / str(number)
            place.mkdir(parents=True)
            path = place / file_name(file.name)
            path.write_bytes(file.getvalue())
            places[folder / "notes" if together else path] = None
        return [plan_of(journal, path, _columns(path, f"{at}-{round_}"), taken) for at, path in enumerate(places)]


def file_name(told: str) -> str:
    """The name that a browser gives for a file, as a name that a file can have; the same for all that can, since notes are told
    apart by it.

    >>> file_name("../../a.md"), file_name(".."), len(file_name("é" * 300 + ".md"))
    ('a.md', 'file', 103)
    """
    name = Path(told.encode("utf-8", "replace").decode().replace("\0", "")).name
    if len(name.encode()) > _MOST_NAME:
        name = name.encode()[: _MOST_NAME - 40].decode("utf-8", "ignore") + Path(name).suffix[:10]
    return name if name not in ("", ".", "..") else "file"


def _columns(path: Path, place: str) -> Mapping[str, str]:
    """For a table: the columns that the person chose, where those that were taken by their names are not right."""
    if not table.recognises(path):
        return {}
    names = table.load(path).columns
    with st.expander(f"Columns of {text.label(path.name)}", expanded=not table.matched(names, {}).keys() & {"situation", "title"}):
        picks = {
            field: st.selectbox(
                field.replace("_", " ").capitalize(), [_AS_NAMED, *names], key=f"column-{field}-{path.name}-{place}"
            )
            for field in table.FIELDS
        }
    return {field: name for field, name in picks.items() if name and name != _AS_NAMED}


def _preview(plan: Plan, number: int) -> None:
    with st.container(key=f"card-plan-{number}"):
        text.note(f"{plan.format_title}: {plan.added} new, {plan.known} there before.")
        if plan.undated:
            text.note(f"{plan.undated} have no date of their own and would carry today's.")
        for line in plan.columns:
            text.note(line)
        for day, title in plan.sample(_SHOWN):
            text.words(f"{text.day(day) if day else 'Today'}  ·  {title}", size="small")
        if len(plan.new) > _SHOWN:
            text.note(f"and {len(plan.new) - _SHOWN} more.")
        for one in plan.skipped[:_SKIPPED_SHOWN]:
            text.note(f"Skipped {one.where}: {one.reason}.")
        if len(plan.skipped) > _SKIPPED_SHOWN:
            text.note(f"and {len(plan.skipped) - _SKIPPED_SHOWN} more skipped.")


def _write(plans: Sequence[Plan]) -> None:
    shop, count = state.workshop(), 0
    bar = st.progress(0.0, "Bringing them in…")
    for plan in plans:
        bring_in(shop.journal, shop.clock, plan, partial(_show_progress, bar))
        count += plan.added
    shop.read_what_is_new()
    st.session_state["brought"] = f"{count} are in the log. They are read for meaning and for the habit behind while you go on."
    st.session_state["bring-round"] += 1
    st.rerun()


def _show_progress(bar: DeltaGenerator, done: int, total: int) -> None:
    state.door().touch()  # the person waits for it
    bar.progress(done / max(total, 1), "Bringing them in…")


# -- copies --------------------------------------------------------------------------------------------------


def _copies() -> None:
    st.subheader("Copies", anchor=False)
    shop = state.workshop()
    found = shop.copies()
    text.note(
        "Once a day, and before each change of the journal's format, a copy of the journal is made; seven are kept. What you erase"
        " is erased from them too. To put one back, close the app and call: coach restore NAME"
    )
    for path in reversed(found[-8:]):
        text.note(f"{path.name}, {path.stat().st_size / 1e6:.1f} MB")
    if st.button("Make a copy now", key="copy-now"):
        try:
            shop.copy_now()
        except CoachError as exc:
            text.note(str(exc))
            return
        st.rerun()
