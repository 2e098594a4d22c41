"""The journal in one SQLite file, put together from its parts: the file itself, reviews, the log, and patterns."""

from coach.journal.file import VERSION
from coach.journal.log import LogTables
from coach.journal.pages import PageTables
from coach.journal.patterns import PatternTables
from coach.journal.reviews import ReviewTables

__all__ = ["VERSION", "SqliteJournal"]


class SqliteJournal(ReviewTables, LogTables, PageTables, PatternTables):
    """The journal of one person."""
