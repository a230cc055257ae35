"""Packed bodies: gzip and deflate, unpacked piece by piece within a limit."""

from __future__ import annotations

import zlib

ENCODINGS = frozenset({"gzip", "x-gzip", "deflate"})
"""The content encodings that `Unpacker` reads."""

_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32


class DamagedBody(Exception):  # noqa: N818  # internal: the transport turns it into APIConnectionError
    """What came is not, or not all of, a packed body."""


class Unpacker:
    """Unpacks one body. It tells a body that ends too early, which would else pass for a shorter one."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(_GZIP_OR_ZLIB)
        self._begun = False

    def feed(self, packed: bytes, most: int) -> bytes:
        """Unpack the next piece.

        Args:
            packed: The piece.
            most: Bytes after which it stops, so that a few bytes cannot fill the memory.

        Raises:
            DamagedBody: The bytes are not packed that way.
        """
        unpacked = b""
        try:
            while packed and len(unpacked) < most:
                if self._stream.eof:  # a body may be several packed parts in a row
                    self._stream = zlib.decompressobj(_GZIP_OR_ZLIB)
                unpacked += self._stream.decompress(packed, most - len(unpacked))
                packed = self._stream.unused_data
                self._begun = True
        except zlib.error as error:
            raise DamagedBody(str(error)) from error
        return unpacked

    def finish(self) -> None:
        """Check that the body is whole.

        Raises:
            DamagedBody: Its end is missing.
        """
        if self._begun and not self._stream.eof:
            raise DamagedBody("the packed body ends too early")
