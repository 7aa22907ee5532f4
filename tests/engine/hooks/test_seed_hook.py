"""Interrupted and resumed equals uninterrupted, bit for bit."""

from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from toy_training import ToyDataset, losses, toy_config, train

from mmreid.engine import SeedHook, seed_everything
from mmreid.engine.hooks import SeededBatches, seed_hook

HOOKS = [dict(type='PlainCheckpointHook'), dict(type='SeedHook')]


def run(work_dir: Path, workers: int, persistent: bool, resume: str | None = None):
    cfg = toy_config(work_dir, max_epochs=4, custom_hooks=HOOKS)
    cfg.train_dataloader.update(num_workers=workers)
    if workers:
        cfg.train_dataloader.update(persistent_workers=persistent)
    cfg.update(resume=resume is not None, load_from=resume)
    runner = train(cfg)
    return losses(runner), torch.load(work_dir / 'epoch_4.pth', weights_only=True)


def assert_same(one, other):
    assert one[0] == other[0]
    for part in ('state_dict', 'optimizer'):
        torch.testing.assert_close(one[1][part], other[1][part], rtol=0, atol=0)


@pytest.fixture(scope='module')
def uninterrupted(tmp_path_factory):
    folder = tmp_path_factory.mktemp('whole')
    return folder, run(folder, 0, False)


@pytest.mark.parametrize(('workers', 'persistent'), [(0, False), (2, True), (2, False)])
def test_resumed_run_is_bitwise_the_same(tmp_path, uninterrupted, workers, persistent):
    folder, whole = uninterrupted
    resumed = run(tmp_path, workers, persistent, str(folder / 'epoch_2.pth'))
    assert_same(resumed, whole)


def test_persistent_workers_change_nothing(tmp_path, uninterrupted):
    assert_same(run(tmp_path, 2, True), uninterrupted[1])


def test_without_the_hook_the_resumed_run_differs(tmp_path):
    # Dropout and augmentation are random here; otherwise equality would be empty.
    cfg = toy_config(tmp_path, max_epochs=4, custom_hooks=HOOKS[:1])
    whole = losses(train(cfg))
    cfg = toy_config(tmp_path, max_epochs=4, custom_hooks=HOOKS[:1], resume=True)
    cfg.load_from = str(tmp_path / 'epoch_2.pth')
    assert losses(train(cfg)) != whole


def test_augmentation_differs_between_epochs_copies_ranks_and_seeds():
    batches = SeededBatches(ToyDataset(), seed=5, rank=0)

    def fetch(batches, epoch, indices):
        batches.epoch.fill_(epoch)
        return torch.stack([sample['inputs'] for sample in batches(indices)])

    first = fetch(batches, 0, [3, 3, 4])
    assert torch.equal(first, fetch(batches, 0, [3, 3, 4]))
    # An identity with few images gives the same one twice: not the same picture.
    assert not torch.equal(first[0], first[1])
    others = [
        fetch(batches, 1, [3, 3, 4]),
        fetch(SeededBatches(ToyDataset(), 6, 0), 0, [3, 3, 4]),
        fetch(SeededBatches(ToyDataset(), 5, 1), 0, [3, 3, 4]),
    ]
    assert not any(torch.equal(first, other) for other in others)


def test_each_process_draws_its_own_augmentation(monkeypatch):
    monkeypatch.setattr(seed_hook, 'get_rank', lambda: 1)
    loader = torch.utils.data.DataLoader(ToyDataset(), 2, collate_fn=list)
    hook = SeedHook()
    hook.before_train(SimpleNamespace(train_dataloader=loader, train_loop=None, seed=5))
    (first, _), *_ = loader
    (second, _) = SeededBatches(ToyDataset(), seed=5, rank=1)([0, 1])
    (other, _) = SeededBatches(ToyDataset(), seed=5, rank=0)([0, 1])
    assert torch.equal(first['inputs'], second['inputs'])
    assert not torch.equal(first['inputs'], other['inputs'])


def test_a_data_set_with_batched_fetching_keeps_it():
    class Batched(ToyDataset):
        def __getitems__(self, indices):
            return [('batched', index) for index in indices]

    dataset = Batched()
    dataset.__getitems__ = SeededBatches(dataset, 0, 0)
    loader = torch.utils.data.DataLoader(dataset, 2, collate_fn=list)
    assert next(iter(loader)) == [('batched', 0), ('batched', 1)]


@pytest.mark.parametrize('workers', [0, 1])
def test_workers_out_of_reach_are_told(tmp_path, workers):
    cfg = toy_config(tmp_path, custom_hooks=HOOKS)
    cfg.train_cfg = dict(by_epoch=False, max_iters=1)
    cfg.train_dataloader.num_workers = workers
    cfg.param_scheduler = None
    train(cfg)
    log = next(tmp_path.glob('*/*.log')).read_text()
    assert ('does not seed the augmentation' in log) == bool(workers)


def test_seed_everything_separates_keys():
    draws = set()
    for key in [(1, 2), (2, 1), (1, 2, 0), (12,)]:
        seed_everything(*key)
        draws.add(float(torch.rand(())))
    assert len(draws) == 4
