"""Links of the site: to copies of the repository's files, and none to nowhere."""

from pathlib import Path

import pytest
from site_pages.built_links import find_broken
from site_pages.links import copy_of, lead_to_copies, linked_files, place_of

PAGE = 'docs/how_to/weights.md'


@pytest.mark.parametrize(
    ('written', 'led'),
    [
        ('[a](../../configs/bot/README.md#x)', '../repository/configs/bot/README.md#x'),
        ('[a](../../configs/bot)', '../repository/configs/bot/README.md'),
        (
            '[a](../examples/ask_server.py)',
            '../repository/docs/examples/ask_server.py.md',
        ),
        ('[a](../reference/models.md)', '../reference/models.md'),
        ('[a](#here) [b](https://x.org/a.md)', None),
        ('```\n[a](../../configs/bot)\n```', None),
        ('[a](../nothing.md)', None),
    ],
)
def test_links_lead_to_what_the_site_has(written, led):
    text = lead_to_copies(written, PAGE)
    assert text == (written if led is None else f'[a]({led})')


def test_links_of_a_copied_page_lead_back_into_the_docs():
    text = lead_to_copies('[a](../../docs/evidence.md)', 'configs/aanet/README.md')
    assert text == '[a](../../../evidence.md)'


def test_a_folder_without_a_readme_is_refused():
    with pytest.raises(ValueError, match=r'weights.md links to the folder \.\./images'):
        list(linked_files('[a](../images)', PAGE))


def test_code_is_shown_on_a_page_and_anything_else_is_copied():
    assert place_of('model-index.yml') == 'repository/model-index.yml.md'
    assert '````yaml\n# Models by name' in copy_of('model-index.yml')
    assert copy_of('docs/images/scene.jpg')[:2] == b'\xff\xd8'


def broken(folder: Path, body: str, **others: str) -> list[str]:
    for name, text in {'index': body, **others}.items():
        (folder / f'{name}.html').write_text(f'<html><body>{text}</body></html>')
    return find_broken(folder)


def test_a_site_whose_links_lead_somewhere_passes(tmp_path):
    body = '<p id="a"></p><a href="#a">x</a><a href="two.html#b">y</a>'
    body += '<a href="https://example.org/page">z</a><a href="mailto:a@b.c">m</a>'
    assert broken(tmp_path, body, two='<h1 id="b">t</h1>') == []


@pytest.mark.parametrize(
    ('body', 'fault'),
    [
        ('<a href="gone.html">x</a>', 'leads to no file'),
        ('<a href="#gone">x</a>', 'leads to no part of the page'),
        ('<a href="two.html#gone">x</a>', 'leads to no part of the page'),
        ('<a href="/two.html">x</a>', 'depends on where the site lies'),
        ('<a href="http:nothing">x</a>', 'is no address'),
        ('<img src="https://example.org/a.png">', 'is fetched from another site'),
        ('<script src="//example.org/a.js"></script>', 'is fetched from another site'),
        (
            '<link rel="stylesheet" href="https://a.org/b.css">',
            'is fetched from another',
        ),
    ],
)
def test_what_is_wrong_with_a_link_is_told(tmp_path, body, fault):
    (line,) = broken(tmp_path, body, two='')
    assert line.startswith('index.html: ')
    assert fault in line
