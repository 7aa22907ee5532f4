"""Validation and test on several data sets in one run."""

import math

import pytest
from mmengine.hooks import Hook
from mmengine.runner import Runner
from toy_training import ToyDataset, ToyMetric, toy_config

from mmreid.engine import build_runner
from mmreid.engine.loops import name_sets
from mmreid.registry import DATASETS, HOOKS, METRICS


@DATASETS.register_module()
class NamedToys(ToyDataset):
    """Toys that belong to somebody."""

    def __init__(self, name, size, missing=''):
        super().__init__(size, missing, augment=False)
        self.pictures = self.pictures + len(name)
        self.metainfo = dict(dataset=name)


@METRICS.register_module()
class NamedMetric(ToyMetric):
    """Tells what it was told of the data set."""

    def compute_metrics(self, results):
        return {**super().compute_metrics(results), 'meta': dict(self.dataset_meta)}


@HOOKS.register_module()
class SpyHook(Hook):
    """Notes what hooks are called with."""

    seen: list = []

    def before_test_epoch(self, runner):
        self.seen.append(('before', len(runner.test_dataloader)))

    def after_test_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        self.seen.append((batch_idx, len(outputs)))

    def after_test_epoch(self, runner, metrics=None):
        self.seen.append(('after', sorted(metrics)))


def loader(name, size=6, **changes):
    return dict(
        batch_size=4,
        num_workers=0,
        dataset=dict(type='NamedToys', name=name, size=size, **changes),
        sampler=dict(type='DefaultSampler', shuffle=False),
    )


def config_with(loaders, tmp_path, **changes):
    several = isinstance(loaders, list)
    test_cfg = dict(type='MultiTestLoop') if several else dict()
    return toy_config(
        tmp_path,
        test_dataloader=loaders,
        test_cfg=test_cfg,
        test_evaluator=dict(type='NamedMetric'),
        custom_hooks=[dict(type='SpyHook')],
        **changes,
    )


def result_of(loaders, tmp_path):
    return Runner.from_cfg(config_with(loaders, tmp_path)).test()


def test_each_set_has_the_result_of_a_test_of_its_own(tmp_path):
    loaders = [loader('Market-1501'), loader('Duke', 9), loader('Duke', 5)]
    metrics = result_of(loaders, tmp_path)
    names = ['Market-1501', 'Duke', 'Duke-2']
    assert len(metrics) == 12
    for name, single in zip(names, loaders, strict=True):
        expected = result_of(single, tmp_path)
        expected['toy/meta']['set_name'] = name
        assert {k: metrics[f'{name}/{k}'] for k in expected} == expected
    counts = [metrics[f'{name}/toy/count'] for name in names]
    assert counts == [6, 9, 5]
    logs = '\n'.join(path.read_text() for path in tmp_path.glob('*/*.log'))
    assert 'test set 2 of 3: Duke\n' in logs


def test_hooks_see_one_epoch_over_all_sets(tmp_path):
    SpyHook.seen.clear()
    metrics = result_of([loader('a', 6), loader('b', 3)], tmp_path)
    batches = [('before', 3), (0, 4), (1, 2), (2, 3)]
    assert SpyHook.seen == [*batches, ('after', sorted(metrics))]


def test_a_set_that_is_missing_fails_before_any_is_evaluated(tmp_path):
    loaders = [loader('a'), loader('b', missing='/data/b')]
    runner = Runner.from_cfg(config_with(loaders, tmp_path))
    SpyHook.seen.clear()
    with pytest.raises(FileNotFoundError, match='TOYLAND'):
        runner.test()
    assert SpyHook.seen == []


def trained(tmp_path, save_best, **changes):
    hooks = dict(checkpoint=dict(type='CheckpointHook', save_best=save_best))
    hooks['checkpoint']['rule'] = 'greater'
    values = dict(
        val_dataloader=[loader('a'), loader('b', 3)],
        val_cfg=dict(type='MultiValLoop'),
        val_evaluator=dict(type='ToyMetric'),
        train_cfg=dict(by_epoch=True, max_epochs=2, val_interval=1),
        default_hooks=hooks,
    )
    return build_runner(toy_config(tmp_path, **{**values, **changes}))


@pytest.mark.parametrize('choice', ['b/toy/mean', ['a/toy/mean', 'b/toy/mean'], 'auto'])
def test_the_best_checkpoint_is_chosen_by_the_named_set(tmp_path, choice):
    runner = trained(tmp_path, choice)
    runner.train()
    wanted = {'auto': ['a/toy/mean']}.get(choice if isinstance(choice, str) else '')
    for name in wanted or ([choice] if isinstance(choice, str) else choice):
        files = list(tmp_path.glob(f'best_{name.replace("/", "_")}_epoch_*.pth'))
        values = runner.message_hub.get_scalar(f'val/{name}').data[0]
        assert len(values) == 2
        best = 1 + int(values.argmax())
        assert [file.stem[-1] for file in files] == [str(best)]


@pytest.mark.parametrize('choice', ['toy/mean', 'c/toy/mean'])
def test_an_unknown_choice_fails_before_training(tmp_path, choice):
    runner = trained(tmp_path, choice)
    with pytest.raises(ValueError, match=r'start with a/, b/; .*save_best=a/toy/mean'):
        _ = runner.val_loop


@pytest.mark.parametrize('mode', ['val', 'test'])
def test_a_list_needs_the_loop_for_lists(tmp_path, mode):
    changes = {f'{mode}_cfg': dict()}
    if mode == 'test':
        changes['test_dataloader'] = [loader('a')]
    with pytest.raises(ValueError, match=rf"{mode}_cfg=dict\(type='Multi"):
        trained(tmp_path, 'auto', **changes)


@pytest.mark.parametrize('loaders', [loader('a'), []])
def test_the_loop_for_lists_needs_a_list(tmp_path, loaders):
    cfg = config_with(loaders, tmp_path)
    cfg.test_cfg = dict(type='MultiTestLoop')
    runner = Runner.from_cfg(cfg)
    with pytest.raises(ValueError, match='must be a list of data loaders'):
        _ = runner.test_loop


def names(*metas):
    return name_sets([dict(dataset='D', **meta) for meta in metas])


def test_names_are_told_apart_by_what_differs():
    assert name_sets([dict(dataset='Market-1501'), dict(dataset='MSMT17')]) == [
        'Market-1501',
        'MSMT17',
    ]
    assert names(dict(split='test'), dict(split='test+500k')) == [
        'D-test',
        'D-test+500k',
    ]
    labeled, detected = dict(boxes='labeled'), dict(boxes='detected')
    assert names(labeled, detected) == ['D-labeled', 'D-detected']
    assert names(dict(labeled, split_index=0), dict(labeled, split_index=1)) == [
        'D-0',
        'D-1',
    ]
    assert names(
        dict(labeled, split='a'), dict(labeled, split='b'), dict(detected, split='b')
    ) == ['D-labeled-a', 'D-labeled-b', 'D-detected']


def test_names_are_unique_and_fit_into_keys_and_files():
    assert names({}, {}, {}) == ['D', 'D-2', 'D-3']
    metas = ['a b', 'a/b', 'a-b-2', '../x', '', None, 'Märkt 市场']
    found = name_sets([dict(dataset=name) for name in metas])
    assert found == ['a-b', 'a-b-2', 'a-b-2-2', 'x', 'data', 'data-2', 'Märkt-市场']
    assert name_sets([{}]) == ['data']


def test_a_score_that_is_no_number_chooses_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(
        ToyMetric, 'compute_metrics', lambda self, results: dict(mean=math.nan)
    )
    trained(tmp_path, 'a/toy/mean').train()
    assert not list(tmp_path.glob('best*'))
