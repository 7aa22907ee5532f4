"""Every page of the docs is named in the site's navigation and on its shelf's index."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / 'docs'
PAGES = [page.relative_to(DOCS).as_posix() for page in sorted(DOCS.rglob('*.md'))]
NAMED = re.findall(
    r'^ +- .*?(\S+\.md)$', (DOCS / '../mkdocs.yml').read_text('utf-8'), re.M
)


@pytest.mark.parametrize('page', PAGES)
def test_a_page_is_in_the_navigation(page):
    assert NAMED.count(page) == 1, f'name {page} once in nav of mkdocs.yml'


@pytest.mark.parametrize('page', [page for page in PAGES if '/' in page])
def test_a_page_is_on_the_index_of_its_shelf(page):
    shelf, _, name = page.partition('/')
    if name != 'index.md':
        text = (DOCS / shelf / 'index.md').read_text('utf-8')
        assert f']({name})' in text, f'link {name} from docs/{shelf}/index.md'


def test_the_navigation_names_pages_that_there_are():
    assert {*NAMED} - {'index.md'} == {*PAGES} - {'index.md'}
