"""Features files: both formats, mapped into memory, and those of other programs."""

import importlib.util
import json
import mmap
import zipfile
from pathlib import Path

import numpy as np
import pytest
import scipy.io
import torch
from safetensors.torch import save_file

from mmreid.evaluation import DumpEmbeddings
from mmreid.evaluation.features.key import (
    below_common_folder,
    features_key,
    hash_records,
    hash_text,
    hash_weights,
)
from mmreid.evaluation.functional import Features, load_features, save_features

ENDINGS = ('.npz', '.safetensors')


def make(count=9, num_query=3, **changes):
    rng = np.random.default_rng(count)
    values = dict(
        embedding=rng.standard_normal((count, 5)).astype(np.float32),
        person_id=rng.integers(-1, 4, count),
        cam_id=rng.integers(0, 3, count),
        is_query=np.arange(count) < num_query,
        img_path=np.array([f'a/ü{i}' + 'x' * (i % 3) for i in range(count)]),
        meta=dict(dataset='Toy', split_index=None),
        clothes_id=rng.integers(0, 3, count),
        time=np.arange(count) / 4,
    )
    return Features(**{**values, **changes})


def assert_equal(first, second):
    assert first.meta == second.meta
    assert first.arrays().keys() == second.arrays().keys()
    for name, array in first.arrays().items():
        assert array.tolist() == second.arrays()[name].tolist(), name
        assert array.dtype == second.arrays()[name].dtype, name


@pytest.mark.parametrize('ending', ENDINGS)
@pytest.mark.parametrize('clothes', [True, False])
@pytest.mark.parametrize('paths', [True, False])
def test_round_trip(tmp_path, ending, clothes, paths):
    changes = dict() if clothes else dict(clothes_id=None)
    if not paths:
        changes['img_path'] = np.full(9, '')
    written = make(**changes)
    path = tmp_path / 'new' / f'f{ending}'
    save_features(path, written)
    assert_equal(load_features(path), written)
    (tmp_path / 'any').touch()
    assert path.stat().st_mode == (tmp_path / 'any').stat().st_mode
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_times_of_other_programs(tmp_path):
    halves = make().arrays()
    names = dict(embedding='feat', person_id='label', cam_id='cam', time='frames')
    arrays = {
        f'{half}_{name}': halves[ours][part]
        for ours, name in names.items()
        for half, part in (('query', slice(3)), ('gallery', slice(3, None)))
    }
    np.savez(tmp_path / 'a.npz', **arrays)
    assert load_features(tmp_path / 'a.npz').time.tolist() == halves['time'].tolist()
    np.savez(tmp_path / 'b.npz', **halves, frames=np.ones(9))
    assert load_features(tmp_path / 'b.npz').time.tolist() == halves['time'].tolist()
    for wrong in (np.full(9, np.inf), np.full(9, 'noon')):
        np.savez(tmp_path / 'c.npz', **{**halves, 'time': wrong})
        with pytest.raises(ValueError, match='time must hold finite numbers'):
            load_features(tmp_path / 'c.npz')


def is_mapped(array):
    """Whether the memory behind a view is a file's."""
    while isinstance(array, np.ndarray) and array.base is not None:
        array = array.base
    return isinstance(array, mmap.mmap)


@pytest.mark.parametrize('dtype', ['float16', 'float32', 'float64'])
@pytest.mark.parametrize('name', ['f', 'much_longer', 'ä'])
def test_an_npz_file_is_aligned_and_mapped(tmp_path, dtype, name):
    written = make(embedding=np.random.default_rng(0).random((9, 7)).astype(dtype))
    path = tmp_path / f'{name}.npz'
    save_features(path, written)
    before = path.read_bytes()
    loaded = load_features(path)
    assert is_mapped(loaded.embedding)
    assert type(loaded.embedding) is np.ndarray
    assert loaded.embedding.ctypes.data % 64 == 0
    loaded.embedding[:] = 0
    assert path.read_bytes() == before
    assert zipfile.ZipFile(path).testzip() is None


@pytest.mark.skipif(not Path('/proc/self/maps').exists(), reason='Linux only')
def test_a_safetensors_file_is_mapped(tmp_path):
    # Large enough to be seen in the process's own account of its mappings.
    save_features(
        tmp_path / 'f.safetensors', make(9, embedding=np.ones((9, 9999), 'f'))
    )
    loaded = load_features(tmp_path / 'f.safetensors')
    address = loaded.embedding.ctypes.data
    with open('/proc/self/maps') as maps:
        for line in maps:
            start, stop = (int(end, 16) for end in line.split()[0].split('-'))
            if start <= address < stop:
                assert 'f.safetensors' in line
    assert loaded.embedding.sum() == 9 * 9999


def test_what_cannot_be_mapped_is_read(tmp_path):
    written = make()
    arrays = written.arrays()
    np.savez_compressed(tmp_path / 'a.npz', **arrays)
    with zipfile.ZipFile(tmp_path / 'b.npz', 'w') as archive:
        for name, array in arrays.items():
            with archive.open(f'{name}.npy', 'w') as member:  # another header
                np.lib.format.write_array(member, array, version=(2, 0))
    for name in ('a.npz', 'b.npz'):
        loaded = load_features(tmp_path / name)
        assert not is_mapped(loaded.embedding)
        assert np.array_equal(loaded.embedding, written.embedding)
    for shape in ((9, 5), (5, 9)):  # A matrix that was written column by column.
        columns = np.asfortranarray(np.arange(45, dtype=np.float32).reshape(shape))
        arrays = make(shape[0], embedding=columns).arrays()
        np.savez(tmp_path / 'c.npz', **arrays)
        assert np.array_equal(load_features(tmp_path / 'c.npz').embedding, columns)


def test_bfloat16_is_read_as_float32(tmp_path):
    values = torch.randn(4, 3).bfloat16()
    tensors = dict(feat=values, pids=torch.arange(4), camids=torch.zeros(4).int())
    save_file(tensors, tmp_path / 'f.safetensors')
    loaded = load_features(tmp_path / 'f.safetensors', num_query=1)
    assert loaded.embedding.dtype == np.float32
    assert torch.equal(torch.from_numpy(loaded.embedding), values.float())
    assert loaded.is_query.tolist() == [True, False, False, False]


def test_safetensors_is_explained_where_it_is_missing(tmp_path, monkeypatch):
    save_features(tmp_path / 'f.safetensors', make())
    monkeypatch.setattr(importlib.util, 'find_spec', lambda name: None)
    for use in (
        lambda: load_features(tmp_path / 'f.safetensors'),
        lambda: save_features(tmp_path / 'g.safetensors', make()),
        lambda: DumpEmbeddings(tmp_path / 'g.safetensors'),
    ):
        with pytest.raises(ImportError, match='pip install safetensors'):
            use()
    assert [file.name for file in tmp_path.iterdir()] == ['f.safetensors']


def half_names(kind):
    if kind == 'short':
        return 'qf', 'q_pids', 'q_camids', 'gf', 'g_pids', 'g_camids'
    return (
        *('query_f', 'query_label', 'query_cam'),
        *('gallery_f', 'gallery_label', 'gallery_cam'),
    )


@pytest.mark.parametrize('ending', ['.npz', '.safetensors', '.mat'])
@pytest.mark.parametrize('kind', ['short', 'long'])
def test_separate_arrays_of_query_and_gallery(tmp_path, ending, kind):
    whole = make(12, 4)
    labels = (whole.embedding, whole.person_id, whole.cam_id)
    parts = [array[half] for half in (slice(4), slice(4, None)) for array in labels]
    arrays = dict(zip(half_names(kind), parts, strict=True))
    path = tmp_path / f'f{ending}'
    if ending == '.npz':
        np.savez(path, **arrays, q_img_paths=np.array(list('abcd')))
    elif ending == '.mat':
        scipy.io.savemat(path, arrays)
    else:
        save_file({k: torch.from_numpy(v.copy()) for k, v in arrays.items()}, path)
    loaded = load_features(path)
    for name in ('embedding', 'person_id', 'cam_id', 'is_query'):
        assert np.array_equal(getattr(loaded, name), getattr(whole, name)), name
    assert loaded.img_path.tolist() == [''] * 12
    assert loaded.clothes_id is None
    assert loaded.meta == {}


@pytest.mark.parametrize(
    'names',
    [
        ('features', 'pids', 'camids', 'img_paths'),
        ('feat', 'person_id', 'cam_id', 'paths'),
        ('embeddings', 'labels', 'cams', 'path'),
    ],
)
def test_plain_arrays_under_other_names(tmp_path, names):
    whole = make(clothes_id=None, time=None, meta={})
    values = (whole.embedding, whole.person_id, whole.cam_id, whole.img_path)
    arrays = dict(zip(names, values, strict=True))
    path = tmp_path / 'f.npz'
    np.savez(path, **arrays, num_query=3)
    assert_equal(load_features(path), whole)
    np.savez(path, **arrays)
    assert_equal(load_features(path, num_query=3), whole)
    with pytest.raises(ValueError, match=r"lacks \['is_query'\].* num_query"):
        load_features(path)


@pytest.mark.parametrize(
    ('arrays', 'message'),
    [
        (dict(qf=1, q_pids=1, gf=1, g_pids=1), r"f.npz .* lacks \['cam_id'\]"),
        (dict(qf=1, q_pids=1, q_camids=1), r"lacks \['embedding', 'person_id'"),
        (dict(feat=1, features=1), r"\['features', 'feat'\] may all be the same"),
    ],
)
def test_incomplete_files_are_refused(tmp_path, arrays, message):
    np.savez(tmp_path / 'f.npz', **{k: np.ones((2, 2)) for k in arrays})
    with pytest.raises(ValueError, match=message):
        load_features(tmp_path / 'f.npz')


def test_other_formats_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r'f\.pkl is a pickle.*numpy\.savez'):
        load_features(tmp_path / 'f.pkl')
    with pytest.raises(ValueError, match=r'\.mat.*\.npz.*\.safetensors.*f\.bin'):
        load_features(tmp_path / 'f.bin')
    with pytest.raises(ValueError, match=r'f\.mat'):
        save_features(tmp_path / 'f.mat', make())
    (tmp_path / 'f.safetensors').write_bytes(b'nonsense')
    with pytest.raises(ValueError, match=r'f\.safetensors cannot be read'):
        load_features(tmp_path / 'f.safetensors')
    (tmp_path / 'f.mat').write_bytes(
        b'MATLAB 7.3 MAT-file'.ljust(124) + b'\x00\x02IM' + bytes(512)
    )
    with pytest.raises(ValueError, match=r'f\.mat cannot be read'):
        load_features(tmp_path / 'f.mat')


def test_key_tells_what_the_features_were_made_of():
    weights = dict(a=torch.randn(3, 4), b=torch.tensor(2), c=torch.randn(2).half())
    known = hash_weights(weights)
    assert hash_weights(dict(reversed(weights.items()))) == known
    assert hash_weights({**weights, 'a': weights['a'].t().contiguous().t()}) == known
    for name, value in (
        ('a', weights['a'] + 1),
        ('a', weights['a'].reshape(4, 3)),
        ('b', torch.tensor(2, dtype=torch.int32)),
        ('d', torch.zeros(1)),
    ):
        assert hash_weights({**weights, name: value}) != known
    key = features_key(known, hash_text('x'), hash_records(make()))
    other = features_key(known, hash_text('x'), hash_records(make(10)))
    assert key['model'] == other['model']
    assert key['features'] != other['features']
    assert json.loads(json.dumps(key)) == key


def test_records_are_the_same_wherever_the_data_lie():
    names = ['query/1.jpg', 'gallery/2.jpg', 'gallery/3.jpg'] * 3
    keys = set()
    for root in ('/data/market/', '/home/me/m/', 'data/'):
        paths = np.array([root + name for name in names])
        assert below_common_folder(paths) == names
        keys.add(hash_records(make(img_path=paths)))
    assert len(keys) == 1
    first = make()
    for name in ('person_id', 'cam_id', 'is_query'):
        changed = getattr(first, name)[::-1]
        assert hash_records(make(**{name: changed})) != hash_records(first)


@pytest.mark.parametrize(
    'paths', [[], ['/a/b'], ['/a', 'a'], ['', ''], ['a', 'b'], ['/a/x', 'b']]
)
def test_paths_without_a_common_folder_stay(paths):
    assert below_common_folder(np.array(paths, str)) == paths
