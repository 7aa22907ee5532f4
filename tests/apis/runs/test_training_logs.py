"""Logs of trainings, resumed ones too, become curves."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from toy_training import toy_config

from mmreid.apis import plot_logs, read_log
from mmreid.engine import build_runner


def run(work_dir: Path, epochs: int = 2, kind: str = 'ScalarLogProcessor', **changes):
    """Train, three steps an epoch; every step is logged."""
    cfg = toy_config(work_dir, max_epochs=epochs, **changes)
    cfg.val_dataloader, cfg.val_cfg = cfg.test_dataloader, dict()
    cfg.val_evaluator = cfg.test_evaluator
    cfg.train_cfg.val_interval = 1
    cfg.default_hooks.logger.interval = 1
    cfg.log_processor = dict(type=kind)
    build_runner(cfg).train()


def write(folder: Path, name: str, rows: list[dict], end: str = '') -> None:
    file = folder / name / 'vis_data' / f'{name}.json'
    file.parent.mkdir(parents=True)
    file.write_text(''.join(f'{json.dumps(row)}\n' for row in rows) + end)
    (file.parent / 'scalars.json').write_text(file.read_text())


def step(iteration: int, loss: float, length: int = 10, **values) -> dict:
    epoch = (iteration - 1) // length + 1
    place = dict(epoch=epoch, iter=iteration, step=iteration)
    return dict(lr=0.1, loss=loss, time=1.0, **place, **values)


def logged(log, key: str) -> list[tuple[float, float]]:
    return list(zip(*log.curves[key], strict=True))


@pytest.mark.parametrize('kind', ['LogProcessor', 'ScalarLogProcessor'])
def test_a_training_is_read(tmp_path, kind):
    run(tmp_path, kind=kind)
    (file,) = tmp_path.glob('*/vis_data/[0-9]*.json')
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    for source in (tmp_path, file.parents[1], file):
        log = read_log(source)
        assert log.unit == 'epoch'
        losses = [row['loss'] for row in rows if 'loss' in row]
        assert log.curves['loss'].values == losses
        assert log.curves['loss'].positions == pytest.approx(np.arange(1, 7) / 3)
        assert [place for place, _ in logged(log, 'toy/mean')] == [1, 2]
        # Those of a validation are not among the steps'.
        assert len(log.curves['time'].values) == 6
        assert not {'epoch', 'iter', 'step'} & log.curves.keys()


def test_a_resumed_training_is_one(tmp_path):
    run(tmp_path / 'a', epochs=3)
    run(tmp_path / 'b', epochs=2)
    checkpoint = str(tmp_path / 'b' / 'epoch_1.pth')
    # In another folder only because the folders of one second have one name.
    run(tmp_path / 'c', epochs=3, load_from=checkpoint, resume=True)
    (log,) = (tmp_path / 'c').glob('*/vis_data/[0-9]*.json')
    target = tmp_path / 'b' / 'later' / 'vis_data'
    target.mkdir(parents=True)
    log.rename(target / '99991231_235959.json')
    whole, joined = read_log(tmp_path / 'a'), read_log(tmp_path / 'b')
    assert whole.curves['loss'].positions == joined.curves['loss'].positions
    assert len(joined.curves['toy/mean'].positions) == 3


def test_later_starts_override_what_they_repeat(tmp_path):
    first = [step(5, 1.0), step(10, 2.0), dict(mAP=0.1, epoch=1, iter=10, step=1)]
    lost = [step(15, 3.0), step(20, 4.0), dict(mAP=0.2, epoch=2, iter=20, step=2)]
    write(tmp_path, '20260101_000000', first + lost, end='{"lr": 0.1, "lo')
    write(tmp_path, '20260101_000001', [])
    write(tmp_path, '20260102_000000', [step(15, 5.0), step(20, 6.0)])
    log = read_log(tmp_path)
    assert logged(log, 'loss') == [(0.5, 1.0), (1, 2.0), (1.5, 5.0), (2, 6.0)]
    assert logged(log, 'mAP') == [(1, 0.1)]
    # A training that began anew has nothing of those before.
    write(tmp_path, '20260103_000000', [step(5, 7.0), step(15, 8.0)])
    log = read_log(tmp_path)
    assert logged(log, 'loss') == [(5 / 8, 7.0), (15 / 8, 8.0)]  # at least 8 an epoch
    assert 'mAP' not in log.curves


def test_a_start_may_begin_with_a_validation(tmp_path):
    test = dict(epoch=1, iter=10, step=1)
    write(tmp_path, '20260101_000000', [step(5, 1.0), step(10, 2.0), step(15, 3.0)])
    write(tmp_path, '20260102_000000', [dict(mAP=0.1, **test)])
    log = read_log(tmp_path)
    assert logged(log, 'loss') == [(0.5, 1.0), (1, 2.0), (1.5, 3.0)]
    write(tmp_path, '20260103_000000', [dict(mAP=0.2, **test), step(15, 4.0)])
    log = read_log(tmp_path)
    assert logged(log, 'loss') == [(0.5, 1.0), (1, 2.0), (1.5, 4.0)]
    assert logged(log, 'mAP') == [(1, 0.2)]


def test_trainings_without_epochs(tmp_path):
    rows = [dict(lr=0.1, loss=1.0, iter=5, step=5), dict(mAP=0.1, iter=7, step=0)]
    write(tmp_path, '20260101_000000', rows)
    log = read_log(tmp_path)
    assert log.unit == 'iteration'
    assert logged(log, 'loss') == [(5, 1.0)]
    assert logged(log, 'mAP') == [(7, 0.1)]


def test_runs_are_compared_in_one_picture(tmp_path):
    nan = float('nan')
    write(tmp_path / 'x' / 'a', '20260101_000000', [step(5, 1.0), step(9, nan, part=2)])
    write(tmp_path / 'y' / 'b', '20260101_000000', [step(5, 3.0), step(9, 2.5)])
    runs, out = [tmp_path / 'x' / 'a', tmp_path / 'y' / 'b'], tmp_path / 'new' / 'c.png'
    table = plot_logs(runs, ['loss', 'part'], out)
    assert table.splitlines() == [
        'run  loss  part',
        'x/a   nan     2',
        'y/b   2.5     -',
    ]
    blue, orange = (180, 119, 31), (14, 127, 255)
    picture = cv2.imread(str(out))
    left, right = np.split(picture[: picture.shape[0] * 3 // 4], 2, axis=1)
    for half, colours in [(left, [blue, orange]), (right, [blue])]:
        for colour in (blue, orange):
            drawn = (half == colour).all(axis=-1).sum() > 10
            assert drawn == (colour in colours)
    plot_logs(runs[:1], ['lr'], tmp_path / 'one.svg')
    assert '<svg' in (tmp_path / 'one.svg').read_text()


def test_many_runs_can_be_told_apart(tmp_path):
    runs = [tmp_path / f'a_rather_long_name_of_a_run_{n}' for n in range(12)]
    for number, folder in enumerate(runs):
        write(folder, '20260101_000000', [step(5, number), step(10, number)])
    plot_logs(runs, ['loss'], tmp_path / 'a.png')
    height, width, _ = cv2.imread(str(tmp_path / 'a.png')).shape
    assert (width, height) == (600, 432)


def test_what_cannot_be_drawn_is_explained(tmp_path):
    a, b, out = tmp_path / 'a', tmp_path / 'b', tmp_path / 'a.png'
    write(a, '20260101_000000', [step(5, 1.0, **{'reid/mAP': 3.0})])
    write(b, '20260101_000000', [dict(lr=0.1, loss=1.0, iter=5, step=5)])
    write(tmp_path / 'new', '20260101_000000', [])
    for runs, keys, message in [
        ([a], ['mAP'], r"logged 'mAP'; there are \['reid/mAP'"),
        ([a, a], ['loss'], 'once only'),
        ([a, b], ['loss'], 'plot them apart'),
        ([tmp_path / 'new'], ['loss'], 'Nothing has been logged'),
        ([a], [], 'need a value to draw'),
    ]:
        with pytest.raises(ValueError, match=message):
            plot_logs(runs, keys, out)
    with pytest.raises(ValueError, match=r'ending in \.png'):
        plot_logs([a], ['loss'], tmp_path / 'a.gif')
    with pytest.raises(FileNotFoundError, match=f'there are in {a}, {b}'):
        plot_logs([tmp_path], ['loss'], out)
    with pytest.raises(FileNotFoundError, match='none has no JSON logs'):
        plot_logs([tmp_path / 'none'], ['loss'], out)
    for text, message in [
        ('{"a": 1}\n', 'has no steps'),
        ('x\n{}\n', 'line 1, is not'),
    ]:
        (tmp_path / 'b.json').write_text(text)
        with pytest.raises(ValueError, match=message):
            read_log(tmp_path / 'b.json')
