import xml.etree.ElementTree as ElementTree

import numpy as np
from study_records import draw_records

from mmreid.apis.study.definition import Contrast, StudiedMethod, Study
from mmreid.apis.study.findings import find_differences
from mmreid.apis.study.writing.plots import draw_differences, draw_orders
from mmreid.evaluation.functional.uncertainty import rank_agreement, spread

INK = '#757b82'


def luminance(colour: str) -> float:
    """As WCAG 2 defines it."""
    values = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [
        v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, two: str) -> float:
    dark, bright = sorted((luminance(one), luminance(two)))
    return (bright + 0.05) / (dark + 0.05)


def check_file(svg: str) -> ElementTree.Element:
    """Check that it stands alone: a size, a colour, no ground, nothing from outside."""
    root = ElementTree.fromstring(svg)
    assert root.tag == '{http://www.w3.org/2000/svg}svg'
    assert int(root.attrib['width']) > 100 < int(root.attrib['height'])
    shape = [float(value) for value in root.attrib['viewBox'].split()[2:]]
    sizes = [int(root.attrib[name]) for name in ('width', 'height')]
    np.testing.assert_allclose(np.divide(*sizes), np.divide(*shape), rtol=0.01)
    assert root.attrib['color'] == INK
    for ground in ('#ffffff', '#0d1117'):
        assert contrast(INK, ground) > 4
    return root


def texts(root: ElementTree.Element) -> list[str]:
    return [''.join(found.itertext()) for found in root.iter() if 'text' in found.tag]


def test_differences(tmp_path):
    records = draw_records(
        tmp_path / 'toy.jsonl', dict(A=(3, 0.3), B=(2, 0.0), C=(1, 0.1))
    )
    pairs = (Contrast('A', 'B'), Contrast('A', 'C'))
    methods = {name: StudiedMethod(name, 'toy.py') for name in 'ABC'}
    study = Study('Toy', methods, (0, 1), contrasts=pairs)
    findings = find_differences(study, records, resamples=200)
    root = check_file(draw_differences(findings))
    told = root.attrib['aria-label']
    for finding in findings:
        assert (
            f'against {finding.contrast.against}: {finding.tested.value:+.1f}' in told
        )
    assert told.count('persons alone') == 1
    shown = texts(root)
    assert shown.count('A') == 2
    assert {'against B', 'against C', 'here, 95 %', 'here, persons alone'} <= {*shown}


def test_orders():
    names = [f'method {place}' for place in range(7)]
    ours = {
        name: spread(np.array([40.0 + place, 41.5 + place]))
        for place, name in enumerate(names)
    }
    printed = {
        'Market-1501': {name: 60.0 + place for place, name in enumerate(names)},
        'MSMT17': {name: 60.0 - place for place, name in enumerate(names[1:])},
    }
    agreements = {
        which: rank_agreement(
            np.array([ours[name].mean for name in rows]), np.array([*rows.values()])
        )
        for which, rows in printed.items()
    }
    root = check_file(draw_orders(ours, printed, agreements))
    shown = texts(root)
    assert {'Market-1501: tau 1.00', 'MSMT17: tau -1.00'} <= {*shown}
    assert shown.count('method 0') == 1
    assert shown.count('method 3') == 2
    assert 'MSMT17: tau -1.00 over 6 methods' in root.attrib['aria-label']
