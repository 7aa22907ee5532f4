"""Judgements as dicts, as text and as files."""

import json

import numpy as np
import pytest

from mmreid.deploy.gate import (
    Experiment,
    Judgement,
    judge,
    read_report,
    report_path,
    write_report,
)
from mmreid.deploy.gate.causes import ADVICE, Match


@pytest.fixture
def refused(exact, labels):
    return judge(exact, np.roll(exact, 1, axis=0), labels, data='toy')


def test_a_report_lies_beside_the_file(tmp_path, refused):
    file = tmp_path / 'some.where' / 'osnet.onnx'
    report = write_report(refused, file)
    assert report == report_path(str(file)) == file.with_name('osnet.onnx.gate.json')
    assert read_report(file) == refused
    with pytest.raises(FileNotFoundError, match=r'none\.onnx\.gate\.json'):
        read_report(tmp_path / 'none.onnx')
    report.write_text('{"passed": true}')
    with pytest.raises(ValueError, match=r'gate.json is no report of the gate: .*tole'):
        read_report(file)
    report.write_text('{')
    with pytest.raises(ValueError, match=r'is no report of the gate: .*is not JSON'):
        read_report(file)


def test_dicts_are_plain_json(refused):
    values = refused.to_dict()
    text = json.dumps(values, allow_nan=False)
    assert Judgement.from_dict(json.loads(text)) == refused


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (dict(passed='yes'), 'passed of a judgement is of the wrong kind'),
        (dict(passed=True), 'must have reasons where it has not passed'),
        (dict(reasons=[]), 'must have reasons where it has not passed'),
        (dict(tolerance='1'), "tolerance of a judgement is of the wrong kind, got '1'"),
        (dict(scores=[]), 'scores of a judgement is of the wrong kind'),
        (dict(more=1), "unknown are \\['more'\\]"),
        (dict(precision='int4'), 'precision must be one of'),
    ],
)
def test_other_dicts_are_refused(refused, change, message):
    with pytest.raises(ValueError, match=message):
        Judgement.from_dict({**refused.to_dict(), **change})


def test_what_is_no_dict_is_refused(refused):
    with pytest.raises(ValueError, match='must be an object, got list'):
        Judgement.from_dict([])
    values = refused.to_dict()
    del values['interval']
    with pytest.raises(ValueError, match="missing are \\['interval'\\]"):
        Judgement.from_dict(values)


def test_text_has_reasons_cause_and_advice(refused):
    text = refused.explain()
    assert text.startswith('refused: float32 on toy, 60 queries of 30 persons, 120 in')
    for reason in refused.reasons:
        assert reason in text
    assert 'likely cause: order of rows' in text
    assert ADVICE['order of rows'] in text
    row = next(line for line in text.splitlines() if line.startswith('mAP'))
    scores = refused.scores
    assert row.split()[1:4] == [
        f'{scores["network"]["mAP"]:.2f}',
        f'{scores["file"]["mAP"]:.2f}',
        f'{refused.difference:+.2f}',
    ]


def test_an_experiment_overrules_what_vectors_tell(refused):
    matches = {
        'mirrored pictures': Match(0.9999, 1.0, 0.001),
        'swapped channels': Match(0.2, 0.3, 0.8),
    }
    blamed = refused.blame(Experiment('mirrored pictures', matches))
    assert blamed.cause == 'mirrored pictures'
    assert blamed.advice == ADVICE['mirrored pictures']
    assert blamed.reasons == refused.reasons
    assert Judgement.from_dict(blamed.to_dict()) == blamed
    lines = blamed.explain().splitlines()
    rows = [
        line.split() for line in lines if 'pictures  ' in line or 'channels ' in line
    ]
    assert rows[-2][-3:] == ['0.999900', '0.1', '%']
    nothing = refused.blame(Experiment(None, matches))
    assert nothing.cause == refused.cause
    assert nothing.suspects == blamed.suspects


def test_an_experiment_refuses_what_ranks_alike(exact, labels):
    passed = judge(exact, exact, labels, precision='int8')
    assert passed.blame(Experiment(None, {})).passed
    found = Experiment('flip averaging missing', {})
    refused = passed.blame(found)
    assert not refused.passed
    assert 'gives these vectors with flip averaging missing' in refused.reasons[0]
