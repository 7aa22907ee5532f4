import base64

import cv2
import numpy as np
import pytest

from mmreid.report import bundles
from mmreid.report.bundles import open_bundle
from mmreid.report.templates import script_json

HOSTILE = (
    '</script><script>document.title="run"</script>"\'&<img src=x onerror=alert(1)>'
    '\u2028'
)


@pytest.fixture
def template(monkeypatch):
    """A page of the tests, which shows a name, data and a picture."""
    texts = {
        'try.html': "{% extends 'base.html' %}{% block title %}{{ name }}{% endblock %}"
        '{% block main %}<h1>{{ name }}</h1><p id="data"></p><img id="p" alt="">'
        '{% endblock %}',
        'try.js': "mmreid.load('part/1').then((d) => {"
        "document.getElementById('data').textContent = d.name;"
        "document.getElementById('p').src = mmreid.picture('a/1.png'); });",
        'try.css': '',
    }
    real = bundles.read_asset
    read = lambda name: texts[name] if name in texts else real(name)  # noqa: E731
    monkeypatch.setattr(bundles, 'read_asset', read)
    monkeypatch.setattr('mmreid.report.templates.read_asset', read)
    from mmreid.report.templates import _environment

    _environment.cache_clear()
    yield 'try.html'
    _environment.cache_clear()


def write(path, template, **options):
    picture = cv2.imencode('.png', np.full((4, 2, 3), 200, np.uint8))[1].tobytes()
    with open_bundle(path, **options) as bundle:
        bundle.add_data('part/1', dict(name=HOSTILE, none=float('nan')))
        bundle.add_picture('a/1.png', picture)
        bundle.finish(template, ('try.js',), name=HOSTILE)
    return picture


@pytest.mark.parametrize('name', ['page', 'page.html'])
def test_it_opens_by_a_double_click_and_runs_no_name(tmp_path, template, watched, name):
    path = tmp_path / 'a # folder?' / name
    write(path, template)
    page = watched.open(path)
    page.wait_for_function("document.getElementById('p').naturalWidth === 2")
    assert page.title().startswith('</script>')
    assert page.locator('h1').text_content() == HOSTILE
    assert page.locator('#data').text_content() == HOSTILE
    watched.check()


def test_a_folder_and_a_file_hold_the_same(tmp_path, template):
    picture = write(tmp_path / 'folder', template)
    write(tmp_path / 'one.html', template)
    assert (tmp_path / 'folder/pictures/a/1.png').read_bytes() == picture
    assert base64.b64encode(picture).decode() in (tmp_path / 'one.html').read_text()
    assert [*tmp_path.glob('*.unfinished*')] == []


@pytest.mark.parametrize('name', ['page', 'page.html'])
def test_nothing_of_others_is_written_over(tmp_path, template, name):
    path = tmp_path / name
    write(path, template)
    with pytest.raises(FileExistsError, match='overwrite it'):
        write(path, template)
    write(path, template, overwrite=True)
    other = tmp_path / f'other-{name}'
    if other.suffix:
        other.write_text('<p>mine</p>')
    else:
        other.mkdir()
        (other / 'mine.txt').write_text('mine')
    with pytest.raises(FileExistsError, match='give another place'):
        write(other, template, overwrite=True)


@pytest.mark.parametrize('name', ['page', 'page.html'])
def test_a_page_is_whole_or_not_there(tmp_path, template, name):
    write(tmp_path / name, template)
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob('*') if p.is_file()}
    with (
        pytest.raises(TypeError, match='not JSON serializable'),
        open_bundle(tmp_path / name, True) as bundle,
    ):
        bundle.add_data('part/1', object())
    after = {p: p.stat().st_mtime_ns for p in tmp_path.rglob('*') if p.is_file()}
    assert before == after


def test_a_file_that_is_too_large_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(bundles, 'LARGEST_FILE', 1000)
    with (
        pytest.raises(ValueError, match='give a folder'),
        open_bundle(tmp_path / 'a.html') as bundle,
    ):
        bundle.add_picture('a.jpg', bytes(2000))
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize('name', ['../a.jpg', 'a b.jpg', 'ä.jpg', '"', ''])
def test_names_of_parts_are_plain(tmp_path, name):
    with (
        pytest.raises(ValueError, match='plain name'),
        open_bundle(tmp_path / 'folder') as bundle,
    ):
        bundle.add_picture(name, b'')


def test_json_has_no_sign_of_html():
    assert not set('<>&\u2028') & set(script_json(HOSTILE))
