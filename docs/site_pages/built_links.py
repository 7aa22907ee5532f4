"""The last check of the built site: every link in it leads somewhere in it.

MkDocs checks the links of Markdown. Those that docstrings, tables and themes bring are
only in the HTML. An address of another site is checked by its form alone, and nothing
may be fetched from there to show a page.
"""

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# What a browser fetches by itself to show a page.
_FETCHED = {('img', 'src'), ('script', 'src'), ('source', 'src'), ('iframe', 'src')}
_OTHERS = ('mailto', 'data', 'javascript')


class _Page(HTMLParser):
    """The names that a page has for its parts, and the links on it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[tuple[str, bool]] = []  # with whether it is fetched
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the names and links of an element."""
        values = {name: value for name, value in attrs if value}
        for name in ('id', 'name'):
            if name in values:
                self.anchors.add(values[name])
        if 'href' in values:
            is_shown = tag == 'link' and values.get('rel') != 'canonical'
            self.links.append((values['href'], is_shown))
        self.links += [(v, True) for n, v in values.items() if (tag, n) in _FETCHED]


def find_broken(site: Path) -> list[str]:
    """Check every page of a built site.

    Args:
        site (Path): Its folder.

    Returns:
        list[str]: A line for each link that leads nowhere, or to what is not of the
        site though a page needs it.
    """
    files = sorted(site.rglob('*.html'))
    pages = {file.resolve(): _Page(file.read_text('utf-8')) for file in files}
    return [
        f'{file.relative_to(site.resolve())}: {link} {fault}'
        for file, page in pages.items()
        for link, is_fetched in dict.fromkeys(page.links)
        if (fault := _fault(link, is_fetched, file, pages))
    ]


def _fault(
    link: str, is_fetched: bool, page: Path, pages: dict[Path, _Page]
) -> str | None:
    """What is wrong with a link of a page; None where nothing is."""
    parts = urlsplit(link)
    if parts.scheme in _OTHERS:
        return None
    if parts.scheme or parts.netloc:
        if is_fetched:
            return 'is fetched from another site'
        is_well_formed = parts.scheme in ('http', 'https') and '.' in parts.netloc
        return None if is_well_formed else 'is no address'
    if parts.path.startswith('/'):
        # The page of a missing page does not know where it is shown.
        return None if page.name == '404.html' else 'depends on where the site lies'
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if target.is_dir():
        target /= 'index.html'
    if not target.is_file():
        return 'leads to no file'
    anchor = unquote(parts.fragment)
    if not anchor or target not in pages or anchor in pages[target].anchors:
        return None
    # Material's own links to the top and to the selected theme.
    return None if anchor.startswith('__') else 'leads to no part of the page'
