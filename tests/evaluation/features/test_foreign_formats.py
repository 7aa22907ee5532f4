"""Features as other programs really write them: a way in, or one clear sentence."""

import pickle
import sys

import h5py
import numpy as np
import pytest
import scipy.io
import torch

from mmreid.evaluation.features import FeaturesFileError, read_arrays
from mmreid.evaluation.functional import load_features

COUNT, NUM_QUERY, DIM = 7, 3, 4
PATHS = ['q/0001_c1 ä.jpg', 'q/2.jpg', 'q/003.jpg', *(f'g/{i}.jpg' for i in range(4))]


def whole():
    rng = np.random.default_rng(1)
    return dict(
        features=rng.standard_normal((COUNT, DIM)).astype(np.float32),
        pids=np.array([1, 2, 3, 1, 2, 3, -1]),
        camids=np.array([0, 0, 0, 1, 1, 1, 2]),
    )


def halves():
    arrays = whole()
    names = dict(features='f', pids='label', camids='cam')
    return {
        f'{half}_{names[key]}': array[part]
        for half, part in (
            ('query', slice(NUM_QUERY)),
            ('gallery', slice(NUM_QUERY, None)),
        )
        for key, array in arrays.items()
    }


def assert_is_whole(found, paths=None):
    known = whole()
    np.testing.assert_array_equal(found.embedding, known['features'])
    assert found.embedding.dtype.kind == 'f'
    assert found.person_id.tolist() == known['pids'].tolist()
    assert found.cam_id.tolist() == known['camids'].tolist()
    assert found.is_query.tolist() == [True] * NUM_QUERY + [False] * (COUNT - NUM_QUERY)
    assert found.img_path.tolist() == (paths or [''] * COUNT)


def write_matlab_73(path, variables):
    """Write what MATLAB's `save -v7.3` writes, as far as readers look at it."""
    with h5py.File(path, 'w', userblock_size=512) as file:
        _put_all(file, file, variables)
    head = b'MATLAB 7.3 MAT-file, Platform: GLNXA64'.ljust(124) + b'\x00\x02IM'
    with open(path, 'r+b') as file:
        file.write(head)


def _put_all(file, group, variables):
    for name, value in variables.items():
        _put(file, group, name, value)


def _put(file, group, name, value):
    if isinstance(value, dict):
        inner = group.create_group(name)
        inner.attrs['MATLAB_class'] = np.bytes_('struct')
        _put_all(file, inner, value)
    elif isinstance(value, str):
        codes = np.frombuffer(value.encode('utf-16-le'), '<u2')[:, None]
        data = group.create_dataset(name, data=codes)
        data.attrs['MATLAB_class'] = np.bytes_('char')
    elif isinstance(value, list):
        heap = file.require_group('#refs#')
        cells = np.empty((1, len(value)), h5py.ref_dtype)
        for place, text in enumerate(value):
            _put(file, heap, f'{name}_{place}', text)
            cells[0, place] = heap[f'{name}_{place}'].ref
        data = group.create_dataset(name, data=cells, dtype=h5py.ref_dtype)
        data.attrs['MATLAB_class'] = np.bytes_('cell')
    else:
        matrix = np.atleast_2d(np.asarray(value, np.float64))
        data = group.create_dataset(name, data=matrix.T)
        data.attrs['MATLAB_class'] = np.bytes_('double')


@pytest.mark.parametrize('ending', ['.mat', '7.3'])
@pytest.mark.parametrize('turned', [False, True])
@pytest.mark.parametrize('in_a_structure', [False, True])
def test_matlab_as_matlab_writes_it(tmp_path, ending, turned, in_a_structure):
    arrays = whole()
    vectors = arrays['features'].astype(np.float64)
    variables = dict(
        feat=vectors.T if turned else vectors,
        pids=arrays['pids'].astype(np.float64)[None],  # 1 x N doubles
        cams=arrays['camids'].astype(np.float64)[:, None],  # N x 1 doubles
        num_query=np.array([[float(NUM_QUERY)]]),
    )
    path = tmp_path / 'f.mat'
    if ending == '7.3':
        variables['paths'] = PATHS
        write_matlab_73(path, dict(result=variables) if in_a_structure else variables)
    else:
        variables['paths'] = np.array(PATHS, object)  # a cell array
        content = dict(result=variables) if in_a_structure else variables
        scipy.io.savemat(path, content, do_compression=turned)
    assert_is_whole(load_features(path), PATHS)


def test_paths_as_a_matrix_of_characters(tmp_path):
    arrays = whole() | dict(paths=np.array(PATHS), num_query=NUM_QUERY)
    scipy.io.savemat(tmp_path / 'f.mat', arrays)
    assert_is_whole(load_features(tmp_path / 'f.mat'), PATHS)


def test_pytorch_result_mat_of_layumi(tmp_path):
    scipy.io.savemat(tmp_path / 'pytorch_result.mat', halves())
    assert_is_whole(load_features(tmp_path / 'pytorch_result.mat'))
    write_matlab_73(tmp_path / 'again.mat', halves())
    assert_is_whole(load_features(tmp_path / 'again.mat'))


def test_a_square_matrix_is_not_turned(tmp_path):
    arrays = whole()
    arrays['features'] = np.arange(49, dtype=np.float32).reshape(7, 7)
    np.savez(tmp_path / 'f.npz', **arrays, num_query=3)
    found = load_features(tmp_path / 'f.npz').embedding
    np.testing.assert_array_equal(found, arrays['features'])


@pytest.mark.parametrize('kind', ['whole', 'halves', 'nested'])
def test_tensors_of_torch(tmp_path, kind):
    arrays = halves() if kind == 'halves' else whole()
    content = {name: torch.from_numpy(array) for name, array in arrays.items()}
    if kind != 'halves':
        content |= dict(num_query=NUM_QUERY, camids=arrays['camids'].tolist())
    if kind == 'nested':
        content = dict(result=content, epoch=3, note='x', nothing=None)
    torch.save(content, tmp_path / 'f.pth')
    assert_is_whole(load_features(tmp_path / 'f.pth'))
    if kind == 'whole':
        content |= dict(img_paths=PATHS, pids=arrays['pids'])
        for zipped in (True, False):
            torch.save(
                content, tmp_path / 'f.pt', _use_new_zipfile_serialization=zipped
            )
            assert_is_whole(load_features(tmp_path / 'f.pt'), PATHS)


@pytest.mark.parametrize('grouped', [False, True])
def test_hdf5(tmp_path, grouped):
    with h5py.File(tmp_path / 'f.h5', 'w') as file:
        if grouped:
            for name, array in halves().items():
                half, _, rest = name.partition('_')
                file[f'{half}/{rest}'] = array
        else:
            file.update(whole() | dict(num_query=NUM_QUERY))
            file['img_paths'] = PATHS
    found = load_features(tmp_path / 'f.h5')
    assert_is_whole(found, None if grouped else PATHS)


@pytest.mark.parametrize('delimiter', [',', ';', '\t'])
@pytest.mark.parametrize('prefix', ['', 'f', 'feat_'])
def test_csv_table(tmp_path, delimiter, prefix):
    arrays = whole()
    # Components are ordered by their numbers, wherever their columns stand.
    head = ['img_path', *(f'{prefix}{i}' for i in (2, 0, 1, 3)), 'pid', 'camid']
    rows = [
        [PATHS[i], *arrays['features'][i, [2, 0, 1, 3]], *(arrays[k][i] for k in rest)]
        for i, rest in enumerate([('pids', 'camids')] * COUNT)
    ]
    lines = [delimiter.join(map(str, row)) for row in [head, *rows]]
    (tmp_path / 'f.csv').write_text('\n'.join(lines) + '\n', 'utf-8')
    assert_is_whole(load_features(tmp_path / 'f.csv', num_query=NUM_QUERY), PATHS)


def test_arrays_of_one_name_are_refused(tmp_path):
    content = dict(a=dict(feat=torch.ones(2, 2)), b=dict(feat=torch.ones(2, 2)))
    torch.save(content, tmp_path / 'f.pt')
    with pytest.raises(FeaturesFileError, match=r"f\.pt: two of its arrays .*'feat'"):
        load_features(tmp_path / 'f.pt')
    for _ in range(6):
        content = dict(a=content)
    torch.save(content, tmp_path / 'f.pt')
    with pytest.raises(FeaturesFileError, match=r'f\.pt: .*nested more than 4 deep'):
        load_features(tmp_path / 'f.pt')


def test_csv_files_of_numbers_alone(tmp_path):
    arrays = whole()
    np.savetxt(tmp_path / 'f.csv', arrays['features'], delimiter=';', fmt='%.9g')
    labels = arrays['pids'] + 2**40  # more digits than float32 has
    np.savetxt(tmp_path / 'p.csv', labels, fmt='%d')
    np.savetxt(tmp_path / 'c.csv', arrays['camids'], fmt='%.1f')
    files = {name: tmp_path / f'{name[0]}.csv' for name in ('feat', 'pids', 'cams')}
    found = load_features(files=files, num_query=NUM_QUERY)
    np.testing.assert_array_equal(found.embedding, arrays['features'])
    assert found.person_id.tolist() == labels.tolist()
    assert found.cam_id.tolist() == arrays['camids'].tolist()


@pytest.mark.parametrize('head', ['f0,f1,x1,pid', 'f1,f01,pid,camid', '0,f1,pid,camid'])
def test_csv_columns_of_several_numberings_are_refused(tmp_path, head):
    (tmp_path / 'f.csv').write_text(f'{head}\n1,2,3,4\n')
    with pytest.raises(FeaturesFileError, match=r'f\.csv: .*components of one vector'):
        read_arrays(tmp_path / 'f.csv')


def test_csv_rows_of_other_lengths_are_named(tmp_path):
    (tmp_path / 'f.csv').write_text('pid,camid,f0\n1,2,3\n1,2\n')
    with pytest.raises(FeaturesFileError, match=r'row 2, has 2 values.* has 3'):
        load_features(tmp_path / 'f.csv', num_query=1)


def test_parquet_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, 'pyarrow', None)
    (tmp_path / 'f.parquet').write_bytes(b'PAR1')
    with pytest.raises(ImportError, match=r"pip install 'mmreid\[parquet\]'"):
        load_features(tmp_path / 'f.parquet')


@pytest.mark.parametrize('lists', [False, True])
def test_parquet(tmp_path, lists):
    pyarrow = pytest.importorskip('pyarrow')
    from pyarrow import parquet

    arrays = whole()
    columns = dict(pid=arrays['pids'], camid=arrays['camids'], path=PATHS)
    vectors = arrays['features']
    if lists:
        columns['embedding'] = list(vectors)
    else:
        columns |= {f'f{i}': vectors[:, i] for i in range(DIM)}
    parquet.write_table(pyarrow.table(columns), tmp_path / 'f.parquet')
    found = load_features(tmp_path / 'f.parquet', num_query=NUM_QUERY)
    assert_is_whole(found, PATHS)


def test_hdf5_says_what_to_install(tmp_path, monkeypatch):
    write_matlab_73(tmp_path / 'f.mat', whole())
    monkeypatch.setitem(sys.modules, 'h5py', None)
    with pytest.raises(ImportError, match=r'h5py.*mmreid\[hdf5\].*-v7'):
        load_features(tmp_path / 'f.mat')


def test_one_file_an_array(tmp_path):
    arrays = whole()
    np.save(tmp_path / 'vectors.npy', arrays['features'])
    np.save(tmp_path / 'p.npy', arrays['pids'])
    scipy.io.savemat(tmp_path / 'c.mat', dict(camids=arrays['camids'], other=1))
    files = dict(
        embedding=tmp_path / 'vectors.npy',
        person_id=tmp_path / 'p.npy',
        camids=tmp_path / 'c.mat',
    )
    assert_is_whole(load_features(files=files, num_query=NUM_QUERY))
    # One file as it is, and an array that it lacks.
    np.savez(tmp_path / 'f.npz', feat=arrays['features'], pids=arrays['pids'])
    with pytest.raises(FeaturesFileError, match=r"called 'cams', .*'camids', 'other'"):
        load_features(tmp_path / 'f.npz', files=dict(cams=tmp_path / 'c.mat'))
    found = load_features(
        tmp_path / 'f.npz', num_query=NUM_QUERY, files=dict(camids=tmp_path / 'c.mat')
    )
    assert_is_whole(found)


def test_data_without_cameras(tmp_path):
    arrays = whole()
    del arrays['camids']
    np.savez(tmp_path / 'f.npz', **arrays, num_query=NUM_QUERY, paths=np.array(PATHS))
    with pytest.raises(FeaturesFileError, match=r'cameras=False .*--no-cameras'):
        load_features(tmp_path / 'f.npz')
    found = load_features(tmp_path / 'f.npz', cameras=False)
    assert len(set(found.cam_id)) == COUNT
    assert found.meta['cameras'] is False
    # A picture that is query and gallery is its own answer, and so ignored.
    again = [*PATHS[:NUM_QUERY], PATHS[0], *PATHS[4:]]
    np.savez(tmp_path / 'f.npz', **arrays, num_query=NUM_QUERY, paths=np.array(again))
    found = load_features(tmp_path / 'f.npz', cameras=False)
    assert found.cam_id[0] == found.cam_id[3]
    assert len(set(found.cam_id)) == COUNT - 1


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        (dict(pids=np.full(7, 1.5)), r'person_id must hold whole numbers .* entry 0'),
        (dict(pids=np.full(7, np.nan)), 'entry 0 is nan'),
        (dict(pids=np.full(7, 2**63, np.uint64)), 'person_id must hold whole'),
        (dict(pids=np.array(list('abcdefg'))), 'person_id must hold whole .* <U1'),
        (dict(is_query=np.arange(7)), r'is_query must hold .* entry 2 is 2'),
        (dict(num_query=np.array([[7.0]])), 'at least 1 and less than the 7'),
        (dict(num_query=np.arange(2)), 'num_query must be one whole number'),
        (dict(features=np.ones((7, 2, 2), 'f')), r'a matrix \(N, D\).*parts'),
        (dict(features=np.ones((7, 2), int)), 'float32 or float64, got int'),
        (dict(img_paths=np.ones(7)), 'paths must be texts'),
        (dict(img_paths=np.ones((7, 5000), np.uint8)), 'at most 4096 bytes'),
        (dict(camids=np.ones(6, int)), 'the lengths are'),
    ],
)
def test_unfit_arrays_are_named(tmp_path, changes, message):
    np.savez(tmp_path / 'f.npz', **(whole() | dict(num_query=NUM_QUERY) | changes))
    told = rf'f\.npz cannot be read as features: .*{message}'
    with pytest.raises(FeaturesFileError, match=told):
        load_features(tmp_path / 'f.npz')


class Executes:
    """An object whose pickle, when it is read, leaves a file behind."""

    def __init__(self, trace):
        self.trace = str(trace)

    def __reduce__(self):
        return open, (self.trace, 'w')


def write_hostile(path, trace):
    """Write a file in which a pickle waits to be run."""
    poison = np.array([Executes(trace)], object)
    if path.suffix == '.npz':
        np.savez(path, **(whole() | dict(num_query=NUM_QUERY, pids=poison)))
    elif path.suffix == '.npy':
        np.save(path, poison, allow_pickle=True)
    elif path.name == 'bare.pt':
        path.write_bytes(pickle.dumps(poison[0]))
    elif path.suffix in ('.pt', '.pth'):
        torch.save(dict(whole(), note=poison[0]), path)
    else:
        path.write_bytes(pickle.dumps(poison))


@pytest.mark.parametrize(
    'name', ['f.npz', 'f.npy', 'f.pt', 'f.pth', 'bare.pt', 'f.pkl', 'f.mat', 'f.h5']
)
def test_nothing_in_a_file_is_run(tmp_path, name):
    trace = tmp_path / 'was run'
    write_hostile(tmp_path / name, trace)
    for read in (
        load_features,
        read_arrays,
        lambda path: load_features(files=dict(embedding=path)),
    ):
        with pytest.raises(FeaturesFileError, match=name):
            read(tmp_path / name)
    assert not trace.exists()


def test_the_hostile_files_are_hostile(tmp_path):
    # Without which the test above could not fail.
    trace = tmp_path / 'was run'
    write_hostile(tmp_path / 'f.npz', trace)
    with np.load(tmp_path / 'f.npz', allow_pickle=True) as file:
        assert file['pids'] is not None
    assert trace.exists()
