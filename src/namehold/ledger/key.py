"""The ledger's key: what proves an approval, and what seals a name that is still open.

    key = LedgerKey.parse(text)
    mac = key.authenticate(line)
    assert key.unseal(key.seal(b"acme-tol", place=previous)) == b"acme-tol"

Three keys are derived from the one that people keep, so that no use of one says anything about another: BLAKE2b with
the secret as its key and the use as its personalization (RFC 7693, as libsodium derives keys). The MAC is keyed
BLAKE2b; the box is libsodium's secretbox (XSalsa20 and Poly1305).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b64decode
from typing import Final

import msgspec
from nacl.bindings import sodium_pad, sodium_unpad
from nacl.encoding import Base64Encoder
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from namehold.errors import CredentialError
from namehold.ledger.sealing import BLOCK_BYTES

#: Bytes of the key, and of each derived one.
KEY_BYTES: Final = 32

_FORM: Final = re.compile(r"[0-9A-Fa-f]{64}")


class LedgerKey:
    """A key of 32 bytes. Its text is 64 hexadecimal digits; only `reveal` gives it."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_BYTES:
            raise CredentialError(f"a ledger's key has {KEY_BYTES} bytes")
        self._secret = secret
        self._mac, self._nonce = self._derive(b"namehold mac"), self._derive(b"namehold nonce")
        self._box = SecretBox(self._derive(b"namehold seal"))

    @staticmethod
    def is_text(text: str) -> bool:
        """Whether `text` is a key's, in small or capital letters; white space around it doesn't count."""
        return _FORM.fullmatch(text.strip()) is not None

    @classmethod
    def parse(cls, text: str) -> LedgerKey:
        """The key whose text this is (`is_text`). Raises CredentialError for anything else."""
        if not cls.is_text(text):
            raise CredentialError(
                "this is no key of a ledger", fix="it is one line of 64 hexadecimal digits: namehold key show"
            )
        return cls(bytes.fromhex(text.strip()))

    def reveal(self) -> str:
        """The key's text, for those who keep it."""
        return self._secret.hex()

    def authenticate(self, content: bytes) -> str:
        """The MAC of `content`: 64 hexadecimal digits."""
        return hashlib.blake2b(content, key=self._mac, digest_size=32).hexdigest()

    def is_authentic(self, content: bytes, mac: str) -> bool:
        """Whether a holder of this key wrote `mac` for `content`."""
        return hmac.compare_digest(self.authenticate(content).encode(), mac.encode())

    def seal(self, content: bytes, *, place: str) -> str:
        """`content` for the key's holders alone, as base64.

        `place` is unique in a ledger. The nonce is made from place and content: two texts never share one, and the same
        line is always written the same.
        """
        nonce = hashlib.blake2b(
            place.encode() + b"\n" + content, key=self._nonce, digest_size=SecretBox.NONCE_SIZE
        ).digest()
        return self._box.encrypt(sodium_pad(content, BLOCK_BYTES), nonce, encoder=Base64Encoder).decode("ascii")

    def unseal(self, text: str) -> bytes | None:
        """What was sealed; None if it isn't sealed, or by another key."""
        try:
            return sodium_unpad(self._box.decrypt(_read_base64(text)), BLOCK_BYTES)
        except (CryptoError, ValueError):
            return None

    def _derive(self, use: bytes) -> bytes:
        return hashlib.blake2b(key=self._secret, person=use, digest_size=KEY_BYTES).digest()


def _read_base64(text: str) -> bytes:
    """As Python's `b64decode`, which takes twice the time. Raises ValueError."""
    try:
        return msgspec.convert(text, bytes)
    except msgspec.ValidationError:
        return b64decode(text.encode())
