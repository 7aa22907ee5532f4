"""What mmreid takes from mmengine to read, to describe and to show."""

import json
import sys

import numpy as np
import pytest
import torch
from borrowed import contract
from mmengine import fileio
from mmengine.config import Config, ConfigDict
from mmengine.dataset import (
    BaseDataset,
    Compose,
    ConcatDataset,
    InfiniteSampler,
    default_collate,
    force_full_init,
    pseudo_collate,
)
from mmengine.evaluator import BaseMetric, Evaluator
from mmengine.fileio import LocalBackend
from mmengine.registry import DefaultScope, Registry, init_default_scope
from mmengine.utils.dl_utils import collect_env
from mmengine.visualization import LocalVisBackend, Visualizer


@contract('mmengine.registry')
def test_a_child_builds_its_own_and_its_parents_types():
    parent = Registry('thing', scope='one')
    child = Registry('thing', parent=parent, scope='two')
    parent.register_module('Theirs', module=dict)
    child.register_module('Ours', module=list)
    assert child.build(dict(type='Theirs', a=1)) == dict(a=1)
    assert child.build(dict(type='two.Ours')) == []
    with pytest.raises(KeyError, match='Nobodys'):
        child.build(dict(type='Nobodys'))
    init_default_scope('mmreid')
    assert DefaultScope.get_current_instance().scope_name == 'mmreid'


@contract('mmengine.config')
def test_a_config_inherits_and_survives_a_round_trip(tmp_path):
    (tmp_path / 'base.py').write_text('a = dict(b=dict(f=1), c=[1, 2])\nd = 3\n')
    (tmp_path / 'leaf.py').write_text("_base_ = 'base.py'\na = dict(b=dict(e=(5,)))\n")
    config = Config.fromfile(tmp_path / 'leaf.py')
    assert isinstance(config.a, ConfigDict)
    config.merge_from_dict({'a.b.f': 7})
    assert config.to_dict() == dict(a=dict(b=dict(f=7, e=(5,)), c=[1, 2]), d=3)
    config.dump(tmp_path / 'dumped.py')
    assert Config.fromfile(tmp_path / 'dumped.py').to_dict() == config.to_dict()


@contract('mmengine.fileio')
def test_files_pass_through_a_backend_of_the_name(tmp_path):
    class Shouting(LocalBackend):
        def get_text(self, filepath, encoding='utf-8'):
            return super().get_text(filepath, encoding).upper()

    fileio.register_backend('shouting', Shouting, force=True)
    (tmp_path / 'a.json').write_text('{"a": [1]}')
    path = str(tmp_path / 'a.json')
    assert fileio.load(path) == dict(a=[1])
    assert fileio.get(path) == b'{"a": [1]}'
    told = fileio.get_text(path, backend_args=dict(backend='shouting'))
    assert json.loads(told) == dict(A=[1])


@contract('mmengine.dataset')
def test_records_are_kept_packed_and_joined():
    class Numbers(BaseDataset):
        def load_data_list(self):
            return [dict(value=value) for value in range(3)]

        @force_full_init
        def total(self):
            return sum(self.get_data_info(i)['value'] for i in range(len(self)))

    numbers = Numbers(pipeline=[lambda record: record['value']], lazy_init=True)
    assert numbers.total() == 3
    assert numbers.data_bytes.dtype == np.uint8
    joined = ConcatDataset([numbers, numbers])
    assert [joined[i] for i in range(6)] == [0, 1, 2] * 2
    assert Compose([lambda x: x + 1])(1) == 2


@contract('mmengine.dataset')
def test_batches_are_drawn_and_put_together():
    sampler = iter(InfiniteSampler(range(3), shuffle=False))
    assert [next(sampler) for _ in range(5)] == [0, 1, 2, 0, 1]
    samples = [
        dict(inputs=torch.zeros(2), name='a'),
        dict(inputs=torch.ones(2), name='b'),
    ]
    batch = default_collate(samples)
    assert batch['inputs'].shape == (2, 2)
    assert len(pseudo_collate(samples)['inputs']) == len(batch['name']) == 2


@contract('mmengine.evaluator')
def test_results_of_batches_become_metrics():
    class Count(BaseMetric):
        default_prefix = 'count'

        def process(self, data_batch, data_samples):
            self.results.extend(data_samples)

        def compute_metrics(self, results):
            return dict(all=len(results))

    evaluator = Evaluator([Count()])
    evaluator.process(data_samples=[dict(a=1), dict(a=2)], data_batch=None)
    # The last batch of a group may be filled up with samples that were there.
    assert evaluator.evaluate(1) == {'count/all': 1}


@contract('mmengine.visualization')
def test_numbers_reach_the_folder_of_a_training(tmp_path):
    visualizer = Visualizer(
        name=f'borrowed-{tmp_path.name}',
        vis_backends=[dict(type='LocalVisBackend')],
        save_dir=str(tmp_path),
    )
    assert isinstance(visualizer.get_backend('LocalVisBackend'), LocalVisBackend)
    visualizer.add_config(Config(dict(a=1)))
    visualizer.add_scalars(dict(loss=0.5), step=3)
    (written,) = (tmp_path / 'vis_data').glob('scalars.json')
    assert json.loads(written.read_text()) == dict(loss=0.5, step=3)


@contract('mmengine')
def test_the_environment_is_told():
    """Every Runner does; it needs distutils, from Python 3.12 on that of setuptools."""
    told = collect_env()
    assert told['Python'].startswith(sys.version.split()[0])
    assert told['PyTorch'] == torch.__version__
