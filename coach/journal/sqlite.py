"""The journal in one SQLite file, put together from its parts: the file itself, reviews, the log, patterns and periods."""

from coach.journal.file import VERSION
from coach.journal.kept import KeptTables
from coach.journal.log import LogTables
from coach.journal.pages import PageTables
from coach.journal.patterns import PatternTables
from coach.journal.periods import PeriodTables
from coach.journal.reviews import ReviewTables

__all__ = ["VERSION", "SqliteJournal"]


class SqliteJournal(ReviewTables, LogTables, PageTables, PatternTables, PeriodTables, KeptTables):
    """The journal of one person."""
