"""A page of a gallery as it is used: by keyboard, by two, while others write."""

import csv
import json
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from page_checks import CONTRASTS
from patience import PATIENCE, wait_until

from mmreid.search import OperatingPoint, open_gallery
from mmreid.search.decisions.calibration import Calibration


def open_page(context, served, fragment=''):
    page = context.new_page()
    page.complaints = []
    page.on('pageerror', lambda error: page.complaints.append(str(error)))
    page.on('console', lambda m: page.complaints.append(m.text))
    page.goto(served.url + fragment)
    page.wait_for_selector('#cameras input')
    return page


@pytest.fixture
def context(browser):
    made = browser.new_context(viewport=dict(width=1280, height=800))
    yield made
    made.close()


@pytest.fixture
def point(people):
    """A threshold of the gallery's own, with an error rate and probabilities."""
    made = OperatingPoint(
        threshold=0.02,
        rate=0.01,
        achieved_rate=0.012,
        num_negative=500,
        task='identification',
        num_gallery=24,
        calibration=Calibration('logistic', (100.0, -2.0)),
        model_key='colours',
    )
    with open_gallery(people / 'people.db') as gallery:
        gallery.operating_point = made
    return made


def wait(page, script):
    page.wait_for_function(f'() => {script}')


def count(page, selector):
    return f"document.querySelectorAll('{selector}').length"


def ask(page, number):
    page.fill('#number', str(number))
    page.press('#number', 'Enter')
    wait(page, f"document.querySelector('#verdict').textContent.includes('{number}')")
    wait(page, "!document.body.classList.contains('busy')")


def test_an_entry_is_named_by_its_number_or_drawn(context, served):
    page = open_page(context, served)
    ask(page, 5)
    assert page.locator('.verdict').inner_text() == 'Entry 5: person p1'
    assert page.url.endswith('#entry=5')
    page.click('#any')
    page.wait_for_function('() => location.hash !== "#entry=5"')
    page.go_back()
    wait(page, "document.querySelector('#verdict').textContent.includes('Entry 5')")
    page.click('[data-choose=others]')
    wait(page, f'{count(page, "#answers li")} === 12')
    assert page.locator('input[value=c0]').is_checked() is False
    page.click('[data-choose=all]')
    wait(page, f'{count(page, "#answers li")} === 23')
    page.fill('#number', '99')
    page.press('#number', 'Enter')
    page.wait_for_selector('text=There is no entry 99 any more.')
    # 404 of an entry that is none is what the browser complains of, and nothing else.
    assert all('404' in text for text in page.complaints)


def test_several_fields_are_conditions(context, served):
    page = open_page(context, served, '/#entry=5')
    page.fill('input[name=field]', 'hat=true')
    page.click('#more')
    page.keyboard.type('hat=false')
    page.keyboard.press('Tab')
    wait(page, f'{count(page, "#answers li")} === 23')
    page.fill('input[name=field] >> nth=1', 'nonsense')
    page.keyboard.press('Tab')
    page.wait_for_selector('text=A field must be NAME=VALUE.')
    assert page.complaints == []


def test_entries_without_a_camera_are_a_choice(context, served, people):
    with open_gallery(people / 'people.db') as gallery:
        gallery.update([1, 2], cameras=[None, None])
    page = open_page(context, served, '/#entry=5')
    wait(page, f'{count(page, "#answers li")} === 23')
    page.uncheck('input[value=c0]')
    wait(page, f'{count(page, "#answers li")} === 13')
    page.uncheck('[data-unknown]')
    wait(page, f'{count(page, "#answers li")} === 11')


def test_the_threshold_begins_at_the_gallerys_own(context, served, point):
    page = open_page(context, served, '/#entry=5')
    page.wait_for_selector('#answers li')
    rate = page.locator('#rate').inner_text()
    assert "gallery's own threshold" in rate
    assert 'about 1 in 100 gets an answer' in rate
    assert page.locator('#threshold-value').input_value() == '0.0200'
    shown = page.evaluate(
        "[...document.querySelectorAll('#answers strong')].map((e) => e.textContent)"
    )
    distances = [float(text.split()[1].rstrip(',')) for text in shown]
    assert '% one person' in shown[0]
    near = sum(distance < 0.02 for distance in distances)
    sides = page.locator('#sides').inner_text()
    assert sides.startswith(f'{near} of 23 answers shown')
    page.fill('#threshold-value', '1.5')
    page.press('#threshold-value', 'Enter')
    assert page.locator('#sides').inner_text().startswith('23 of 23')
    assert 'how often this one errs is not known' in page.locator('#rate').inner_text()
    page.click('#back')
    assert page.locator('#sides').inner_text() == sides
    page.focus('#threshold')
    page.keyboard.press('Home')
    assert page.locator('.verdict').inner_text() == 'Entry 5: unknown'
    page.fill('#threshold-value', 'x')
    page.press('#threshold-value', 'Enter')
    page.locator('#threshold-value').blur()
    assert page.locator('#threshold-value').input_value() == '0.0000'
    assert page.complaints == []


def test_all_is_done_by_keyboard_alone(context, served, people):
    page = open_page(context, served)
    page.keyboard.press('Tab')
    assert page.evaluate('document.activeElement.className') == 'skip'
    seen = []
    for _ in range(30):
        page.keyboard.press('Tab')
        name = page.evaluate(
            'document.activeElement.id || document.activeElement.name'
            ' || document.activeElement.dataset.choose'
            ' || document.activeElement.textContent'
        )
        ring = page.evaluate('getComputedStyle(document.activeElement).outlineStyle')
        seen.append((name, ring))
        if name == 'number' and not page.locator('#number').input_value():
            page.keyboard.type('5')
            page.keyboard.press('Enter')
            page.wait_for_selector('#answers li')
        if page.evaluate("document.activeElement.matches('#answers li')"):
            break
    names = [name for name, _ in seen]
    wanted = ['file', 'number', 'any', 'all', 'camera', 'from', 'field', 'threshold']
    assert [name for name in wanted if name not in names] == []
    assert {ring for _, ring in seen} <= {'solid', 'auto'}, seen
    for key in ('y', 'End', 'ArrowLeft', 'ArrowLeft', 'Home', 'ArrowRight', 'n'):
        page.keyboard.press(key)
    wait(page, f'{count(page, ".mark[aria-pressed=true]")} === 2')
    assert page.evaluate('document.activeElement.dataset.number') == '1'
    page.keyboard.press('s')
    wait(page, "location.hash !== '#entry=5'")
    wait(page, "!document.body.classList.contains('busy')")
    # The focus stays among the answers.
    wait(page, "document.activeElement.matches('#answers li')")
    assert page.complaints == []


def test_two_windows_keep_each_others_marks(context, served, people, serve):
    other = serve()  # another program on the same table
    pages = [open_page(context, each, '/#entry=5') for each in (served, served, other)]
    for place, page in enumerate(pages):
        page.wait_for_selector('#answers li')
        page.locator('#answers li').nth(place).focus()
        page.keyboard.press('y')
        wait(page, f'{count(page, ".mark[aria-pressed=true]")} === 1')
    with (people / 'people.marks.csv').open(newline='') as file:
        assert len([*csv.DictReader(file)]) == 3
    for page in pages:
        page.reload()
        wait(page, f'{count(page, ".mark.true[aria-pressed=true]")} === 3')
        assert page.complaints == []


def test_a_gallery_may_change_meanwhile(context, served, people):
    page = open_page(context, served, '/#entry=5')
    wait(page, f'{count(page, "#answers li")} === 23')
    with open_gallery(people / 'people.db') as gallery:
        gallery.remove([6, 7])
        gallery.compact()
        gallery.add(
            np.tile(gallery.vectors([5]), (40, 1)),
            model_key='colours',
            cameras=['new'] * 40,
        )
        gallery.reindex('hnsw')
    # Answers that are gone are told, and the next search has what is there.
    page.locator('#answers li').nth(0).focus()
    page.keyboard.press('y')
    page.wait_for_selector('text=There is no entry')
    page.press('input[name=k]', 'Tab')
    page.fill('input[name=k]', '100')
    page.keyboard.press('Tab')
    page.wait_for_selector('input[value=new]')
    wait(page, f'{count(page, "#answers li")} === 61')
    assert page.locator('#about').inner_text().startswith('62 entries')


def test_searches_during_an_add_see_whole_batches(served, people):
    stop, sizes = threading.Event(), []

    def look():
        while not stop.is_set() or len(sizes) < 2:
            request = urllib.request.Request(
                f'{served.url}/search?entry=1&k=200', b'', {'X-mmreid': '1'}
            )
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                sizes.append(json.load(answer)['entries'])

    with ThreadPoolExecutor(1) as other, open_gallery(people / 'people.db') as gallery:
        looking = other.submit(look)
        # The first search may take longer than all that is added.
        wait_until(lambda: sizes or looking.done())
        for _ in range(20):
            gallery.add(np.eye(27, dtype='f4')[:5], model_key='colours')
        stop.set()
        looking.result()
    assert sizes == sorted(sizes)
    assert {*sizes} <= {24 + 5 * batch for batch in range(21)}


def test_the_link_with_the_token_opens_from_anywhere(browser, serve):
    served = serve('0.0.0.0')
    link = f'{served.url}/?token={served.token}'
    elsewhere = f'<a href="{link}">x</a><img src="{served.url}/pictures/1">'

    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header('Content-Type', 'text/html')
            self.end_headers()
            self.wfile.write(elsewhere.encode())

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(('127.0.0.1', 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    context = browser.new_context()
    page = context.new_page()
    page.goto(f'http://localhost:{server.server_port}/')
    page.click('a')
    page.wait_for_selector('#cameras input')
    assert 'token' not in page.url
    page.reload()
    page.wait_for_selector('#cameras input')
    assert page.evaluate('document.cookie') == ''
    # Whoever is let in, pictures of another page are not.
    page.goto(f'http://localhost:{server.server_port}/')
    page.wait_for_load_state('networkidle')
    assert page.evaluate("document.querySelector('img').naturalWidth") == 0
    context.close()
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize('scheme', ['light', 'dark'])
def test_texts_stand_out(browser, served, point, scheme):
    context = browser.new_context(color_scheme=scheme)
    page = open_page(context, served, '/#entry=5')
    page.wait_for_selector('#answers li')
    page.locator('#answers li').first.focus()
    page.keyboard.press('y')
    page.keyboard.press('ArrowRight')
    page.keyboard.press('n')
    wait(page, f'{count(page, ".mark[aria-pressed=true]")} === 2')
    for summary in page.locator('summary:visible').all():
        summary.click()
    assert page.evaluate(CONTRASTS) == []
    unnamed = page.evaluate(
        "[...document.querySelectorAll('button, input, img')].filter((e) =>"
        'e.getClientRects().length && !(e.ariaLabel || e.alt || e.title'
        ' || e.textContent.trim() || e.labels?.length)).map((e) => e.outerHTML)'
    )
    assert unnamed == []
    context.close()


def test_a_narrow_window_holds_long_names(browser, served, people):
    with open_gallery(people / 'people.db') as gallery:
        gallery.update([6], persons=['x' * 300], cameras=['\u202e' + 'y' * 300])
        gallery.update([7], fields=[{'"><img src=x>'.replace('"', "'"): 'z' * 300}])
    context = browser.new_context(viewport=dict(width=360, height=640))
    page = open_page(context, served, '/#entry=5')
    page.wait_for_selector('#answers li')
    for summary in page.locator('summary:visible').all():
        summary.click()
    assert page.evaluate('document.documentElement.scrollWidth') <= 360
    assert page.complaints == []
    context.close()
