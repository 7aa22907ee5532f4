from xml.etree import ElementTree

import pytest

from mmreid.report import chart_label, new_figure, page_colours, to_svg


def draw():
    with page_colours():
        figure = new_figure(4, 3)
        axes = figure.subplots()
        axes.plot([0, 1], [1, 0], label='<b>"a" & b')
        axes.legend()
    return to_svg(figure, 'A line that falls, "from" 1 to 0 & <b>')


def test_a_chart_is_described_and_has_the_colours_of_its_page():
    text = draw()
    chart = ElementTree.fromstring(text)
    assert chart.get('aria-label') == 'A line that falls, "from" 1 to 0 & <b>'
    assert chart.get('role') == 'img'
    assert chart.get('viewBox')
    assert chart.get('width') is None
    assert 'currentColor' in text
    assert '#010203' not in text
    texts = [t.text for t in chart.iter('{http://www.w3.org/2000/svg}text')]
    assert '<b>"a" & b' in texts


def test_the_same_chart_has_the_same_bytes():
    assert draw() == draw()


@pytest.mark.parametrize(
    ('name', 'shown'),
    [
        ('BoT', 'BoT'),
        ('_hidden', ' _hidden'),
        ('not \udcff unicode', r'not \udcff unicode'),
        ('two\nlines\x0b', 'two lines'),
        ('n' * 300, 'n' * 31 + '…'),
        (r'$\bad{$', r'$\bad{$'),
    ],
)
def test_any_name_is_shown_by_a_legend(name, shown):
    assert chart_label(name) == shown
    with page_colours():
        figure = new_figure(4, 3)
        figure.subplots().plot([0, 1], [1, 0], label=chart_label(name))
        figure.legend()
    chart = ElementTree.fromstring(to_svg(figure, 'A line'))
    texts = [t.text for t in chart.iter('{http://www.w3.org/2000/svg}text')]
    assert shown in texts
