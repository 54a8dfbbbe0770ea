"""The pages, by the sections of the menu. A new page is a file in `menu/` and a line here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

MENU = Path(__file__).parent / "menu"


@dataclass(frozen=True)
class PageEntry:
    """A page of the menu.

    Attributes:
        name: of its file in `menu/` and in the address.
        title: in the menu and above the page.
        icon: one of Streamlit's Material symbols.
        of_tables: whether it shows tables of the chosen listener, scope and period, and so has the
            widgets that choose them.
        of_periods: whether another period shows something else; all of it is of a scope.
        is_cover: whether it has a title of its own.
    """

    name: str
    title: str
    icon: str
    of_tables: bool = True
    of_periods: bool = True
    is_cover: bool = False

    @property
    def file(self) -> Path:
        """Its script."""
        return MENU / f"{self.name.replace('-', '_')}.py"


PAGES: Mapping[str, Sequence[PageEntry]] = {
    "Listening": (
        PageEntry("overview", "Overview", "home", is_cover=True),
        PageEntry("when", "When", "schedule"),
        PageEntry("artists", "Artists", "artist"),
        PageEntry("songs", "Songs", "music_note"),
        PageEntry("plays", "Plays", "list"),
    ),
    "Taste": (
        PageEntry("discovery", "Discovery", "explore"),
        PageEntry("mainstream", "Mainstream", "trending_up"),
        PageEntry("years", "Years and content", "album"),
        PageEntry("now-and-then", "Now and then", "compare_arrows"),
        PageEntry("sound", "Sound", "graphic_eq"),
        PageEntry("contexts", "Contexts", "category"),
    ),
    "More": (
        PageEntry("playlists", "Playlists", "queue_music", of_periods=False),
        PageEntry("compare", "Compare", "group"),
        PageEntry("survey", "Survey", "poll", of_tables=False),
        PageEntry("data", "Data", "database", of_tables=False),
    ),
}


def every_page() -> list[PageEntry]:
    """All pages, in the order of the menu."""
    return [page for pages in PAGES.values() for page in pages]
