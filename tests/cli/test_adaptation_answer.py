"""What `mmreid adapt` prints of scores, which a whole run takes long to have."""

import json
from pathlib import Path

import numpy as np
import pytest

from mmreid.apis.adaptation import Adapted
from mmreid.cli.adaptation_answer import print_answer
from mmreid.report.adaptation import AdaptationFacts, ClusterNumbers, Measured
from mmreid.report.results import Difference, Score


@pytest.fixture
def adapted() -> Adapted:
    facts = AdaptationFacts(
        model='a model',
        folder='photos',
        pictures=(),
        numbers=(ClusterNumbers('before', 40, 20, np.array([12, 8]), 1),),
        measured=Measured(
            'twelve queries',
            {'mAP': Score(50.0, 45.0, 55.0), 'R1': Score(70.0)},
            {'mAP': Score(40.0, 35.0, 45.0)},
            {'mAP': Difference(-10.0, -14.0, -6.0, 0.001)},
        ),
        warnings=('It became worse.',),
    )
    files = (Path(name) for name in ('adapted.pth', 'clusters.csv', 'report.html'))
    return Adapted(facts, *files)


def test_scores_are_laid_out_with_their_change(adapted, capsys):
    print_answer(adapted, as_json=False)
    said = capsys.readouterr()
    lines = [line.split() for line in said.out.splitlines()]
    assert ['before', '2', '20', '1'] in lines
    assert ['mAP', '50.00', '40.00', '-10.00', '[-14.00,', '-6.00]'] in lines
    assert ['R1', '70.00'] in lines
    assert lines[-1] == ['written:', 'report.html']
    assert said.err == 'Warning: It became worse.\n'


def test_programs_get_the_same(adapted, capsys):
    print_answer(adapted, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told['numbers'][0]['several_cameras'] == 1
    assert told['labelled']['before']['R1']['value'] == 70
    assert told['labelled']['after']['mAP']['low'] == 35
    assert told['labelled']['differences']['mAP']['p_value'] == 0.001
    assert told['warnings'] == ['It became worse.']
    assert told['checkpoint'] == 'adapted.pth'
