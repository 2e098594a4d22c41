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
_PAGE = 4096  # bytes, SQLCipher's own
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
    return _derived(passphrase, secrets.token_bytes(_SALT_BYTES))


def key_of(path: Path, passphrase: str) -> Key:
    """The key that a passphrase makes for an encrypted journal; whether it is the right one shows when it is opened."""
    with path.open("rb") as file:
        return _derived(passphrase, file.read(_SALT_BYTES))


def is_encrypted(path: Path) -> bool:
    """Whether the file looks like an encrypted journal: whole pages that do not begin as SQLite's do."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(_SALT_BYTES)
    except OSError:
        return False
    return size >= _PAGE and size % _PAGE == 0 and start != _PLAIN


def _derived(passphrase: str, salt: bytes) -> Key:
    """The same letters make the same key on every keyboard: composed and decomposed ones are one."""
    words = unicodedata.normalize("NFKC", passphrase).encode("utf-8", "surrogatepass")
    most = 256 * _COST * _BLOCK  # twice what it needs; OpenSSL's own bound is too low
    secret = hashlib.scrypt(words, salt=salt, n=_COST, r=_BLOCK, p=_LANES, maxmem=most, dklen=_KEY_BYTES)
    return Key(secret, salt)
