"""A model exported to every format, judged by its ranking, and used without torch."""

import json

import numpy as np
import pytest
from tiny_market import make_market

from mmreid.apis import ExportOptions, ReIDInferencer, export_model, judge_file
from mmreid.deploy import open_exported
from mmreid.deploy.gate import read_report
from mmreid.evaluation.functional.distances.pairs import least_cosine
from mmreid.evaluation.test_set import Features
from mmreid.search import fit_operating_point, save_operating_point

KINDS = dict(onnx='onnx', openvino='xml', torch='pt2')


@pytest.fixture(scope='module', params=KINDS)
def exported(request, network, market, tmp_path_factory):
    out = tmp_path_factory.mktemp('out') / f'model.{KINDS[request.param]}'
    channels = 'rgb' if request.param == 'openvino' else 'bgr'
    options = ExportOptions(to=request.param, out=out, data=market, channels=channels)
    return export_model(network, options)


def test_the_file_ranks_as_the_network_does(exported, bench):
    assert exported.path is not None, exported.explain()
    judgement = exported.judgement
    assert judgement.passed
    assert judgement.lowest_cosine >= 0.99999
    assert judgement.num_persons == 14
    assert judgement.same_answers == 1
    file = open_exported(exported.path)
    given = bench.run(exported.path)
    assert given.shape == bench.exact.shape == (len(bench.pictures.inputs), file.dim)
    assert np.allclose(given, bench.exact, atol=1e-5)


def test_the_file_tells_of_itself(exported, network):
    facts = open_exported(exported.path).facts
    assert facts == exported.facts
    inferencer = ReIDInferencer(network, precision='float32')
    assert facts.model_key == facts.source_key == inferencer.model_key
    assert (facts.height, facts.width) == (64, 32)
    assert facts.flip_test
    assert facts.normalize == 'whole'
    assert facts.gate == exported.judgement.to_dict()
    assert read_report(exported.path) == exported.judgement
    assert json.loads(exported.report.read_text('utf-8'))['passed'] is True


def test_any_picture_becomes_the_same_vector(exported, network, crops):
    file = open_exported(exported.path)
    given = file(np.stack([file.prepare(crop) for crop in crops]))
    expected = ReIDInferencer(network, precision='float32')(crops).vectors
    assert np.allclose(given, expected, atol=1e-5)


@pytest.fixture
def crops():
    rng = np.random.default_rng(7)
    sizes = [(50, 20), (64, 32), (200, 90), (33, 70)]
    return [rng.integers(0, 256, (*size, 3), np.uint8) for size in sizes]


def test_a_file_is_not_written_over(exported, network, market):
    kind = {f'.{ending}': to for to, ending in KINDS.items()}[exported.path.suffix]
    options = ExportOptions(to=kind, out=exported.path, data=market)
    before = exported.path.read_bytes()
    with pytest.raises(FileExistsError, match='overwrite'):
        export_model(network, options)
    assert exported.path.read_bytes() == before


def test_a_file_is_judged_again(exported, network, market):
    again = judge_file(exported.path, network, data=market)
    assert again.passed
    assert again.lowest_cosine >= 0.99999


def test_a_file_that_nothing_proves_is_not_there(network, tmp_path):
    # Too few persons for an interval.
    make_market(tmp_path / 'few', persons=3, rng=np.random.default_rng(0))
    out = tmp_path / 'out' / 'model.pt2'
    options = ExportOptions(to='torch', out=out, data=tmp_path / 'few')
    exported = export_model(network, options)
    assert exported.path is None
    assert not exported.judgement.passed
    assert exported.judgement.cause == 'test set'
    assert 'persons' in ' '.join(exported.judgement.reasons)
    assert exported.judgement.advice in exported.explain()
    assert [path.name for path in out.parent.iterdir()] == [exported.report.name]


@pytest.mark.parametrize(
    ('options', 'error'),
    [
        (dict(to='tflite'), 'to must be one of'),
        (dict(precision='int4'), 'precision must be one of'),
        (dict(to='torch', precision='int8'), 'export it to onnx or openvino'),
        (dict(channels='gbr'), 'channels must be one of'),
        (dict(tolerance=0), 'tolerance must be a number above 0'),
        (dict(most_pictures=0), 'most_pictures must be at least 1'),
        (dict(num_calibration=True), 'num_calibration must be at least 1'),
        (dict(num_calibration=9), 'num_calibration must be left out for float32'),
        (dict(to='torch', triton='x'), 'triton must be None'),
    ],
)
def test_wrong_options_are_refused_at_once(options, error):
    with pytest.raises(ValueError, match=error):
        ExportOptions(**options)


def test_what_a_network_has_already_is_refused(network):
    with pytest.raises(ValueError, match=r'beside a network.*model\.a=1'):
        export_model(network, cfg_options=['model.a=1'])
    with pytest.raises(ValueError, match=r"beside a network.*'a\.pth'"):
        export_model(network, checkpoint='a.pth')


def test_another_ending_is_refused(network, market, tmp_path):
    options = ExportOptions(to='openvino', out=tmp_path / 'model.onnx', data=market)
    with pytest.raises(ValueError, match=r'must end in \.xml'):
        export_model(network, options)


def test_results_and_threshold_travel(network, market, tmp_path, bench):
    labels = bench.pictures.labels
    arrays = {**labels.arrays(), 'embedding': bench.exact}
    key = ReIDInferencer(network, precision='float32').model_key
    features = Features(**arrays, meta=dict(features_key=dict(model=key)))
    point = fit_operating_point(features, rate=0.1)
    save_operating_point(tmp_path / 'point.json', point)
    (tmp_path / 'results.json').write_text(
        json.dumps({'reid/mAP': 50.0, 'reid/protocol': dict(distance='cosine')})
    )
    exported = export_model(
        network,
        ExportOptions(
            to='torch',
            out=tmp_path / 'model.pt2',
            data=market,
            threshold=tmp_path / 'point.json',
            results=tmp_path / 'results.json',
        ),
    )
    facts = open_exported(exported.path).facts
    assert facts.results['reid/mAP'] == 50.0
    assert facts.threshold['threshold'] == point.threshold


@pytest.mark.parametrize(
    ('to', 'precision'),
    [('onnx', 'bfloat16'), ('openvino', 'bfloat16'), ('openvino', 'int8')],
)
def test_files_in_fewer_bits_are_smaller_and_their_own(
    to, precision, network, market, bench, tmp_path
):
    out = tmp_path / f'model.{KINDS[to]}'
    options = ExportOptions(
        to=to,
        precision=precision,
        out=out,
        data=market,
        tolerance=10,
    )
    exported = export_model(network, options)
    assert exported.path is not None, exported.explain()
    file = open_exported(out)
    assert file.facts.precision == precision
    assert exported.speed > 0
    assert 'times that of float32' in exported.explain()
    assert file.facts == exported.facts
    weights = out.with_suffix('.bin') if to == 'openvino' else out
    whole = sum(p.nbytes for p in network.backbone.parameters())
    assert weights.stat().st_size < whole * (0.4 if precision == 'int8' else 0.6)
    lowest = exported.judgement.lowest_cosine
    assert lowest == pytest.approx(least_cosine(bench.run(out), bench.exact), abs=1e-6)
    is_shared = file.facts.model_key == file.facts.source_key
    assert is_shared == (lowest >= 0.9999)
