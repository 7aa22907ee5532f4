import json
import math
import os

import numpy as np
import pytest
from page_checks import check_legible

from mmreid.apis.evaluate.analyses import evaluate_features
from mmreid.apis.report.training import gather_training, is_run
from mmreid.evaluation.functional import Features
from mmreid.files import write_json
from mmreid.report.training import write_training

HOSTILE = '</script><script>document.title="run"</script>'


def write_log(folder, loss, text="model = dict(type='A')\nseed = 1\n"):
    """What mmengine leaves of a training."""
    logs = folder / '20260101_000000' / 'vis_data'
    logs.mkdir(parents=True)
    rows = []
    for epoch in (1, 2, 3):
        rows.append(
            dict(
                epoch=epoch, iter=10 * epoch, lr=0.1, loss=loss / epoch, step=10 * epoch
            )
        )
        rows.append({'reid/mAP': 10.0 * (epoch if epoch < 3 else 1.5), 'step': epoch})
    file = logs / '20260101_000000.json'
    file.write_text('\n'.join(map(json.dumps, rows)) + '\n')
    (folder / 'config.py').write_text(text)
    return folder


def features(seed):
    rng = np.random.default_rng(seed)
    persons = np.tile(np.arange(1, 7), 8)
    cameras = np.repeat(np.arange(8), 6)
    centres = np.random.default_rng(0).normal(size=(7, 8))
    vectors = (centres[persons] + rng.normal(0, 1.2, (48, 8))).astype('f4')
    paths = np.array([f'{i}.jpg' for i in range(48)])
    return Features(vectors, persons, cameras, np.arange(48) < 12, paths)


def write_repeat(folder, seeds):
    """What `mmreid repeat` leaves; the last run is not finished."""
    scores = {}
    for seed in seeds:
        run = folder / f'seed{seed}'
        write_json(run / 'run.json', dict(key='k'))
        report = evaluate_features(features(seed))
        write_json(run / 'results.json', report)
        scores[f'seed{seed}'] = report
    write_json(folder / 'seed99' / 'run.json', dict(key='k'))
    return scores


@pytest.fixture
def trainings(tmp_path):
    other = "model = dict(type='B', parts=[dict(n=2)])\nseed = 1\nwork_dir = 'x'\n"
    return [
        str(write_log(tmp_path / 'one', 3.0)),
        str(write_log(tmp_path / HOSTILE.replace('/', '_'), 2.0, other)),
    ]


def test_curves_and_differences_of_trainings(watched, tmp_path, trainings):
    facts = gather_training(trainings)
    assert facts.unit == 'epoch'
    first, second = facts.runs
    assert first.curves['loss'].values == [3.0, 1.5, 1.0]
    assert first.settings == {
        'model.type': "'A'",
        'model.parts.0.n': '-',
    }
    assert second.settings['model.parts.0.n'] == '2'
    for name in ('page', 'page.html'):
        page = watched.open(write_training(facts, tmp_path / name))
        text = page.locator('main').inner_text()
        assert '15 (best 20, epoch 2)' in text
        assert second.name in text
        assert "'B'" in text
        assert page.title() == 'Trainings'
        charts = page.locator('svg[role=img]')
        assert 'last values: one: 1; ' in charts.first.get_attribute('aria-label')
    watched.check()


def test_names_of_all_kinds_and_values_that_are_no_numbers(watched, tmp_path):
    names = ['_a', '$x$ $', 'b' * 200, os.fsdecode(b'bad\xff'), *map(str, range(12))]
    runs = [write_log(tmp_path / 'runs' / name, math.nan) for name in names]
    facts = gather_training([str(run) for run in runs])
    page = watched.open(write_training(facts, tmp_path / 'page'))
    text = page.locator('main').inner_text()
    assert 'first 12 of 16 runs' in text
    assert 'bad\\udcff' in text
    legend = page.locator('svg[role=img]').first.locator('text').all_text_contents()
    assert {'$x$ $', '_a'} <= {word.strip() for word in legend}
    watched.check()


def test_it_tells_how_long_a_training_took(watched, tmp_path):
    run = write_log(tmp_path / 'run', 1.0)
    file = next(run.glob('*/vis_data/*.json'))
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    for row in rows:
        row['time'] = 60.0 if 'lr' in row else 1e9  # of a validation: not counted
    file.write_text('\n'.join(map(json.dumps, rows)))
    facts = gather_training([str(run)])
    assert facts.runs[0].seconds == 30 * 60
    page = watched.open(write_training(facts, tmp_path / 'page'))
    assert '3 epochs, about 0:30:00' in page.locator('main').inner_text()


def test_of_several_test_sets_it_tells_which_is_shown(tmp_path):
    run = tmp_path / 'bot' / 'seed1'
    write_json(run / 'run.json', dict(key='k'))
    report = evaluate_features(features(1))
    write_json(run / 'results.json', dict(market=report, duke=report))
    facts = gather_training([str(tmp_path / 'bot')])
    assert 'Scores are of market; left out: duke.' in facts.intervals


def test_a_summary_stands_for_its_folder(tmp_path):
    write_repeat(tmp_path / 'bot', (1, 2))
    write_json(tmp_path / 'bot' / 'summary.json', {})
    word = str(tmp_path / 'bot' / 'summary.json')
    assert is_run(word)
    folder = gather_training([str(tmp_path / 'bot')])
    assert gather_training([word]) == folder
    with pytest.raises(ValueError, match='once only'):
        gather_training([word, str(tmp_path / 'bot')])


def test_every_seed_and_ablation_with_its_interval(watched, tmp_path):
    scores = write_repeat(tmp_path / 'bot', (1, 2, 3))
    write_repeat(tmp_path / 'bot_without', (4, 5))
    facts = gather_training([str(tmp_path / 'bot'), str(tmp_path / 'bot_without')])
    bot, without = facts.repeated
    values = [scores[f'seed{n}']['reid/mAP'] for n in (1, 2, 3)]
    assert bot.means['mAP'].value == pytest.approx(np.mean(values))
    assert bot.deviations['mAP'] == pytest.approx(np.std(values, ddof=1))
    assert [run.name for run in bot.runs] == ['seed1', 'seed2', 'seed3', 'seed99']
    assert bot.runs[0].scores['mAP'].value == pytest.approx(values[0])
    assert bot.runs[0].scores['mAP'].low < values[0] < bot.runs[0].scores['mAP'].high
    assert 'not finished' in bot.runs[3].problem
    change = without.means['mAP'].value - bot.means['mAP'].value
    assert without.differences['mAP'].value == pytest.approx(change)
    assert bot.differences == {}
    page = watched.open(write_training(facts, tmp_path / 'page'))
    text = page.locator('main').inner_text()
    assert f'{np.mean(values):.2f} ± {np.std(values, ddof=1):.2f}' in text
    assert 'seed99: It is not finished' in text
    assert 'Compared with bot:' in text
    assert f'{change:+.2f} points (' in text
    watched.check()


def test_what_is_no_training_is_refused(tmp_path):
    (tmp_path / 'empty').mkdir()
    assert is_run(str(tmp_path / 'empty'))
    assert not is_run(str(tmp_path / 'features.npz'))
    with pytest.raises(ValueError, match='There are no trainings'):
        gather_training([str(tmp_path / 'empty')])
    with pytest.raises(ValueError, match='once only'):
        gather_training([str(tmp_path / 'empty')] * 2)


@pytest.mark.parametrize('scheme', ['light', 'dark'])
def test_it_is_legible_in_a_narrow_window(browser, tmp_path, trainings, scheme):
    write_repeat(tmp_path / 'bot', (1, 2))
    facts = gather_training([*trainings, str(tmp_path / 'bot')])
    path = write_training(facts, tmp_path / 'page')
    check_legible(browser, path, scheme)
