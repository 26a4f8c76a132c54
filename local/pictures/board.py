"""The board's pictures, and how the page is driven for them: each is of the widget without the page."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, Locator, Page

from local.pictures.words import with_words

WIDTH, HEIGHT = 880, 1130
"""CSS pixels of the widget: two thirds of a dashboard, and no more of its length than stands out."""
SCALE = 1.5
MOST_MILLISECONDS = 15_000
LIGHT, DARK = "light", "dark"


@contextmanager
def opened(browser: Browser, url: str, theme: str, width: int) -> Iterator[Page]:
    """The page of `make board` with its widget loaded; times are UTC, whatever this machine's are."""
    page = browser.new_page(
        viewport={"width": width + 60, "height": 1200},
        device_scale_factor=SCALE,
        timezone_id="UTC",
        locale="en-GB",
    )
    page.set_default_timeout(MOST_MILLISECONDS)
    try:
        page.goto(f"{url}?theme={theme}&width={width}")
        settled(page)
        yield page
    finally:
        page.close()


def widget(page: Page) -> Locator:
    return page.locator("#content")


def settled(page: Page) -> None:
    """Until nothing is being loaded."""
    page.locator("#content[aria-busy=false]").wait_for()


def press(page: Page, name: str) -> None:
    """Press the first button that is called so, and wait for what comes of it."""
    widget(page).get_by_role("button", name=name).first.click()
    settled(page)


@dataclass(frozen=True)
class Picture:
    """One of the board, and how it is reached."""

    name: str
    theme: str = LIGHT
    width: int = WIDTH
    button: str = ""
    """What is pressed on the list, if anything."""
    height: int = HEIGHT
    is_empty: bool = False
    """Taken before anything has happened."""


PICTURES = (
    Picture("board-list"),
    Picture("board-diagnosis", button="Quotes fail"),
    Picture("board-storm", button="orders-db", height=1240),
    Picture("board-dark", theme=DARK, button="Quotes fail"),
    Picture("board-narrow", width=400, button="Quotes fail"),
    Picture("board-empty", is_empty=True),
)


def reached(page: Page, picture: Picture) -> str:
    """Go to what is on the picture; gives back the words that are to be read there."""
    if picture.button:
        press(page, picture.button)
    return widget(page).inner_text()


def taken(browser: Browser, url: str, picture: Picture) -> bytes:
    """The picture as a PNG with its words."""
    with opened(browser, url, picture.theme, picture.width) as page:
        words = reached(page, picture)
        box = page.locator("#widget").bounding_box()
        if box is None:
            raise RuntimeError(f"{picture.name}: there is no widget on the page")
        box["height"] = min(box["height"], picture.height)
        page.mouse.move(0, 0)
        return with_words(page.screenshot(clip=box, full_page=True), words)
