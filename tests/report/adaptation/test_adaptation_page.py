import dataclasses

import cv2
import numpy as np
import pytest
from page_checks import check_legible

from mmreid.report.adaptation import (
    AdaptationFacts,
    ClusterNumbers,
    Measured,
    ShownCluster,
    ShownPicture,
    SuspectList,
    SuspectPair,
    write_adaptation,
)
from mmreid.report.adaptation.charts import draw_sizes
from mmreid.report.results import Difference, Score
from mmreid.visualization import Curve

HOSTILE = '</script><script>document.title="run"</script>, "a"\n<b>.jpg'


def make_facts(folder):
    """A page of two clusters, a picture in none, and one that is missing."""
    pictures = []
    for i in range(6):
        path = folder / f'{i}.jpg'
        if i < 5:
            content = np.full((64, 32, 3), 40 * i, np.uint8)
            path.write_bytes(cv2.imencode('.jpg', content)[1].tobytes())
        name = HOSTILE if i == 0 else f'day/{i}.jpg'
        cluster = ('1', '1', '1', '2', '2', 'noise')[i]
        camera = '<i>door</i>' if i % 2 else 'gate'
        pictures.append(ShownPicture(str(path), name, cluster, camera))
    far = (SuspectPair(0, 2, 'cosine 0.123'),)
    return AdaptationFacts(
        model='made $x$ <b>',
        folder=str(folder),
        pictures=tuple(pictures),
        numbers=(
            ClusterNumbers('before', 40, 20, np.array([12, 8]), 1),
            ClusterNumbers('after', 40, 4, np.array([30, 4, 2]), 2, 0.8125),
        ),
        clusters=(
            ShownCluster('1', 30, (0, 1, 2), {'gate': 20, '<i>door</i>': 10}),
            ShownCluster('2', 4, (3, 4)),
        ),
        noise=(5,),
        suspects=(
            SuspectList('far apart', 'A rule.', far, 7),
            SuspectList('near duplicates', 'Another rule.', (), 0),
        ),
        course={'clusters': Curve([1.0, 2.0], [2.0, 3.0])},
        measured=Measured(
            'twelve queries',
            {'mAP': Score(50.0, 45.0, 55.0), 'R1': Score(70.0)},
            {'mAP': Score(40.0, 35.0, 45.0)},
            {'mAP': Difference(-10.0, -14.0, -6.0, 0.001)},
            'Over persons.',
        ),
        settings={'eps': '0.6'},
        notes=('A note.',),
        warnings=('It became worse.',),
        table='clusters.csv',
    )


@pytest.fixture(params=['page', 'page.html'])
def path(request, tmp_path):
    return write_adaptation(make_facts(tmp_path), tmp_path / request.param)


def test_it_opens_and_shows_what_was_found(watched, path):
    page = watched.open(path)
    page.locator('.cluster').first.scroll_into_view_if_needed()
    page.wait_for_function(
        "() => document.querySelector('.cluster img')?.naturalWidth > 0"
    )
    text = page.locator('main').inner_text()
    for told in (
        *('It became worse.', 'A note.', 'A rule.', 'far apart: 7 (1 shown)'),
        *('cosine 0.123', '20 (50%)', '4 (10%)', '2 / 4 / 30', '0.812'),
        *('Cluster 1: 30 pictures (3 shown); camera gate: 20, camera <i>door</i>: 10'),
        *('Cluster 2: 4 pictures (2 shown)', 'near duplicates: 0'),
        *('The largest 2 of 3 are shown; clusters.csv has all'),
        *('1 of 4 pictures', '1 pictures that are shown cannot be read'),
        *('45.0 to 55.0', 'before is better', '-10.00 points (-14.00 to -6.00)'),
    ):
        assert told in text, told
    assert page.title() == 'Adaptation of made $x$ <b>'
    assert page.locator('img').first.get_attribute('alt') == HOSTILE
    watched.check()


def test_pictures_are_chosen(watched, path):
    page = watched.open(path)
    page.select_option('#filter select[name=cameras]', '<i>door</i>')
    page.wait_for_selector('text=3 of 7 entries')
    page.fill('#filter input[name=clusters]', '2')
    page.wait_for_selector('text=1 of 7 entries')
    assert page.locator('.cluster:visible').count() == 1
    page.fill('#filter input[name=clusters]', 'noise')
    page.wait_for_selector('text=1 of 7 entries')
    assert page.locator('h2:visible').all_inner_texts()[-1] == 'In no cluster'
    watched.check()


def test_pictures_far_away_wait(watched, tmp_path):
    facts = make_facts(tmp_path)
    many = tuple(ShownCluster(str(n), 3, (0, 1, 2)) for n in range(200))
    path = write_adaptation(
        dataclasses.replace(facts, clusters=many), tmp_path / 'page.html'
    )
    page = watched.open(path)
    page.locator('.cluster').first.scroll_into_view_if_needed()
    page.wait_for_function(
        "() => document.querySelector('.cluster img')?.naturalWidth > 0"
    )
    assert page.locator('.cluster:last-of-type img[src]').count() == 0
    watched.check()


def test_without_clusters_it_says_so(watched, tmp_path):
    none = ClusterNumbers('before', 5, 5, np.zeros(0, np.int64))
    facts = AdaptationFacts('a model', 'a folder', (), (none,))
    page = watched.open(write_adaptation(facts, tmp_path / 'page'))
    cells = page.locator('tbody td').all_inner_texts()
    # Nobody told cameras or persons: no column of dashes asks what they would be.
    assert cells == ['0', '5 (100%)', '-']
    assert page.locator('svg').count() == 0
    watched.check()


def test_sizes_are_drawn_of_odd_names_and_single_clusters():
    one = ClusterNumbers('_$a$ \udcff', 3, 0, np.array([3]))
    drawn = draw_sizes([one, ClusterNumbers('none', 3, 3, np.zeros(0, np.int64))])
    assert '3 to 3, median 3' in drawn
    assert draw_sizes([]) is None


@pytest.mark.parametrize('scheme', ['light', 'dark'])
def test_it_is_legible_in_a_narrow_window(browser, tmp_path, scheme):
    path = write_adaptation(make_facts(tmp_path), tmp_path / 'page')
    check_legible(browser, path, scheme)
