"""Every error that the project raises on purpose.

::

    CoachError                 a person reads its text: what is wrong, about which file or field, what to do
     +-- SettingsError         a setting or an environment variable cannot be used
     +-- InputError            what the person or a script gave cannot be used
     +-- PromptError           a file in prompts/ is broken
     +-- ModelError            the language or embedding model
     |    +-- ModelMissing     its file is not there: the app works on without it
     |    +-- ModelBroken      its file is there but cannot be loaded, or is not the file that was meant
     |    +-- ModelCrashed     its process ended or hangs; it is started again at the next question
     |    +-- FetchError       it could not be downloaded
     +-- HeadsMissing          the judge has no fitted heads for this model
     +-- JournalError          the journal (SQLite)
     |    +-- Conflict         another window wrote to the same review first
     |    +-- NotFound         no such review or entry
     |    +-- JournalLocked    encrypted, and the passphrase is missing or wrong; or closed meanwhile
     |    +-- JournalTooNew    written by a newer version of this program
     +-- IndexUnavailable      the vector index (Chroma) is held by another process, or broken

    GivenUp                    no error: what was asked of the model is not wanted any more, since the person has gone on

The text of these errors is shown to the person as it stands, so it never holds what they wrote.
"""


class CoachError(Exception):
    """Base of all errors with a text meant for the person at the keyboard."""


class SettingsError(CoachError):
    """A setting cannot be used."""


class InputError(CoachError):
    """What was given on the command line or in a form cannot be used."""


class PromptError(CoachError):
    """A file in ``prompts/`` is broken."""


class ModelError(CoachError):
    """Something about a model's file or its run."""


class ModelMissing(ModelError):
    """The model's file is not there."""


class ModelBroken(ModelError):
    """The model's file cannot be loaded, or is another file than the one meant."""


class ModelCrashed(ModelError):
    """The process that the models run in ended on its own, or did not answer and was ended."""


class FetchError(ModelError):
    """A model could not be downloaded."""


class HeadsMissing(CoachError):
    """No fitted heads for the model in use; the rules still work."""


class JournalError(CoachError):
    """The journal cannot be read or written."""


class Conflict(JournalError):
    """The review has moved on in another window."""


class NotFound(JournalError):
    """No such review or entry."""


class JournalLocked(JournalError):
    """The journal is encrypted and its passphrase is missing or wrong, or it was locked meanwhile."""


class JournalTooNew(JournalError):
    """The journal was written by a newer version."""


class IndexUnavailable(CoachError):
    """The vector index cannot be opened now."""


class GivenUp(Exception):
    """What was asked of the model was given up, because the person has acted or gone. No error: nobody is told."""
