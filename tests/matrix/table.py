"""The table of what was tested, between two comments of a page."""

from collections.abc import Mapping, Sequence

OPENING, CLOSING = '<!-- matrix -->', '<!-- /matrix -->'
# Heading of a column -> the package whose version stands there.
COLUMNS = {
    'Python': 'python',
    'torch': 'torch',
    'torchvision': 'torchvision',
    'NumPy': 'numpy',
    'OpenCV': 'opencv-python',
    'SciPy': 'scipy',
    'setuptools': 'setuptools',
}
_NOT_RUN = 'not run'


def make_row(
    name: str, versions: Mapping[str, str], result: str, date: str
) -> list[str]:
    """Return the cells of one combination.

    Args:
        name (str): The combination.
        versions (Mapping[str, str]): Package -> version found; {} where nothing was
            installed.
        result (str): What came of it.
        date (str): When.
    """
    found = [versions.get(package, '-') for package in COLUMNS.values()]
    return [name, *found, result.replace('|', '/'), date]


def update_page(text: str, rows: Sequence[Sequence[str]], names: Sequence[str]) -> str:
    """Put new rows into a page; combinations that did not run keep theirs.

    Args:
        text (str): The page.
        rows (Sequence[Sequence[str]]): Cells, of :func:`make_row`.
        names (Sequence[str]): All combinations, in the order of the table. Rows of
            others are left out.

    Returns:
        str: The page with its new table.

    Raises:
        ValueError: The page has not the two comments, one after the other.
    """
    before, opened, rest = text.partition(f'{OPENING}\n')
    old, closed, after = rest.partition(CLOSING)
    if not opened or not closed:
        raise ValueError(
            f'a page with {OPENING} and {CLOSING} is needed; add the lines'
        )
    known = {cells[0]: cells for cells in [*_read_rows(old), *rows]}
    missing = [make_row(name, {}, _NOT_RUN, '-') for name in names if name not in known]
    known |= {cells[0]: cells for cells in missing}
    heading = ['Combination', *COLUMNS, 'Result', 'Date']
    lines = [heading, ['---'] * len(heading), *(known[name] for name in names)]
    table = '\n'.join(f'| {" | ".join(cells)} |' for cells in lines)
    return f'{before}{opened}\n{table}\n\n{closed}{after}'


def _read_rows(table: str) -> list[list[str]]:
    lines = [line for line in table.splitlines() if line.startswith('| ')]
    rows = [[cell.strip() for cell in line.strip('|').split('|')] for line in lines]
    return [cells for cells in rows[2:] if len(cells) == len(COLUMNS) + 3]
