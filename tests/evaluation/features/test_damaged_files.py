"""Damaged and hostile files end in a sentence: nothing is run, nothing fills memory."""

import json
import os
import re
import resource
import warnings

import pytest
from damaged import bombs, damaged_features, damaged_json, sound_arrays, write_features

from mmreid.apis import (
    Analyses,
    Resampling,
    analyze_features,
    compare_results,
    load_methods,
    plot_logs,
    read_log,
)
from mmreid.apis.evaluate.analyses import format_analysis
from mmreid.apis.evaluate.comparing.comparison_text import format_comparisons
from mmreid.apis.publish.published_meta import read_results
from mmreid.evaluation.features import FeaturesFileError, read_arrays
from mmreid.evaluation.functional import load_features, load_threshold
from mmreid.files import errors_in, to_json

# What the tools answer with a sentence; everything else is a traceback.
SAID = (OSError, ValueError, ImportError)
QUICK = Resampling(20)


def outcome(action, path):
    """Whether an action takes a file; it may refuse it, by name and in a sentence."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('error')
            action(path)
    except SAID as error:
        told = str(error)
    else:
        return 'read'
    assert path.name in told, told
    assert re.match(r"[A-Z/'\[]", told), told
    return 'refused'


def evaluate(path):
    with errors_in(path):
        features = load_features(path, num_query=6 if path.suffix == '.csv' else None)
        report = analyze_features(features, None, Analyses(resampling=QUICK))
        format_analysis(report)
        json.dumps(to_json(report), allow_nan=False)


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def test_features(tmp_path):
    outcomes = {}
    for path in damaged_features(tmp_path):
        before = peak()
        outcomes[path.name] = outcome(evaluate, path)
        assert peak() - before < (2 << 30) + path.stat().st_size, path
    assert len(outcomes) > 250
    assert not [n for n, o in outcomes.items() if 'bomb' in n and o == 'read']
    for ending in ('.npz', '.safetensors', '.pt', '.h5', '.mat'):
        cut = [outcomes[f'cut_{tenth}{ending}'] for tenth in range(1, 10)]
        assert set(cut) == {'refused'}, ending
        assert outcome(evaluate, tmp_path / f'sound{ending}') == 'read'


def test_bombs_are_refused_for_what_they_are(tmp_path):
    told = {
        'texts_bomb.pt': 'texts must be of similar lengths',
        'texts_bomb.csv': 'texts must be of similar lengths',
        'links_bomb.h5': 'must have one name',
        'call_bomb.pt': 'asks for builtins.bytearray',
    }
    for path in bombs(tmp_path):
        if path.name in told:
            with pytest.raises(FeaturesFileError, match=told.pop(path.name)):
                read_arrays(path)
    assert not told


def test_the_array_is_named(tmp_path):
    path = write_features(tmp_path / 'f.npz')
    content = bytearray(path.read_bytes())
    # Within the data of the paths, which are read and so compared with their CRC.
    place = content.index('9.jpg'.encode('utf-32-le'))
    content[place] ^= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"The array 'img_path' in .*f\.npz cannot"):
        load_features(path)


@pytest.mark.parametrize('ending', ['.pt', '.npz'])
def test_no_bit_of_an_archive_changes_unseen(tmp_path, ending):
    # Neither torch nor a mapping of the file compares checksums.
    path = write_features(tmp_path / f'f{ending}')
    content = bytearray(path.read_bytes())
    content[content.index(sound_arrays()['embedding'].tobytes()) + 40] ^= 1
    path.write_bytes(content)
    with pytest.raises(
        ValueError, match=rf'f\{ending} (is damaged|cannot).*(data/0|CRC)'
    ):
        load_features(path)


def report_of(tmp_path):
    features = load_features(write_features(tmp_path / 'f.npz'))
    return json.loads(json.dumps(to_json(analyze_features(features))))


def try_all(tmp_path, sound, action, wrap=lambda line: line):
    """Try all that can be wrong with a JSON file; return the outcomes by name."""
    outcomes = {}
    for number, (name, content) in enumerate(damaged_json(sound)):
        path = tmp_path / f'{number}_{name[:50]}.json'
        path.write_bytes(wrap(content))
        outcomes[name] = outcome(action, path)
    for name in ('deep', 'deep_keys', 'levels', 'latin', 'is_list_2', 'noise'):
        assert outcomes[name] == 'refused', name
    return outcomes


def test_results_to_compare(tmp_path):
    sound = report_of(tmp_path)
    (tmp_path / 'sound.json').write_text(json.dumps(sound))

    def compare(path):
        sets = load_methods([str(tmp_path / 'sound.json'), str(path)])
        with errors_in(path):
            found = {name: compare_results(m, QUICK) for name, m in sets.items()}
            format_comparisons(found)

    outcomes = try_all(tmp_path, sound, compare)
    assert len(outcomes) > 300
    # Whatever stands beside the table of queries does not matter.
    assert outcomes['reid-mAP_list2'] == 'read'
    assert outcomes['reid-per_query_R1_0_str6'] == 'refused'
    assert outcomes['reid-per_query_R1_0_NoneType4'] == 'refused'


def test_results_to_publish(tmp_path):
    outcomes = try_all(
        tmp_path,
        report_of(tmp_path),
        lambda path: json.dumps(read_results(path, dict(dataset='Toy'))),
    )
    assert outcomes['reid-protocol_str6'] == 'refused'


def test_thresholds(tmp_path):
    sound = dict(
        threshold=0.5,
        distance='cosine',
        task='verification',
        rate=0.1,
        achieved_rate=0.1,
        num_trials=10,
        unmated=None,
        dataset='Toy',
        model_key='a',
    )
    features = load_features(write_features(tmp_path / 'f.npz'))

    def use(path):
        threshold = load_threshold(path)
        report = analyze_features(features, None, Analyses(threshold=threshold))
        format_analysis(report)

    outcomes = try_all(tmp_path, sound, use)
    assert outcomes['rate_str6'] == 'refused'
    assert outcomes['model_key_NoneType4'] == 'read'


@pytest.mark.parametrize(
    'row',
    [
        dict(lr=0.1, loss=1.0, time=1.0, epoch=1, iter=3, step=3, memory=7),
        {'reid/mAP': 3.0, 'time': 1.0, 'step': 1, 'epoch': 1},
    ],
)
def test_logs(tmp_path, row):
    before, after = (
        json.dumps(dict(lr=0.1, loss=1.0, epoch=n, iter=3 * n, step=3 * n)).encode()
        for n in (1, 2)
    )
    drawn = []

    def read(path):
        log = read_log(path)
        if not drawn or row['step'] != 3:  # drawing takes longer than reading
            plot_logs([path], sorted(log.curves)[:1], tmp_path / 'curves.png')
            drawn.append(path)

    outcomes = try_all(
        tmp_path, row, read, lambda line: b'\n'.join((before, line, after))
    )
    assert outcomes['step_str6'] == 'refused'


def test_pipes_are_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / 'f.npz')
    with pytest.raises(ValueError, match=r'f\.npz must be a file, but is a pipe'):
        load_features(tmp_path / 'f.npz')
