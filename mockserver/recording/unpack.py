"""Answers that come packed though none was asked to be: unpacked while they come in."""

import zlib
from typing import Protocol

_ANY_HEADER = zlib.MAX_WBITS | 32
"""zlib finds out whether it is gzip's header or its own."""


class UnknownEncoding(Exception):
    """An answer is packed in a way that the recorder cannot unpack; the message names it."""


class Unpacker(Protocol):
    """Takes the packed bytes as they come."""

    def unpack(self, data: bytes) -> bytes:
        """What they say, as far as it can be told by now.

        Raises:
            zlib.error: they are not what the encoding says.
        """


def unpacker(encoding: str) -> Unpacker:
    """What unpacks an answer with this `content-encoding`.

    Raises:
        UnknownEncoding: it is none of gzip and deflate.
    """
    match encoding.strip().lower():
        case "" | "identity":
            return _Plain()
        case "gzip" | "x-gzip" | "deflate":
            return _Zlib()
    raise UnknownEncoding(
        f"the upstream packed its answer as {encoding!r} though it was asked not to; gzip and deflate can be unpacked"
    )


class _Plain:
    def unpack(self, data: bytes) -> bytes:
        return data


class _Zlib:
    """Both gzip and deflate; some services send deflate without its header."""

    def __init__(self) -> None:
        self._rest = zlib.decompressobj(_ANY_HEADER)
        self._begun = False

    def unpack(self, data: bytes) -> bytes:
        if self._begun:
            return self._unpacked(data)
        self._begun = bool(data)
        try:
            return self._unpacked(data)
        except zlib.error:
            self._rest = zlib.decompressobj(-zlib.MAX_WBITS)
            return self._unpacked(data)

    def _unpacked(self, data: bytes) -> bytes:
        found = b""
        while data:
            found += self._rest.decompress(data)
            data = self._rest.unused_data
            if data:
                self._rest = zlib.decompressobj(_ANY_HEADER)
        return found
