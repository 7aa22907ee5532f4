"""Files are given their names in whole, and never over others by accident."""

import errno
import json
import os

import numpy as np
import pytest
from tiny_market import make_market

from mmreid.apis import ExportOptions, export_model
from mmreid.apis.export.carried_facts import collect_facts
from mmreid.apis.export.judging import Bench
from mmreid.apis.export.placing import check_folder, place


@pytest.fixture
def made(tmp_path):
    """A file of two parts, made somewhere else."""
    for ending in ('xml', 'bin'):
        (tmp_path / f'made.{ending}').write_text(f'new {ending}')
    (tmp_path / 'out').mkdir()
    return tmp_path / 'made.xml'


def test_both_parts_get_their_names(made, tmp_path):
    target = tmp_path / 'out' / 'ä b.v1.xml'
    place(made, target)
    assert sorted(os.listdir(target.parent)) == ['ä b.v1.bin', 'ä b.v1.xml']
    assert target.read_text() == 'new xml'


def test_a_file_that_came_meanwhile_stays(made, tmp_path):
    target = tmp_path / 'out' / 'a.xml'
    target.write_text('of another export')
    with pytest.raises(FileExistsError, match='overwrite'):
        place(made, target)
    assert os.listdir(target.parent) == ['a.xml']
    assert target.read_text() == 'of another export'
    place(made, target, overwrite=True)
    assert target.read_text() == 'new xml'


def test_a_full_disk_is_told_of_by_the_name_that_was_asked_for(
    made, tmp_path, monkeypatch
):
    def full(source, target):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target))

    monkeypatch.setattr('mmreid.apis.export.placing.shutil.copyfile', full)
    with pytest.raises(OSError, match=r'nothing was written.*a\.xml'):
        place(made, tmp_path / 'out' / 'a.xml')
    assert not os.listdir(tmp_path / 'out')


def test_a_folder_that_cannot_be_written_into_is_found_first(tmp_path):
    (tmp_path / 'file').touch()
    with pytest.raises(OSError, match=r'a\.onnx'):
        check_folder(tmp_path / 'file' / 'a.onnx')
    check_folder(tmp_path / 'new' / 'a.onnx')
    assert not os.listdir(tmp_path / 'new')


def test_clothes_that_nobody_knows_are_not_compared(network, market, caplog):
    network.cfg.test_evaluator.protocol = 'cloth-changing'
    try:
        bench = Bench(network, market)
    finally:
        del network.cfg.test_evaluator['protocol']
    assert bench.rules.protocol == 'market'
    assert bench.judge(bench.exact, 'float32').passed


def test_too_few_pictures_are_said_before_the_work(network, market, tmp_path):
    options = ExportOptions(out=tmp_path / 'a.onnx', data=market, most_pictures=20)
    with pytest.raises(ValueError, match='most_pictures must leave 10 persons'):
        export_model(network, options)


def test_few_persons_need_no_drawing(network, tmp_path):
    make_market(tmp_path, persons=3, rng=np.random.default_rng(0))
    assert len(np.unique(Bench(network, tmp_path).pictures.labels.person_id)) == 3


def test_the_report_of_a_gate_is_no_result_of_a_test(network, tmp_path):
    report = tmp_path / 'a.onnx.gate.json'
    report.write_text(json.dumps(dict(passed=True, protocol={}, scores={})))
    with pytest.raises(ValueError, match='must hold the scores of a test'):
        collect_facts(network, 'a', 'bgr', 'float32', results=report)
