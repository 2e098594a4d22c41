"""The vault's key: made of a passphrase by scrypt, a function that is slow and needs much memory, so that guessing is dear.

An encrypted journal begins with its salt, 16 random bytes; all else about the derivation is fixed here. So each copy of a journal
can be opened with its passphrase alone, and there is no file of keys that could be lost.
"""

import hashlib
import secrets
import unicodedata
from dataclasses import dataclass
from pathlib import Path

_SALT_BYTES = 16
_KEY_BYTES = 32
_COST, _BLOCK, _LANES = 1 << 17, 8, 1
"""128 MiB and half a second on one core: OWASP's first choice for scrypt (Password Storage Cheat Sheet)."""

_PLAIN = b"SQLite format 3\0"
FEWEST_CHARACTERS = 8


@dataclass(frozen=True, repr=False)
class Key:
    """What encrypts a journal. It has no printed form."""

    secret: bytes
    salt: bytes

    @property
    def literal(self) -> str:
        """As SQLCipher reads it: the raw key and the file's salt."""
        return f"x'{self.secret.hex()}{self.salt.hex()}'"


def new_key(passphrase: str) -> Key:
    """A key with a fresh salt, for a journal that is about to be encrypted."""
    salt = secrets.token_bytes(_SALT_BYTES)
    return key_with(passphrase, salt) if not _is_text(salt) else new_key(passphrase)


def key_of(path: Path, passphrase: str) -> Key:
    """The key that a passphrase makes for an encrypted journal; whether it is the right one shows when it is opened.

    Not for one that this process has open: closing a file lets go of all locks that the process has on it.
    """
    with path.open("rb") as file:
        return key_with(passphrase, file.read(_SALT_BYTES))


def is_encrypted(path: Path) -> bool:
    """Whether the file looks like an encrypted journal: it begins neither as SQLite's do nor as a text does.

    Not for one that this process has open: closing a file lets go of all locks that the process has on it.
    """
    try:
        with path.open("rb") as file:
            start = file.read(_SALT_BYTES)
    except OSError:
        return False
    return len(start) == _SALT_BYTES and start != _PLAIN and not _is_text(start)


def _is_text(start: bytes) -> bool:
    return all(32 <= byte < 127 or byte in b"\t\r\n" for byte in start)


def key_with(passphrase: str, salt: bytes) -> Key:
    """The key that a passphrase makes with a salt.

    The same letters make the same key on every keyboard: composed and decomposed ones are one.
    """
    words = unicodedata.normalize("NFKC", passphrase).encode("utf-8", "surrogatepass")
    most = 256 * _COST * _BLOCK  # twice what it needs; OpenSSL's own bound is too low
    secret = hashlib.scrypt(words, salt=salt, n=_COST, r=_BLOCK, p=_LANES, maxmem=most, dklen=_KEY_BYTES)
    return Key(secret, salt)
