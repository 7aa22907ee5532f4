"""`mmreid report` as it is typed, from features of a real network to the page."""

import subprocess
import sys

import pytest
from small_exports import make_small_exports


def run(*words, status=0):
    done = subprocess.run(
        [sys.executable, '-m', 'mmreid', *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stderr
    assert 'Traceback' not in done.stderr
    return done.stdout if status == 0 else done.stderr


@pytest.fixture(scope='module')
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp('report')
    exports = make_small_exports(folder)
    run('test', exports.checkpoint, '--out', folder / 'one.npz')
    run('test', exports.files['onnx'], '--out', folder / 'two.npz')
    return folder, exports


def test_a_page_of_two_models_with_what_one_looks_at(made, browser):
    folder, exports = made
    told = run(
        *('report', folder / 'one.npz', folder / 'two.npz', '--out', folder / 'page'),
        *('--names', 'first', 'second', '--topk', 5, '--explain', 'parts', 'attention'),
        *('--models', exports.checkpoint, exports.checkpoint, '--queries', 1),
    )
    assert told.strip() == str(folder / 'page' / 'index.html')
    page = browser.new_page()
    complaints = []
    page.on('pageerror', lambda error: complaints.append(str(error)))
    page.goto((folder / 'page' / 'index.html').as_uri())
    page.wait_for_function(
        "() => document.querySelector('.answer img')?.naturalWidth > 0"
    )
    page.click('summary:text-is("2 notes")')
    text = page.locator('main').inner_text()
    assert 'first' in text
    assert 'nothing to show of Attention' in text
    assert complaints == []
    page.close()
    assert len([*(folder / 'page' / 'pictures' / 'looks').rglob('*.jpg')]) >= 2


def test_one_file_and_errors_in_a_sentence(made):
    folder, exports = made
    one, page = folder / 'one.npz', folder / 'page.html'
    run('report', one, '--out', page, '--no-thumbnails', '--rerank')
    assert 'mmreid' in page.read_text('utf-8')
    again = run('report', one, '--out', page, status=2)
    assert 'overwrite it (--overwrite)' in again
    run('report', one, '--out', page, '--overwrite', '--resamples', 10)
    (folder / 'mine').mkdir()
    (folder / 'mine' / 'a.txt').write_text('mine')
    text = run('report', one, '--out', folder / 'mine', '--overwrite', status=2)
    assert 'give another place' in text
    text = run('report', one, '--explain', 'parts', status=2)
    assert '--explain needs --models' in text
    words = ('--explain', 'parts', '--models', exports.files['onnx'])
    text = run('report', one, '--out', folder / 'x', *words, status=2)
    assert 'looked into' in text
    assert not (folder / 'x').exists()
    assert 'missing.npz' in run('report', folder / 'missing.npz', status=2)


def test_trainings_have_a_page_of_their_own(made):
    folder, _ = made
    (folder / 'run').mkdir(exist_ok=True)
    text = run('report', folder / 'run', folder / 'one.npz', status=2)
    assert 'a page of their own' in text
    text = run('report', folder / 'run', '--out', folder / 'y', status=2)
    assert 'There are no trainings' in text
    assert not (folder / 'y').exists()
