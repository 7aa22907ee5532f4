"""How fast the page of MSMT17's results is written and opens.

Made-up facts of MSMT17's size (11,659 queries, 82,161 gallery pictures, two models, 20
answers) with a real file for every picture. It prints the time and size of the page,
and the time from opening it in Chromium until the pictures of all rows in sight are
painted, of the list in two orders and of a query, beside that of an empty page.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / 'helpers'))

import cv2
import numpy as np
from browser import start_browser
from reported_test import MSMT17, make_reported_test

import mmreid.datasets  # noqa: F401
from mmreid.report.results import ReportedTest, write_results

DRAWN = 200
PAINTED = """new Promise((done) => {
  const look = () => {
    const seen = (e) => e.getBoundingClientRect().top < innerHeight;
    const rows = [...document.querySelectorAll('.row, .column')].filter(seen);
    const images = rows.flatMap((r) => [...r.querySelectorAll('img')]).filter(seen);
    const drawn = (r) => r.querySelectorAll('img').length > 2;
    const filled = rows.length && rows.every(drawn);
    if (filled && images.every((i) => i.complete && i.naturalWidth))
      requestAnimationFrame(() => done(performance.now()));
    else setTimeout(look, 5);
  };
  look();
})"""


def write_pictures(test: ReportedTest) -> None:
    """Write a file for each path, of some drawings."""
    rng = np.random.default_rng(0)
    paths = [*test.queries.path.tolist(), *test.gallery.path.tolist()]
    for number, path in enumerate(map(Path, paths)):
        path.parent.mkdir(parents=True, exist_ok=True)
        if number < DRAWN:
            coarse = rng.integers(0, 256, (16, 8, 3), np.uint8)
            picture = cv2.resize(coarse, (128, 256), interpolation=cv2.INTER_CUBIC)
            path.write_bytes(cv2.imencode('.jpg', picture)[1].tobytes())
        else:
            os.link(paths[number % DRAWN], path)


def open_page(browser, address: str, script: str) -> float:
    """Open a page in a window of its own; return the seconds."""
    context = browser.new_context(viewport=dict(width=1280, height=800))
    page = context.new_page()
    begin = time.perf_counter()
    page.goto(address, wait_until='commit')
    page.evaluate(script)
    seconds = time.perf_counter() - begin
    context.close()
    return seconds


def make_test(folder: Path) -> ReportedTest:
    """Make facts up whose pictures are there."""
    test = make_reported_test(**MSMT17, topk=20)
    halves = {}
    for name in ('queries', 'gallery'):
        half = getattr(test, name)
        paths = [p.replace('/data/market', str(folder)) for p in half.path.tolist()]
        halves[name] = replace(half, path=np.array(paths))
    test = replace(test, **halves)
    write_pictures(test)
    return test


def describe(path: Path) -> str:
    """Tell the sizes of a page."""
    files = {file: file.stat().st_size for file in path.rglob('*') if file.is_file()}
    small = sum(size for file, size in files.items() if file.suffix == '.jpg')
    rest = sum(files.values()) - small
    return (
        f'{len(files):,} files, pictures {small / 2**20:.0f} MB, '
        f'all else {rest / 2**20:.0f} MB'
    )


def main() -> None:
    """Write the page, open it, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--repeat', type=int, default=5)
    repeat = parser.parse_args().repeat
    with tempfile.TemporaryDirectory() as name, start_browser() as browser:
        folder = Path(name)
        test = make_test(folder / 'data')
        begin = time.perf_counter()
        path = write_results([test], folder / 'report')
        print(f'written in {time.perf_counter() - begin:.0f} s: {describe(path)}')
        empty = folder / 'empty.html'
        empty.write_text('<!doctype html><title>empty</title>')
        index = (path / 'index.html').as_uri()
        for title, address, script in (
            ('an empty page', empty.as_uri(), '1'),
            ('list', index, PAINTED),
            ('list by difference', f'{index}#sort=differ', PAINTED),
            ('a query', f'{index}#query=5000', PAINTED),
        ):
            times = [open_page(browser, address, script) for _ in range(repeat)]
            spread = f'{min(times):.2f} to {max(times):.2f}, {repeat} times'
            print(f'{title}: {statistics.median(times):.2f} s ({spread})')


if __name__ == '__main__':
    main()
