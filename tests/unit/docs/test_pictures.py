"""The pictures of README and docs: each is there, small, shown somewhere, and says in words what it shows."""

import re

import pytest

from local.aws.template import ROOT
from local.pictures.__main__ import FOLDER, SESSION
from local.pictures.board import PICTURES
from local.pictures.words import SIGNATURE, likeness, with_words, words_of_png, words_of_svg

PAGES = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
LINK = re.compile(r"!\[([^\]]+)\]\(((?:docs/)?pictures/[^)]+)\)")
MOST_BYTES = 300 * 1024


def test_every_picture_is_shown_with_what_it_shows_and_no_other_is_there() -> None:
    shown = {
        (page.parent / path).resolve(): words
        for page in PAGES
        for words, path in LINK.findall(page.read_text("utf-8"))
    }
    assert set(shown) == {FOLDER / f"{each.name}.png" for each in PICTURES} | {FOLDER / SESSION}
    assert set(FOLDER.iterdir()) == set(shown)
    assert all(len(words) > 20 for words in shown.values()), "for whoever does not see it"


@pytest.mark.parametrize("name", [each.name for each in PICTURES])
def test_a_picture_of_the_board_is_small_and_has_its_words_in_it(name: str) -> None:
    png = (FOLDER / f"{name}.png").read_bytes()
    assert png.startswith(SIGNATURE)
    assert len(png) < MOST_BYTES
    assert len(words_of_png(png).split()) > 10


def test_the_session_loads_nothing_from_elsewhere() -> None:
    svg = (FOLDER / SESSION).read_text("utf-8")
    assert "url(http" not in svg
    assert "href" not in svg
    assert "differential list" in words_of_svg(svg).replace("\xa0", " ")


def test_words_stay_in_a_picture_and_are_replaced_by_new_ones() -> None:
    png = (FOLDER / "board-empty.png").read_bytes()
    once = with_words(png, "Größe 1")
    assert words_of_png(once) == "Größe 1"
    assert with_words(with_words(once, "other"), "Größe 1") == once


def test_texts_are_alike_but_for_their_numbers() -> None:
    assert likeness("as of 19:01, 3 tickets", "as of 20:55, 12 tickets") == 1.0
    assert likeness("as of 19:01, 3 tickets", "nothing at all") < 0.5
