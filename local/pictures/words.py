"""What a picture shows, in words kept inside of it: so a test can tell that it shows what there is now."""

import re
import struct
import zlib
from collections.abc import Iterator
from difflib import SequenceMatcher
from xml.etree import ElementTree as ET

SIGNATURE = b"\x89PNG\r\n\x1a\n"
KEYWORD = b"Description"
DIGITS = re.compile(r"\d+")


def with_words(png: bytes, words: str) -> bytes:
    """The PNG with these words as its description, before its pixels."""
    kept = [(kind, data) for kind, data in _chunks(png) if kind != b"iTXt"]
    told = (b"iTXt", KEYWORD + b"\x00\x01\x00\x00\x00" + zlib.compress(words.encode(), 9))
    return SIGNATURE + b"".join(_chunk(*each) for each in (kept[0], told, *kept[1:]))


def words_of_png(png: bytes) -> str:
    """The words that are in it; none where it has no description."""
    for kind, data in _chunks(png):
        keyword, _, rest = data.partition(b"\x00")
        if kind == b"iTXt" and keyword == KEYWORD:
            return zlib.decompress(rest[4:]).decode()
    return ""


def words_of_svg(svg: str) -> str:
    """Its text, in the order in which it stands."""
    texts = ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")  # noqa: S314 - our own file
    return " ".join("".join(each.itertext()) for each in texts)


def likeness(one: str, other: str) -> float:
    """1.0 where two texts have the same words in the same order; each number counts as any other."""
    first, second = (DIGITS.sub("0", text.replace("\xa0", " ")).split() for text in (one, other))
    return SequenceMatcher(None, first, second, autojunk=False).ratio()


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(SIGNATURE)
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        yield kind, png[at + 8 : at + 8 + length]
        at += length + 12


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
