from dataclasses import replace

import numpy as np
import pytest
from page_checks import CONTRASTS
from patience import wait_until
from reported_test import MSMT17, make_reported_test

from mmreid.report.results import ReportedTest, write_results

NAMES = (
    '</script><script>document.title="run"</script>.jpg',
    '"><img src=x onerror=alert(1)>.jpg',
    "' onmouseover='x.jpg",
    '../../etc/passwd.jpg',
    '\u202egpj.exe.jpg',
    'x' * 300 + '.jpg',
    'not unicode \udcff.jpg',
    '_$\\bad{$.jpg',
)


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp('results')


@pytest.fixture(scope='module')
def test(folder):
    return make_reported_test(
        folder / 'data', num_query=60, num_gallery=150, explained=2
    )


@pytest.fixture(scope='module', params=['report', 'report.html'])
def path(request, folder, test):
    return write_results([test], folder / request.param)


@pytest.fixture(scope='module')
def report(folder, test):
    return write_results([test], folder / 'opened')


def rows(page):
    """The queries that the list shows, in order."""
    page.wait_for_selector('.rows, .result p')
    return page.locator('a.query').evaluate_all(
        '(links) => links.map((link) => Number(link.dataset.query))'
    )


def wait_for_rows(page, fits):
    """Wait until the list follows the address, which it does after the browser."""
    wait_until(lambda: fits(rows(page)))


def wait_for_count(page, number):
    page.wait_for_selector(f'.count:text-matches("^{number} of 60 ")')


def test_it_opens_and_shows_what_the_facts_say(watched, path, test):
    page = watched.open(path)
    page.wait_for_selector('.answer img')
    text = page.locator('main').inner_text()
    for model in test.models:
        assert f'{model.scores["mAP"].value:.1f}' in text
    assert 'AANet is better, -3.20 points (-5.10 to -1.00), p = 0.004' in text
    assert '60 of 60 queries' in text
    by_precision = test.models[0].average_precision.argsort(kind='stable')
    assert rows(page) == by_precision[:25].tolist()
    first = page.locator('.row').first.locator('.strip').first.locator('.answer')
    answers, q = test.models[0].answers, by_precision[0]
    signs = ['', '✓', '✗', '\u2013', '·']
    shown = [a.locator('.sign').inner_text() for a in first.all()]
    assert shown == [signs[v] for v in answers.verdicts[q][:10]]
    assert f'{answers.distances[q][0]:.4f}'.rstrip('0') in first.first.get_attribute(
        'title'
    )
    page.wait_for_function(
        "[...document.querySelectorAll('.row:first-child img')]"
        '.every((i) => i.complete && i.naturalWidth > 0)'
    )
    watched.check()


def test_queries_are_sorted_and_chosen(watched, report, test):
    page = watched.open(report)
    first, second = (m.average_precision for m in test.models)
    page.select_option('select[name=sort]', 'second')
    expected = sorted(range(60), key=lambda q: (-(second[q] - first[q]), q))
    known = [q for q in expected if first[q] == first[q]]
    wait_for_rows(page, lambda shown: shown[:5] == known[:5])
    page.select_option('select[name=sort]', 'camera')
    page.select_option('select[name=camera]', '1')
    cameras = test.queries.cam_id
    wait_for_count(page, (cameras == 1).sum())
    assert set(rows(page)) <= {q for q in range(60) if cameras[q] == 1}
    page.click('.reset')
    page.fill('input[name=search]', test.queries.path[7].rsplit('/', 1)[1].upper())
    page.wait_for_function("document.querySelectorAll('a.query').length === 1")
    assert rows(page) == [7]
    assert page.evaluate("document.activeElement.name === 'search'")
    page.fill('input[name=search]', 'nobody at all')
    page.wait_for_selector('text=No query is like that.')
    page.click('.reset')
    page.select_option('select[name=answer]', 'mixed')
    ranks = [m.first_rank for m in test.models]
    mixed = [q for q in range(60) if (ranks[0][q] == 1) != (ranks[1][q] == 1)]
    wait_for_count(page, len(mixed))
    page.select_option('select[name=answer]', 'explained')
    wait_for_rows(page, lambda shown: sorted(shown) == [0, 1])
    assert page.locator('.explained').count() == 2
    page.select_option('select[name=answer]', 'out')
    wait_for_rows(page, lambda shown: shown == [59])
    watched.check()


def test_every_view_has_an_address(watched, report, browser, test):
    page = watched.open(report)
    page.select_option('select[name=sort]', 'differ')
    page.locator('.page-link', has_text='next').click()
    page.wait_for_selector('text=page 2 of 3')
    listed = rows(page)
    page.locator('a.query').nth(3).click()
    page.wait_for_selector('.column .answer')
    address = page.url
    other = browser.new_page()
    other.goto(address)
    other.wait_for_selector('.column .answer')
    assert other.locator('.queries-title').inner_text() == f'Query {listed[3]}'
    assert other.title() == f'Query {listed[3]} · Results on market1501 test'
    assert (
        test.queries.path[listed[3]].rsplit('/', 1)[1]
        in other.locator('.asked').inner_text()
    )
    other.close()
    page.go_back()
    page.wait_for_selector('.rows')
    assert rows(page) == listed
    page.wait_for_function(f"document.activeElement.dataset.query === '{listed[3]}'")
    page.go_back()
    page.wait_for_selector('text=page 1 of 3')
    watched.check()


def test_a_query_shows_models_beside_each_other(watched, report, test):
    page = watched.open(report, '#query=1')
    page.wait_for_selector('.column .answer')
    assert page.locator('.column h3').all_inner_texts() == ['AANet', 'BoT']
    for number, model in enumerate(test.models):
        column = page.locator('.column').nth(number)
        near = (model.answers.distances[1] < model.operating_point.threshold).sum()
        items = column.locator('ol > li').all()
        kinds = ['limit' in i.get_attribute('class') for i in items]
        assert len(items) - sum(kinds) == 10
        assert not any(kinds) or kinds.index(True) == near
        assert column.locator('figure').count() == 2
    assert not page.locator('.summary').is_visible()
    watched.check()
    watched.open(report, '#query=4000')
    page.reload()
    page.wait_for_selector('text=There is no query 4000.')


@pytest.mark.parametrize(
    'address',
    [
        '#by=length&against=constructor&sort=differ',
        '#sort=constructor&page=-3',
        '#page=1.7&by=99&against=99',
        '#page=nothing&camera=__proto__&answer=valueOf',
        '#test=%22%5D&query=1.5',
        '#query=__proto__',
        '#%E0%A4%A&query=%00',
    ],
)
def test_addresses_that_nobody_wrote_do_no_harm(watched, report, address):
    page = watched.open(report, address)
    page.wait_for_selector('.rows, .result p, .query-view')
    watched.check()


def test_it_is_used_by_keys_alone(watched, report):
    page = watched.open(report)
    listed = rows(page)
    page.keyboard.press('j')
    page.keyboard.press('j')
    page.keyboard.press('k')
    page.keyboard.press('ArrowDown')
    page.keyboard.press('Enter')
    page.wait_for_selector('.column .answer')
    assert f'query={listed[1]}' in page.url
    page.keyboard.press('ArrowRight')
    page.wait_for_function(f"location.hash.includes('query={listed[2]}')")
    page.wait_for_selector(f'text="Query {listed[2]}"')
    page.keyboard.press('ArrowLeft')
    page.wait_for_function(f"location.hash.includes('query={listed[1]}')")
    page.keyboard.press('j')
    page.keyboard.press('j')  # faster than the view follows
    for key, at in (('j', 4), ('k', 3), ('k', 2)):
        page.keyboard.press(key)
        page.wait_for_selector(f'.queries-title:text-is("Query {listed[at]}")')
        page.wait_for_selector(f'dd:text-is("{at + 1} of 60")')
    page.keyboard.press('Escape')
    page.wait_for_selector('.rows')
    page.keyboard.press('?')
    assert page.locator('dialog').is_visible()
    page.keyboard.press('Escape')
    page.keyboard.press('/')
    page.keyboard.type('j?k')
    assert page.input_value('input[name=search]') == 'j?k'
    watched.check()


def unfolded(browser, report, **options):
    """Show the overview and then a query, with nothing folded away."""
    context = browser.new_context(**options)
    page = context.new_page()
    for address in ('', '#query=1'):
        page.goto((report / 'index.html').as_uri() + address)
        page.reload()
        page.wait_for_selector('.answer')
        page.evaluate(
            "document.querySelectorAll('details').forEach((d) => d.open = true)"
        )
        yield page
    context.close()


def test_a_narrow_window_is_not_scrolled_sideways(browser, report):
    for page in unfolded(browser, report, viewport=dict(width=360, height=640)):
        assert page.evaluate('document.documentElement.scrollWidth') <= 360


@pytest.mark.parametrize('scheme', ['light', 'dark'])
def test_text_stands_out_from_its_ground(browser, report, scheme):
    for page in unfolded(browser, report, color_scheme=scheme):
        assert page.evaluate(CONTRASTS) == []


def test_every_picture_and_control_has_a_name(watched, report):
    for address in ('', '#query=1'):
        page = watched.open(report, address)
        page.reload()
        page.wait_for_selector('.answer')
        assert page.locator('img:not([alt])').count() == 0
        assert page.locator('svg:not([aria-label])').count() == 0
        unnamed = page.evaluate(
            "[...document.querySelectorAll('input, select')]"
            '.filter((c) => !c.labels.length).map((c) => c.name)'
        )
        assert unnamed == []


def test_hostile_names_are_shown_and_never_run(watched, tmp_path):
    test = make_reported_test(
        num_query=len(NAMES) + 2, num_gallery=20, names=NAMES, models=NAMES
    )
    for path in (tmp_path / 'report', tmp_path / 'report.html'):
        write_results([test], path)
        page = watched.open(path)
        page.wait_for_selector('.answer')
        page.wait_for_load_state('networkidle')
        assert page.title() == 'Results on market1501 test'
        assert NAMES[0] in page.locator('main').inner_text()
        page.goto(page.url.split('#')[0] + '#query=0')
        page.wait_for_selector('.asked')
        assert NAMES[0] in page.locator('.asked').inner_text()
        watched.check()


def test_pictures_that_are_not_there_are_counted_and_framed(watched, tmp_path):
    test = make_reported_test(num_query=5, num_gallery=20)
    path = write_results([test], tmp_path / 'report')
    page = watched.open(path)
    page.wait_for_selector('.answer .missing')
    assert 'pictures cannot be read' in page.locator('.notice').inner_text()
    name = test.queries.path[rows(page)[0]].rsplit('/', 1)[1]
    assert page.locator('.query .missing').first.inner_text() == name
    watched.check()
    path = write_results([test], tmp_path / 'without', thumbnails=False)
    page = watched.open(path)
    page.wait_for_selector('.answer .missing')
    assert page.locator('.notice').count() == 0


def test_models_of_which_only_scores_are_known(watched, tmp_path):
    test = make_reported_test(num_query=5, num_gallery=20, scores_only=('BoT',))
    page = watched.open(write_results([test], tmp_path / 'report'))
    page.wait_for_selector('text=answers are not known')
    assert 'BoT: The file holds scores alone.' in page.locator('main').inner_text()
    watched.check()


def test_several_test_sets_have_their_own_view(watched, tmp_path):
    first, other = (make_reported_test(num_query=n, num_gallery=20) for n in (4, 6))
    renamed = ReportedTest(**{**vars(other), 'name': 'msmt17 test'})
    page = watched.open(write_results([first, renamed], tmp_path / 'report'))
    page.wait_for_selector('text=4 of 4 queries')
    page.click('text=msmt17 test >> nth=1')
    page.wait_for_selector('text=6 of 6 queries')
    assert not page.locator('text=4 of 4 queries').is_visible()
    watched.check()


def test_a_distance_is_seen_where_the_mouse_or_the_keyboard_is(watched, report, test):
    page = watched.open(report)
    q = rows(page)[0]
    page.wait_for_selector('.answer img')
    shown = page.locator('.row').first.locator('.distance')
    first = f'{test.models[0].answers.distances[q][0]:.3f}'
    assert not shown.first.is_visible()
    page.locator('.answer').first.hover()
    assert shown.first.inner_text() == first
    page.mouse.move(1, 1)
    shown.first.wait_for(state='hidden')
    page.keyboard.press('j')
    assert all(s.is_visible() for s in shown.all())
    watched.check()


def test_any_two_of_several_models_are_compared(watched, tmp_path):
    test = make_reported_test(models=('one', 'two', 'three'))
    path = write_results([test], tmp_path / 'report', thumbnails=False)
    page = watched.open(path, '#by=1&against=2&sort=second')
    page.wait_for_selector('.answer')
    assert page.locator('select[name=sort] option:checked').inner_text() == (
        'three ahead of two'
    )
    _, two, three = (m.average_precision for m in test.models)
    more = np.nan_to_num(three - two, nan=-np.inf)
    best = int(more.argmax())
    assert rows(page)[0] == best
    told = page.locator('.row').first.locator('.change')
    points = 100 * more[best]
    assert told.locator('span').first.inner_text() == f'▲ +{points:.1f}'
    assert told.get_attribute('title') == f'three has {points:.1f} points more than two'
    page.select_option('select[name=against]', '0')
    page.wait_for_selector('option:text-is("one ahead of two")', state='attached')
    watched.check()


def test_of_many_models_the_list_shows_the_two_that_are_compared(watched, tmp_path):
    models = tuple(f'model {i}' for i in range(30))
    test = make_reported_test(num_query=3, num_gallery=20, models=models)
    path = write_results([test], tmp_path / 'report', thumbnails=False)
    page = watched.open(path, '#by=4&against=20')
    page.wait_for_selector('.answer')
    names = page.locator('.row').first.locator('.strip-name strong')
    assert names.all_inner_texts() == ['model 4', 'model 20']
    assert page.locator('.scores tbody tr').count() == 30
    page.locator('summary', has_text='Curves').click()
    assert page.locator('.charts svg').count() == 2 + 12
    assert 'first 12 of 30 models' in page.locator('.summary').inner_text()
    page.locator('a.query').first.click()
    page.wait_for_selector('.column .answer')
    heads = page.locator('.column h3').all_inner_texts()
    assert heads[:3] == ['model 4', 'model 20', 'model 0']
    assert len(heads) == 30
    watched.check()


def test_persons_and_cameras_are_groups(watched, report, test):
    page = watched.open(report, '#sort=person')
    page.wait_for_selector('.group')
    person = test.queries.person_id[rows(page)[0]]
    group = test.queries.person_id == person
    told = page.locator('.group').first.inner_text()
    assert f'erson {person}' in told
    assert f'{group.sum()} queries' in told
    for model in test.models:
        value = 100 * np.nanmean(model.average_precision[group])
        assert f'{model.name} {value:.1f}' in told
    page.locator('a.query').first.click()
    page.wait_for_selector('.asked')
    page.click(f'dd a[title="all queries of person {person}"]')
    page.wait_for_selector(f'text={group.sum()} of 60 queries')
    assert sorted(rows(page)) == np.flatnonzero(group).tolist()
    watched.check()


def test_cameras_may_be_unknown_and_distances_infinite(watched, tmp_path):
    test = make_reported_test(num_query=4, num_gallery=20, models=('solo',))
    halves = {
        name: replace(half, cam_id=np.full(len(half), -1))
        for name, half in (('queries', test.queries), ('gallery', test.gallery))
    }
    (model,) = test.models
    model.answers.distances[:, -1] = np.inf
    path = write_results([replace(test, **halves)], tmp_path / 'report')
    page = watched.open(path)
    page.wait_for_selector('.answer')
    assert page.locator('select[name=camera]').count() == 0
    assert 'camera' not in page.locator('.rows').inner_text()
    assert 'distance infinite' in page.locator('.answer').nth(9).get_attribute('title')
    page.locator('a.query').first.click()
    page.wait_for_selector('.column .answer')
    assert '∞' in page.locator('.column').inner_text()
    watched.check()


def test_other_protocols_are_not_compared(watched, tmp_path):
    test = make_reported_test()
    apart = replace(test, differences=(), disagreements=('AANet was re-ranked.',))
    path = write_results([apart], tmp_path / 'report', thumbnails=False)
    page = watched.open(path, '#sort=second')
    page.wait_for_selector('.answer')
    assert 'AANet was re-ranked.' in page.locator('.notice').first.inner_text()
    assert page.locator('.change').count() == 0
    assert page.locator('option[value=second], option[value=mixed]').count() == 0
    page.goto(page.url.split('#')[0] + '#query=1')
    page.wait_for_selector('.column .answer')
    assert page.locator('.change').count() == 0
    watched.check()


def test_there_must_be_a_test(tmp_path):
    with pytest.raises(ValueError, match='at least one test set'):
        write_results([], tmp_path / 'report')


@pytest.mark.slow
def test_a_large_test_set_works(watched, tmp_path):
    test = make_reported_test(**MSMT17, topk=20)
    page = watched.open(write_results([test], tmp_path / 'report', thumbnails=False))
    page.wait_for_selector('.answer')
    assert '11,659 of 11,659 queries' in page.locator('.count').inner_text()
    assert page.locator('.row').count() == 25
    page.select_option('select[name=sort]', 'differ')
    page.wait_for_selector('.answer')
    page.fill('input[name=search]', '_011000_')
    page.wait_for_function("document.querySelectorAll('a.query').length === 1")
    watched.check()
