"""A real browser without a window, that tells what a page asks for and complains of."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from patience import PATIENCE

NAMES = ('chromium', 'chromium-browser', 'google-chrome')


class Watched:
    """A page of Chromium, and what went wrong on it.

    Attributes:
        page: Playwright's page.
        complaints: Errors of scripts and of the console.
        asked: Addresses that were asked for.
    """

    def __init__(self, page: Any) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.asked: list[str] = []
        page.on('pageerror', lambda error: self.complaints.append(str(error)))
        page.on('console', self._note)
        page.on('request', lambda request: self.asked.append(request.url))
        page.on(
            'requestfailed', lambda request: self.complaints.append(f'no {request.url}')
        )

    def _note(self, message: Any) -> None:
        if message.type in ('error', 'warning'):
            self.complaints.append(message.text)

    def open(self, path: Path, fragment: str = '') -> Any:
        """Open a file as a double click does."""
        if path.is_dir():
            path = path / 'index.html'
        self.page.goto(path.absolute().as_uri() + fragment)
        return self.page

    def check(self) -> None:
        """Assert that nothing went wrong and nothing but files was asked for."""
        assert self.complaints == []
        others = [
            a for a in self.asked if not a.startswith(('file:', 'data:', 'blob:'))
        ]
        assert others == []


class PatientBrowser:
    """A browser on whose pages is waited as long as for a process.

    Args:
        browser: Playwright's browser.
    """

    def __init__(self, browser: Any) -> None:
        self._browser = browser

    def new_context(self, **options: Any) -> Any:
        """Open a window of its own; the options are playwright's."""
        context = self._browser.new_context(**options)
        context.set_default_timeout(1000 * PATIENCE)
        return context

    def new_page(self, **options: Any) -> Any:
        """Open a page of its own; the options are playwright's."""
        page = self._browser.new_page(**options)
        page.context.set_default_timeout(1000 * PATIENCE)
        return page


@contextmanager
def start_browser() -> Iterator[Any]:
    """Start Chromium; the test is skipped where there is none."""
    api = pytest.importorskip('playwright.sync_api')
    found = next(filter(None, map(shutil.which, NAMES)), None)
    with api.sync_playwright() as playwright:
        if found is None and not Path(playwright.chromium.executable_path).exists():
            pytest.skip('no Chromium: apt-get install chromium')
        # Inside containers there is neither a second user nor shared memory.
        arguments = ['--no-sandbox', '--disable-dev-shm-usage']
        browser = playwright.chromium.launch(
            executable_path=found, args=arguments, timeout=1000 * PATIENCE
        )
        try:
            yield PatientBrowser(browser)
        finally:
            browser.close()
