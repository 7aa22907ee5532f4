import csv
import io
from pathlib import Path

import cv2
import numpy as np
import pytest
from page_checks import check_legible

from mmreid.datasets import ReIDDataset
from mmreid.report.data_set import write_data_set
from mmreid.report.data_set.charts import draw_cameras, draw_persons
from mmreid.report.data_set.facts import (
    DataSetFacts,
    DuplicateList,
    NearDuplicate,
    PartNumbers,
    PersonList,
    QualityList,
    ShownPicture,
)
from mmreid.report.data_set.suspects import Suspect, WrongLabels

HOSTILE = '</script><script>document.title="run"</script>, "a"\n.jpg'


def make_facts(folder):
    """A page of six pictures, one of which is missing."""
    pictures = []
    for i in range(6):
        path = folder / f'{i}.jpg'
        if i < 5:
            content = np.full((64, 32, 3), 40 * i, np.uint8)
            path.write_bytes(cv2.imencode('.jpg', content)[1].tobytes())
        part = 'train' if i < 4 else 'query'
        name = HOSTILE if i == 0 else f'{part}/{i}.jpg'
        pictures.append(ShownPicture(str(path), name, part, str(i // 2), str(i % 2)))
    counts = np.array([2, 1])
    parts = tuple(
        PartNumbers(part, 3, 2, 0, 1, {'0': 2, '1': 1}, counts, counts)
        for part in ('train', 'query')
    )
    suspects = tuple(
        Suspect(i, str(5 - i), 0.9 - i / 10, (1,), (2, 3), (0.1,), (0.9, 0.8), i == 0)
        for i in (0, 2)
    )
    pairs = (
        NearDuplicate(0, 4, 'train and test', 2, 0.99),
        NearDuplicate(1, 2, 'train and test'),
    )
    return DataSetFacts(
        name='made $x$ <b>',
        root=str(folder),
        pictures=tuple(pictures),
        parts=parts,
        duplicates=(DuplicateList('train and test', pairs, 7),),
        duplicate_rule='Hashes.',
        wrong_labels=(
            WrongLabels(('train',), 100, 4.4, 2, 7, 0.95, 1, suspects, ('A warning.',)),
        ),
        method=('A method.',),
        embeddings='of a model',
        quality=(
            QualityList(
                *('dark', 'mean', 'of 255', (3, 5), (9.0, 10.0), 20.0, 'A rule.', 2),
                np.linspace(0, 255, 11),
                np.arange(10),
            ),
        ),
        seldom=(PersonList('one camera', 'train', (1,), (2,), 1),),
        faults=('A fault.',),
        notes=('A note.',),
        missing=('Something is missing.',),
    )


@pytest.fixture(params=['page', 'page.html'])
def path(request, tmp_path):
    return write_data_set(make_facts(tmp_path), tmp_path / request.param)


def test_it_opens_and_shows_what_was_found(watched, path):
    page = watched.open(path)
    page.wait_for_function("() => document.querySelector('img')?.naturalWidth > 0")
    text = page.locator('main').inner_text()
    for told in (
        *('A fault.', 'A warning.', 'A method.', 'Something is missing.'),
        *('About 4 of 100 labels', '95 % interval 2 to 7', '7 pairs in training'),
        *('2 of 64 bits differ', 'dark: 2 beyond the threshold'),
        *('one camera: 1 persons', '1 pictures that are shown cannot be read'),
    ):
        assert told in text, told
    assert page.title() == 'Data set made $x$ <b>'
    assert page.locator('.suspect').first.get_attribute('data-path') == HOSTILE
    watched.check()


def test_pictures_are_chosen(watched, path):
    page = watched.open(path)
    page.select_option('#filter select[name=parts]', 'query')
    assert page.locator('.entry:not([hidden])').count() == 2
    page.select_option('#filter select[name=cameras]', '1')
    page.fill('#filter input[name=persons]', '2')
    assert page.locator('.entry:not([hidden])').count() == 1
    assert '1 of 7 entries' in page.locator('#count').inner_text()
    watched.check()


def test_a_kind_is_shown_alone(watched, path):
    page = watched.open(path)
    page.select_option('#filter select[name=kind]', 'dark')
    assert page.locator('.entry:visible').count() == 2
    assert page.locator('h2:visible').all_inner_texts() == [
        'What it holds',
        'Pictures that stand out',
    ]
    page.fill('#filter input[name=persons]', 'nobody')
    page.wait_for_selector('text=0 of 7 entries')
    page.fill('#filter input[name=persons]', '')
    page.select_option('#filter select[name=kind]', '')
    assert page.locator('h2:visible').count() == 5
    watched.check()


def test_windows_share_their_corrections(watched, tmp_path):
    path = write_data_set(make_facts(tmp_path), tmp_path / 'page')
    page = watched.open(path)
    page.wait_for_selector('text=0 corrections')
    other = page.context.new_page()
    other.goto(page.url)
    other.wait_for_selector('text=0 corrections')
    page.locator('[data-choice=junk]').first.click()
    other.wait_for_selector('text=1 correction')
    other.locator('[data-choice=junk]').nth(1).click()
    page.wait_for_selector('text=2 corrections')
    watched.check()


def test_many_cameras_and_odd_names_are_drawn():
    names = ['_', '$a$ $', 'bad\udcff', 'a' * 300, *map(str, range(300))]
    counts = np.array([2, 1])
    cameras = dict.fromkeys(names, 3)
    part = PartNumbers('_$x$', 3, 2, 0, 0, cameras, counts, counts)
    drawn = draw_cameras((part,))
    assert '\\$' not in drawn
    assert 'of each of 304 cameras' in drawn
    assert '_$x$' in drawn
    assert '\\$' not in draw_persons((part,))


def test_suspects_are_corrected_by_keys_and_saved(watched, path):
    page = watched.open(path)
    page.wait_for_selector('text=0 corrections')
    page.keyboard.press('j')
    page.keyboard.press('y')
    page.keyboard.press('j')
    page.keyboard.press('x')
    page.wait_for_selector('text=2 corrections')
    with page.expect_download() as download:
        page.click('#save')
    text = download.value.path().read_text('utf-8')
    rows = [*csv.DictReader(io.StringIO(text))]
    assert [row['correction'] for row in rows] == ['5', 'junk']
    assert rows[0]['path'] == HOSTILE
    assert [*rows[0]] == ['path', 'part', 'person', 'suggestion', 'score', 'correction']
    page.reload()
    page.wait_for_selector('text=2 corrections')
    page.locator('.suspect').first.focus()
    page.keyboard.press('u')
    page.wait_for_selector('text=1 correction')
    watched.check()


def test_a_data_set_takes_the_corrections_that_the_page_saves(watched, tmp_path):
    names = ['a, "b".jpg', 'ü人 \u202e.jpg', '=1+1.jpg', "c'.jpg"]
    rows = [[name, n // 2, n % 2, 'train'] for n, name in enumerate(names)]
    with open(tmp_path / 'list.csv', 'w', newline='', encoding='utf-8') as file:
        csv.writer(file).writerows([['path', 'person', 'camera', 'split'], *rows])
    content = cv2.imencode('.jpg', np.zeros((64, 32, 3), np.uint8))[1].tobytes()
    for name in names:
        (tmp_path / name).write_bytes(content)
    facts = DataSetFacts(
        name='named',
        root=str(tmp_path),
        pictures=tuple(
            ShownPicture(str(tmp_path / name), name, 'train', str(person), str(camera))
            for name, person, camera, _ in rows
        ),
        parts=(),
        wrong_labels=(
            WrongLabels(
                *(('train',), 4, 1, 0, 2, 0.95, 4),
                tuple(Suspect(n, '1', 0.9, (), (), (), ()) for n in range(4)),
            ),
        ),
    )
    page = watched.open(write_data_set(facts, tmp_path / 'page'))
    page.wait_for_selector('text=0 corrections')
    for n, key in enumerate('yyxu'):
        page.locator('.suspect').nth(n).focus()
        page.keyboard.press(key)
    with page.expect_download() as download:
        page.click('#save')
    download.value.save_as(tmp_path / 'corrections.csv')
    data = ReIDDataset(
        table=str(tmp_path / 'list.csv'),
        data_root=str(tmp_path),
        corrections=str(tmp_path / 'corrections.csv'),
        split='train',
    )
    read = [data.get_data_info(n) for n in range(len(data))]
    persons = {Path(r['img_path']).name: r['person_id'] for r in read}
    assert persons == {names[0]: 1, names[1]: 1, names[3]: 1}
    watched.check()


@pytest.mark.parametrize('scheme', ['light', 'dark'])
def test_it_is_legible_in_a_narrow_window(browser, tmp_path, scheme):
    path = write_data_set(make_facts(tmp_path), tmp_path / 'page')
    check_legible(browser, path, scheme, 'text=0 corrections')
