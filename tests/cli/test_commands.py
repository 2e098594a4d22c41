import io
import json
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from coach import __version__
from coach.cli import cli, commands, main
from coach.compose import load_sample, open_journal
from coach.errors import InputError, ModelBroken, ModelError
from coach.journal.owner import alone
from coach.journal.sqlite import SqliteJournal
from coach.models.catalogue import catalogue, chat_model, embedding_model
from coach.models.store import Store
from coach.schema import Entry, PatternHead, Placing, ReviewHead
from coach.settings import Settings

WEAK = "We met on Monday at nine. I should have known that it would fail. She left."
COMMANDS = cli.list_commands(click.Context(cli))
AT = datetime(2026, 3, 15, 12, tzinfo=UTC)


def run(*arguments: str, input: str | bytes | None = None) -> Result:
    return CliRunner().invoke(cli, arguments, input=input, prog_name="coach")


def done(*arguments: str, input: str | bytes | None = None) -> str:
    """The output of a call that works."""
    result = run(*arguments, input=input)
    assert result.exit_code == 0, result.output
    return result.stdout


def keep(*entries: Entry) -> None:
    journal = SqliteJournal(Settings().journal_file)
    for entry in entries:
        head = ReviewHead(id=entry.review_id, title=entry.title, status="closed", stage="close", started_at=AT, updated_at=AT)
        journal.append(head, 0, [], entry)
    journal.close()


def entry(id: str, title: str) -> Entry:
    fields = {"situation": "It came late 🙂.", "root_cause": "No owner.", "lesson": "Name an owner.", "change": "I name one."}
    return Entry(id=id, review_id=f"r-{id}", happened_on=date(2026, 3, 10), title=title, closed_at=AT, **fields)


# -- all commands -------------------------------------------------------------------------------------------------


def test_the_commands_are_the_files_of_the_folder() -> None:
    files = {path.stem for path in Path(commands.__file__).parent.glob("*.py")}
    assert files - set(COMMANDS) == {"__init__"}
    assert {"doctor", "judge", "model", "run", "search"} <= set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_does(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert isinstance(command, click.Command)
    assert command.help
    text = done(name, "--help")
    assert f"Usage: coach {name}" in text
    assert command.help.splitlines()[0] in text
    for sub in command.commands.values() if isinstance(command, click.Group) else ():
        assert sub.help


def test_help_lists_every_command() -> None:
    text = done("-h")
    assert all(f"\n  {name} " in text for name in COMMANDS)


def test_the_version_is_the_packages() -> None:
    assert done("--version") == f"coach, version {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["no-such-command"],
        ["--no-such-option"],
        ["judge", "--question", "why", "--no-such-option", "text"],
        ["judge", "--question", "who", "text"],
        ["judge", "text without a question"],
        ["judge", "--question", "why"],
        ["search"],
        ["search", "--most", "0", "late"],
        ["search", "late", "proposal"],
        ["run", "--port", "70000"],
        ["model", "list", "--no-such-option"],
        ["doctor", "what?"],
    ],
)
def test_a_wrong_call_ends_with_2_and_shows_the_usage(arguments: list[str]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Usage: coach" in result.stderr
    assert result.stdout == ""


# -- the entry point ----------------------------------------------------------------------------------------------


def called(monkeypatch: pytest.MonkeyPatch, *arguments: str, input: bytes = b"") -> int:
    """The exit status of the real entry point."""
    monkeypatch.setattr(sys, "argv", ["coach", *arguments])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(input), encoding="utf-8"))
    with pytest.raises(SystemExit) as caught:
        main()
    return int(caught.value.code or 0)


def test_an_error_is_one_line_on_standard_error_and_ends_with_1(monkeypatch, capsys) -> None:
    assert called(monkeypatch, "judge", "--question", "why", "-", input=b"caf\xe9") == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "coach: Standard input is not UTF-8 text. Convert it, e.g. with iconv, and try again.\n"


def test_what_works_ends_with_0(monkeypatch, capsys) -> None:
    assert called(monkeypatch, "judge", "--question", "why", "-", input="I knew it would fail. Café 家".encode()) == 0
    assert "I knew it would fail." in capsys.readouterr().out


@pytest.mark.parametrize(("name", "value"), [("COACH_PORT", "many"), ("COACH_ADAPTERS", "both")])
def test_a_wrong_environment_variable_is_named(monkeypatch, capsys, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    assert called(monkeypatch, "model", "list") == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"coach: The environment variable {name} cannot be used")


# -- judge --------------------------------------------------------------------------------------------------------


def test_judge_prints_findings_that_quote_the_answer() -> None:
    verdict = json.loads(done("judge", "--question", "why", "--json", WEAK))
    assert list(verdict) == ["findings", "control"]
    assert verdict["control"] is None
    (finding,) = verdict["findings"]
    assert set(finding) == {"kind", "probability", "quote", "start", "end", "why", "question"}
    assert finding["kind"] == "hindsight"
    assert finding["quote"] == WEAK[finding["start"] : finding["end"]] == "I should have known that it would fail."
    assert 0 <= finding["probability"] <= 1


def test_quotes_are_exact_behind_signs_of_any_width() -> None:
    answer = f"🙂 naïve 家 — {WEAK}"
    (finding,) = json.loads(done("judge", "--question", "why", "--json", answer))["findings"]
    assert answer[finding["start"] : finding["end"]] == finding["quote"]


def test_a_sound_answer_has_no_findings() -> None:
    answer = "The courier's van broke down on the A4 at 09:40, and I had booked no second one."
    assert json.loads(done("judge", "--question", "why", "--json", answer)) == {"findings": [], "control": None}
    assert done("judge", "--question", "why", answer) == "Nothing found.\n"


def test_for_a_person_judge_prints_the_quote_the_reason_and_the_question() -> None:
    kind, why, question = done("judge", "--question", "why", WEAK).splitlines()
    assert kind == "hindsight  0.70  “I should have known that it would fail.”"
    assert why.startswith("  ")
    assert question.endswith("?")


def test_a_hyphen_reads_standard_input_whole() -> None:
    long = "The pump failed at noon on Tuesday. " * 3000
    from_input = done("judge", "--question", "why", "--json", "-", input=f"{WEAK}\n{long}")
    assert json.loads(from_input)["findings"][0]["quote"] == "I should have known that it would fail."


def test_the_command_can_be_named_in_full() -> None:
    assert done("judge", "text", "--question", "why", WEAK) == done("judge", "--question", "why", WEAK)


@pytest.mark.parametrize("data", [b"\xff\xfe", "naïve".encode("latin-1"), "late".encode("utf-16")])
def test_standard_input_that_is_no_utf8_is_refused(data: bytes) -> None:
    result = run("judge", "--question", "why", "-", input=data)
    assert result.exit_code == 1
    assert isinstance(result.exception, InputError)


@pytest.mark.parametrize(
    ("answer", "said"), [("ok", "too little"), ("Ich habe das von Anfang an gewusst.", "English only"), ("", "too little")]
)
def test_why_it_says_nothing_is_said_to_a_person_only(answer: str, said: str) -> None:
    assert said in done("judge", "--question", "why", answer)
    assert json.loads(done("judge", "--question", "why", "--json", answer)) == {"findings": [], "control": None}


def test_without_a_model_the_rules_judge_and_standard_error_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COACH_ADAPTERS", "real")
    result = run("judge", "--question", "why", "--json", WEAK)
    assert result.exit_code == 0
    assert [one["kind"] for one in json.loads(result.stdout)["findings"]] == ["hindsight"]
    assert result.stderr == "coach: The chat model is not here yet. Fetch it with `coach model pull`.\n"


def test_fitting_without_a_model_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COACH_ADAPTERS", "real")
    result = run("judge", "fit")
    assert result.exit_code == 1
    assert "`coach model pull`" in str(result.exception)


# -- search -------------------------------------------------------------------------------------------------------


def test_an_empty_log_has_nothing_near() -> None:
    assert done("search", "late") == "Nothing in the log is near that.\n"
    assert json.loads(done("search", "--json", "late")) == []


def test_an_entry_is_found_and_shown_with_what_was_learnt() -> None:
    keep(entry("e1", "The client proposal"))
    first, *rest = done("search", "client proposal late").splitlines()
    assert first.startswith("2026-03-10  The client proposal  (0.")
    assert rest == ["  Lesson: Name an owner.", "  Change: I name one."]


def test_found_entries_are_printed_whole_as_json() -> None:
    keep(kept := entry("e1", "The client proposal"))
    text = done("search", "--json", "client proposal")
    (row,) = json.loads(text)
    similarity = row.pop("similarity")
    assert 0.15 < similarity <= 1
    assert Entry.model_validate(row) == kept
    assert "🙂" in text


def test_the_nearest_entry_comes_first_and_most_bounds_them() -> None:
    keep(entry("e1", "The kitchen fire"), entry("e2", "The client proposal"))
    rows = json.loads(done("search", "--json", "client proposal"))
    assert rows[0]["id"] == "e2"
    assert len(json.loads(done("search", "--json", "--most", "1", "late"))) == 1


def test_without_the_embedding_model_words_are_searched_and_standard_error_says_so(monkeypatch) -> None:
    keep(entry("e1", "The client proposal"))
    monkeypatch.setenv("COACH_ADAPTERS", "real")
    result = run("search", "proposals")
    assert result.exit_code == 0
    assert result.stdout.startswith("2026-03-10  The client proposal  (words)\n")
    assert result.stderr == "coach: The embedding model is not here yet. Fetch it with `coach model pull`.\n"


def test_search_leaves_an_open_journal_alone(journal: SqliteJournal) -> None:
    keep(entry("e1", "The client proposal"))
    done("search", "proposal")
    journal.save_draft("r1", "lesson", "typed meanwhile", AT)
    assert journal.drafts("r1") == {"lesson": "typed meanwhile"}


def test_a_damaged_journal_is_said_in_one_line(monkeypatch, capsys) -> None:
    path = Settings().journal_file
    path.parent.mkdir(parents=True)
    path.write_text("no journal " * 500, encoding="utf-8")
    assert called(monkeypatch, "search", "late") == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"coach: {path} is not a journal, or damaged")


# -- model --------------------------------------------------------------------------------------------------------


@pytest.fixture
def put() -> Callable[[bytes], None]:
    """Puts a file where the chat model belongs."""

    def put_it(data: bytes) -> None:
        path = Store(Settings()).path(chat_model())
        path.parent.mkdir(parents=True)
        path.write_bytes(data)

    return put_it


def test_the_models_are_listed_as_json(put) -> None:
    rows = json.loads(done("model", "list", "--json"))
    assert [row["name"] for row in rows] == [model.name for model in catalogue()]
    assert all(set(row) == {"name", "role", "bytes", "memory", "licence", "here"} for row in rows)
    assert not any(row["here"] for row in rows)
    put(b"any")
    assert [row["name"] for row in json.loads(done("model", "list", "--json")) if row["here"]] == [chat_model().name]


def test_the_models_are_listed_a_line_each(put) -> None:
    put(b"any")
    lines = done("model", "list").splitlines()
    assert len(lines) == len(catalogue())
    for line, model in zip(lines, catalogue(), strict=True):
        assert line.startswith(model.name)
        assert line.endswith(" not here" if model != chat_model() else " here")


def test_verify_names_the_model_that_is_another_file(put) -> None:
    assert done("model", "verify") == "".join(f"{model.name}: not here.\n" for model in catalogue())
    put(b"an error page")
    result = run("model", "verify")
    assert result.exit_code == 1
    assert f"{chat_model().name}: not the file it should be." in result.stdout
    assert isinstance(result.exception, ModelBroken)
    assert f"`coach model pull {chat_model().name}`" in str(result.exception)


def test_an_unknown_model_is_not_fetched() -> None:
    result = run("model", "pull", "gpt-5")
    assert result.exit_code == 1
    assert isinstance(result.exception, InputError)
    assert chat_model().name in str(result.exception)


@pytest.fixture
def preparing(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All models are here, and nothing is prepared yet; what preparing does is noted, and is told to fail by a word in it."""
    did: list[str] = []

    def prepare(settings: Settings, progress: Callable[[int, int], None]) -> None:
        progress(0, 13)
        if "interrupt" in did:
            raise KeyboardInterrupt
        if "fail" in did:
            raise ModelError("There is too little memory.")
        did.append("prepared")

    monkeypatch.setattr("coach.cli.commands.model._is_whole", lambda store, model: True)
    monkeypatch.setattr("coach.prepared.is_prepared", lambda settings: "prepared" in did)
    monkeypatch.setattr("coach.prepared.prepare_prompts", prepare)
    return did


def test_pull_prepares_the_questions_once(preparing: list[str]) -> None:
    first = run("model", "pull", "--quiet")
    assert (first.exit_code, first.stdout, preparing) == (0, "", ["prepared"])
    assert "Preparing the coach's questions" in first.stderr
    again = run("model", "pull", "--quiet")
    assert (again.exit_code, again.output, preparing) == (0, "", ["prepared"])


def test_of_named_models_the_one_in_use_alone_has_questions_prepared(
    preparing: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    done("model", "pull", embedding_model().name)
    assert preparing == []
    monkeypatch.setenv("COACH_MODEL", str(tmp_path / "own.gguf"))
    done("model", "pull", chat_model().name)
    assert preparing == []
    monkeypatch.delenv("COACH_MODEL")
    done("model", "pull", chat_model().name)
    assert preparing == ["prepared"]


def test_what_cannot_be_prepared_is_a_line_and_no_error(preparing: list[str]) -> None:
    preparing.append("fail")
    result = run("model", "pull", "--quiet")
    assert result.exit_code == 0
    assert result.stderr.splitlines()[-1].startswith("The coach's questions are not prepared: There is too little memory.")


def test_an_interrupt_while_questions_are_prepared_leaves_the_rest_to_the_app(preparing: list[str]) -> None:
    preparing.append("interrupt")
    result = run("model", "pull", "--quiet")
    assert result.exit_code == 0
    assert result.stderr.splitlines()[-1] == "Coach prepares the rest of its questions when it is opened."


# -- doctor -------------------------------------------------------------------------------------------------------


def looked_at() -> dict[str, tuple[bool, str]]:
    result = run("doctor", "--json")
    lines = json.loads(result.stdout)
    assert all(set(line) == {"what", "fine", "detail"} for line in lines)
    assert result.exit_code == (0 if all(line["fine"] for line in lines) else 1)
    return {line["what"]: (line["fine"], line["detail"]) for line in lines}


def test_doctor_says_what_is_there_and_how_to_get_what_is_missing() -> None:
    lines = looked_at()
    for what in ("Python", "llama-cpp-python", "chromadb", "streamlit", "pydantic", "prompts", "journal"):
        assert lines[what][0], what
    for what in ("chat model", "judge's heads", "tendency view", "embedding model"):
        assert lines[what][0] is False
        assert "`coach model pull`" in lines[what][1]
    assert lines["data folder"] == (True, str(Settings().data))
    assert not Settings().journal_file.exists(), "looking makes no journal"


def test_doctor_counts_the_entries() -> None:
    keep(entry("e1", "The client proposal"))
    assert looked_at()["journal"] == (True, f"{Settings().journal_file}, 1 entries")


def test_doctor_says_that_a_journal_is_damaged() -> None:
    path = Settings().journal_file
    path.parent.mkdir(parents=True)
    path.write_text("no journal " * 500, encoding="utf-8")
    fine, detail = looked_at()["journal"]
    assert not fine
    assert "damaged" in detail


def test_for_a_person_doctor_prints_a_line_each() -> None:
    result = run("doctor")
    assert result.exit_code == 1
    starts = {line.split()[0] for line in result.stdout.splitlines()}
    assert starts == {"ok", "MISSING"}
    assert len(result.stdout.splitlines()) == len(looked_at())


# -- searching with filters, and importing ------------------------------------------------------------------------

REPORT = {
    "id": "safenet-0001",
    "year": "2006",
    "text": "The radio was silent.",
    "contributing_factors": ["Communications"],
    "human_factors": [],
    "action_taken": "We bought radios.",
}


def test_filters_hold_together_with_words_and_alone() -> None:
    keep(
        entry("e1", "The tender").model_copy(update={"tags": ("work",)}),
        entry("e2", "The tender").model_copy(update={"happened_on": date(2026, 1, 1)}),
    )
    assert [row["id"] for row in json.loads(done("search", "tender", "--since", "2026-02-01", "--json"))] == ["e1"]
    assert [row["id"] for row in json.loads(done("search", "--until", "2026-02-01", "--json"))] == ["e2"]
    assert [row["id"] for row in json.loads(done("search", "tender", "--tag", "WORK", "--json"))] == ["e1"]
    assert json.loads(done("search", "tender", "--status", "kept", "--json")) == []
    assert json.loads(done("search", "tender", "--control", "full", "--json")) == []


def test_a_pattern_is_found_by_its_name_or_the_beginning_of_it(journal: SqliteJournal) -> None:
    keep(entry("e1", "The tender"), entry("e2", "The tender"))
    journal.save_pattern(PatternHead(id="p", name="Saying yes"), [Placing(entry_id="e1", pattern_id="p")])
    for name in ("saying YES", "say"):
        assert [row["id"] for row in json.loads(done("search", "--tendency", name, "--json"))] == ["e1"]
    journal.save_pattern(PatternHead(id="q", name="Saying no"))
    for name, said in (("none such", "No pattern is called so"), ("say", "More than one pattern begins so")):
        result = run("search", "--tendency", name)
        assert isinstance(result.exception, InputError)
        assert said in str(result.exception)
        assert "“Saying yes”" in str(result.exception)


def test_reports_are_imported_once_and_found(tmp_path: Path) -> None:
    path = tmp_path / "reports.jsonl"
    path.write_text(json.dumps(REPORT) + "\n{\n", encoding="utf-8")
    said = done("import", str(path))
    assert "reports.jsonl: 1 new, 0 there before." in said
    assert "2006-07-01  The radio was silent" in said
    assert "skipped line 2: not JSON" in said
    report = json.loads(done("import", "--json", str(path)))
    assert report == {str(path): {"added": 0, "known": 1, "undated": 0, "skipped": [{"where": "line 2", "reason": "not JSON"}]}}
    assert "The radio was silent" in done("search", "radio")


def test_nothing_is_imported_when_one_of_the_files_cannot_be(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.jsonl", tmp_path / "bad.jsonl"
    good.write_text(json.dumps(REPORT), encoding="utf-8")
    bad.write_text("hello", encoding="utf-8")
    assert isinstance(run("import", str(good), str(bad)).exception, InputError)
    assert json.loads(done("search", "radio", "--json")) == []


# -- copies -------------------------------------------------------------------------------------------------------


def test_the_journal_is_copied_listed_and_put_back(tmp_path: Path) -> None:
    keep(entry("e1", "The tender"))
    assert "Copied to" in done("backup")
    assert "Copied to" in done("backup", str(tmp_path / "mine.db"))
    keep(entry("e2", "The kitchen"))
    assert "asked-" in done("backup", "--list")
    assert "What was there before is in" in done("restore", str(tmp_path / "mine.db"))
    assert [row["id"] for row in json.loads(done("search", "--since", "2026-01-01", "--json"))] == ["e1"]


def test_a_copy_overwrites_nothing_and_needs_a_journal(tmp_path: Path) -> None:
    assert "no journal yet" in str(run("backup").exception)
    keep(entry("e1", "The tender"))
    (tmp_path / "mine.db").write_text("mine", encoding="utf-8")
    assert "there already" in str(run("backup", str(tmp_path / "mine.db")).exception)
    assert "not a journal" in str(run("restore", str(tmp_path / "mine.db")).exception)


def test_nothing_is_put_back_while_the_app_is_open(tmp_path: Path) -> None:
    keep(entry("e1", "The tender"))
    done("backup", str(tmp_path / "mine.db"))
    with alone(Settings().data):
        assert "Coach is open. Close it first" in str(run("restore", str(tmp_path / "mine.db")).exception)


# -- exporting ----------------------------------------------------------------------------------------------------


def test_a_preview_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "reports.jsonl"
    path.write_text(json.dumps(REPORT), encoding="utf-8")
    assert "1 new" in done("import", "--preview", str(path))
    assert json.loads(done("import", "--preview", "--json", str(path)))[str(path)]["added"] == 1
    assert "1 new" in done("import", str(path))


def test_a_person_is_asked_before_anything_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "reports.jsonl"
    path.write_text(json.dumps(REPORT), encoding="utf-8")
    monkeypatch.setattr("coach.cli.commands.import._someone_is_there", lambda: True)
    assert "Import 1 into your log?" in done("import", str(path), input="n\n")
    assert "1 new" in done("import", "--preview", str(path))
    done("import", str(path), input="y\n")
    assert "0 new, 1 there before" in done("import", "--preview", str(path))


def test_a_tables_columns_are_named_on_the_line(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("Quand,Texte\n2026-03-05,Il pleuvait.\n", encoding="utf-8")
    assert "Name one: --column situation=COLUMN" in str(run("import", str(path)).exception)
    assert "FIELD=COLUMN" in str(run("import", "--column", "situation", str(path)).exception)
    said = done("import", "--column", "situation=Texte", "--column", "happened_on=Quand", str(path))
    assert "situation: from the column Texte" in said
    assert "2026-03-05  Il pleuvait" in said


def test_the_sample_is_two_years_kept_apart(tmp_path: Path) -> None:
    keep(entry("mine", "The tender"))
    settings = Settings(data=tmp_path / "sample")
    load_sample(settings)
    with open_journal(settings) as journal:
        first = journal.entries()
        assert len(first) >= 45
        assert (first[0].happened_on - first[-1].happened_on).days > 600
        assert len(journal.patterns()) == 5
        assert len(journal.period_reviews()) == 4
        assert journal.all_check_ins()
    load_sample(settings)
    with open_journal(settings) as journal:
        assert journal.entries() == first, "a second start changes nothing"
    with open_journal(Settings()) as journal:
        assert [one.id for one in journal.entries()] == ["mine"]


@pytest.mark.parametrize("kind", ["markdown", "json", "html"])
def test_the_log_is_exported_and_nothing_is_overwritten(tmp_path: Path, kind: str) -> None:
    keep(entry("e1", "The tender"))
    target = tmp_path / ("log" if kind == "markdown" else f"log.{kind}")
    assert "1 entries are in" in done("export", "--as", kind, str(target))
    assert target.exists()
    assert "there already" in str(run("export", "--as", kind, str(target)).exception)


def test_what_was_exported_is_imported_by_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(entry("e1", "The tender"))
    done("export", str(tmp_path / "log"))
    monkeypatch.setenv("COACH_DATA", str(tmp_path / "another"))
    assert "log: 1 new" in done("import", str(tmp_path / "log"))
    assert "Lesson: Name an owner." in done("search", "tender")
