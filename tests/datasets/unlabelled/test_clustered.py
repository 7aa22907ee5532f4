"""Clusters for labels: seen by workers that stay, and no person in sight."""

import copy
import pickle

import numpy as np
import pytest
import torch
from mmengine.dataset import default_collate
from torch.utils.data import DataLoader

from mmreid.datasets import ClusteredDataset, Market1501, ReIDUnion
from mmreid.registry import DATASETS

STEPS = [
    dict(type='LoadImage'),
    dict(type='Resize', scale=(8, 16)),
    dict(type='PackInputs', meta_keys=('sample_idx', 'person_id')),
]


@pytest.fixture
def inner(market_root) -> dict:
    return dict(
        type='Market1501', data_root=str(market_root), check=False, pipeline=STEPS
    )


def labels_in(batches) -> list[int]:
    return [int(s.gt_label) for batch in batches for s in batch['data_samples']]


def test_records_and_samples_have_clusters(inner):
    clustered = DATASETS.build(dict(type='ClusteredDataset', dataset=inner))
    plain = Market1501(**{k: v for k, v in inner.items() if k != 'type'})
    assert len(clustered) == len(plain) == 6
    assert clustered.labels.tolist() == [-1] * 6
    given = np.array([2, 0, -1, 1, 1, 0])
    clustered.set_labels(given)
    for i, label in enumerate(given):
        record = plain.get_data_info(i)
        assert clustered.get_data_info(i) == {**record, 'gt_label': label}
        assert clustered.get_cat_ids(i) == [label]
        sample = clustered[i]
        assert sample['data_samples'].gt_label.tolist() == [label]
        assert sample['data_samples'].person_id == record['person_id']
        assert torch.equal(sample['inputs'], plain[i]['inputs'])
    clustered.labels[0] = 5  # of a copy
    assert clustered.labels.tolist() == given.tolist()
    with pytest.raises(ValueError, match=r'each of the 6 pictures, got \(3,\)'):
        clustered.set_labels(given[:3])


@pytest.mark.parametrize(
    'context', ['fork', pytest.param('spawn', marks=pytest.mark.slow)]
)
def test_workers_that_stay_see_new_clusters(inner, context):
    clustered = ClusteredDataset(inner)
    loader = DataLoader(
        clustered,
        batch_size=3,
        num_workers=1,
        persistent_workers=True,
        collate_fn=default_collate,
        multiprocessing_context=context,
    )
    for given in ([0, 0, 1, 1, 2, 2], [3, -1, -1, 0, 1, 2]):
        clustered.set_labels(torch.tensor(given))
        assert labels_in(loader) == given


def test_nothing_is_read_before_it_is_asked_for(inner):
    missing = {**inner, 'data_root': 'nowhere'}
    clustered = ClusteredDataset(missing, lazy_init=True)
    assert clustered.declared_ids is None
    assert 'num_ids' not in clustered.metainfo
    with pytest.raises(FileNotFoundError):
        clustered.full_init()
    clustered = ClusteredDataset(inner, lazy_init=True)
    assert len(clustered) == 6


def test_metainfo_knows_no_persons(inner):
    clustered = ClusteredDataset(inner)
    meta, known = clustered.metainfo, clustered.dataset.metainfo
    assert known['num_ids'] == 4
    assert 'num_ids' not in meta
    assert meta['version'] == f'{known["version"]} (without labels)'.lstrip()
    assert meta['num_images'] == 6
    assert {**meta, 'num_ids': 4, 'version': known['version']} == known
    union = ClusteredDataset(ReIDUnion([inner]))
    assert union.metainfo['parts'][0]['version'].endswith('(without labels)')


def test_copies_have_clusters_of_their_own(inner):
    clustered = ClusteredDataset(inner)
    clustered.set_labels(np.arange(6))
    for twin in (copy.deepcopy(clustered), pickle.loads(pickle.dumps(clustered))):
        assert twin.labels.tolist() == [*range(6)]
        twin.set_labels(np.zeros(6, dtype=int))
        assert clustered.labels.tolist() == [*range(6)]
