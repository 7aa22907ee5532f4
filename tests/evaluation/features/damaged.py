"""A corpus of damaged and hostile files: features, results, logs and thresholds.

``python tests/evaluation/features/damaged.py FOLDER`` writes it, to be tried by hand.
"""

import io
import json
import math
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import scipy.io
import torch
from safetensors.numpy import save_file

COUNT, NUM_QUERY = 30, 6


def sound_arrays(seed: int = 0) -> dict[str, np.ndarray]:
    """Arrays that can be evaluated."""
    rng = np.random.default_rng(seed)
    person = np.arange(COUNT) % 5 + 1
    vectors = np.random.default_rng(9).standard_normal((6, 8))[person]
    return dict(
        embedding=(vectors + rng.standard_normal((COUNT, 8))).astype(np.float32),
        person_id=person,
        cam_id=np.arange(COUNT) // 10,
        is_query=np.arange(COUNT) < NUM_QUERY,
        img_path=np.array([f'{i}.jpg' for i in range(COUNT)]),
    )


def write_features(path: Path) -> Path:
    """Write a sound features file of the format of its ending."""
    arrays = sound_arrays()
    numbers = {k: v for k, v in arrays.items() if k != 'img_path'}
    if path.suffix == '.npz':
        np.savez(path, **arrays, meta=np.array('{"dataset": "Toy"}'))
    elif path.suffix == '.safetensors':
        save_file({k: v.copy() for k, v in numbers.items()}, path, dict(meta='{}'))
    elif path.suffix == '.mat':
        scipy.io.savemat(path, numbers, do_compression=True)
    elif path.suffix == '.h5':
        with h5py.File(path, 'w') as file:
            file.update(numbers)
    elif path.suffix == '.pt':
        torch.save({k: torch.from_numpy(v) for k, v in numbers.items()}, path)
    else:
        vectors = arrays['embedding']
        rows = [
            [*vectors[i], arrays['person_id'][i], arrays['cam_id'][i]]
            for i in range(COUNT)
        ]
        head = [*(f'f{i}' for i in range(8)), 'person_id', 'cam_id']
        text = '\n'.join(','.join(map(str, row)) for row in [head, *rows])
        path.write_text(text)
    return path


FORMATS = ('.npz', '.safetensors', '.mat', '.h5', '.pt', '.csv')


def damaged_features(folder: Path) -> Iterator[Path]:
    """Write files that are no features files (some may still be readable)."""
    for ending in FORMATS:
        sound = write_features(folder / f'sound{ending}').read_bytes()
        for name, content in mutations(sound):
            path = folder / f'{name}{ending}'
            path.write_bytes(content)
            yield path
    yield from wrong_arrays(folder)
    yield from bombs(folder)


def mutations(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Cut, flip, zero and repeat bytes of a file."""
    rng = np.random.default_rng(len(content))
    for part in (0, 1, 7, 64, 130):
        yield f'first_{part}', content[:part]
    for tenth in range(1, 10):
        yield f'cut_{tenth}', content[: len(content) * tenth // 10]
    yield 'cut_last', content[:-1]
    for number in range(12):
        changed = bytearray(content)
        # Half of the flips are near an end, where headers and directories are.
        span = len(content) if number % 2 else min(len(content), 400)
        place = int(rng.integers(span))
        changed[place if number % 4 else -1 - place] ^= 1 << int(rng.integers(8))
        yield f'flip_{number}', bytes(changed)
    for number in range(4):
        changed = bytearray(content)
        start = len(content) * number // 4
        changed[start : start + 64] = bytes(64)
        yield f'zeros_{number}', bytes(changed)
    yield 'twice', content + content
    yield 'noise', rng.bytes(len(content))
    yield 'text', b'this is no file of features\n'
    yield 'page', b'<!DOCTYPE html><html><body>404</body></html>'


def wrong_arrays(folder: Path) -> Iterator[Path]:
    """Write sound archives with arrays of wrong shapes, types and values."""
    sound = sound_arrays()
    vectors = sound['embedding']
    broken = vectors.copy()
    changes = dict(
        nan=dict(embedding=np.full_like(vectors, np.nan)),
        infinity=dict(embedding=np.full_like(vectors, np.inf)),
        huge=dict(embedding=np.full_like(vectors, 3e38)),
        zero=dict(embedding=np.zeros_like(vectors)),
        none=dict(embedding=vectors[:0]),
        narrow=dict(embedding=vectors[:, :0]),
        flat=dict(embedding=vectors.ravel()),
        number=dict(embedding=np.float32(1)),
        text=dict(embedding=np.full(vectors.shape, 'x')),
        complex=dict(embedding=vectors.astype(complex)),
        record=dict(embedding=np.zeros(COUNT, 'f4,i4')),
        date=dict(person_id=np.full(COUNT, 'now', 'M8[s]')),
        long=dict(embedding=vectors.astype(np.longdouble)),
        other_persons=dict(person_id=sound['person_id'][:-1]),
        persons_2d=dict(person_id=np.ones((COUNT, 2), int)),
        fractions=dict(person_id=np.full(COUNT, 0.5)),
        nan_persons=dict(person_id=np.full(COUNT, np.nan)),
        names=dict(person_id=sound['img_path']),
        all_query=dict(is_query=np.ones(COUNT, bool)),
        no_query=dict(is_query=np.zeros(COUNT, bool)),
        counts=dict(is_query=np.arange(COUNT)),
        bytes=dict(img_path=np.full((COUNT, 3), 255, np.uint8)),
        numbers=dict(img_path=np.arange(COUNT)),
        junk=dict(person_id=np.full(COUNT, -1)),
        strangers=dict(person_id=np.arange(COUNT)),
        one_camera=dict(cam_id=np.zeros(COUNT, int)),
        meta_text=dict(meta=np.array('no JSON')),
        meta_list=dict(meta=np.array('[1]')),
        meta_deep=dict(meta=np.array('[' * 9000 + ']' * 9000)),
        meta_odd=dict(
            meta=np.array('{"features_key": 1, "cameras": [], "dataset": {"a": NaN}}')
        ),
        meta_number=dict(meta=np.float64(3)),
    )
    broken[3, 2] = np.nan
    changes['one_nan'] = dict(embedding=broken)
    for name, change in changes.items():
        np.savez(folder / f'{name}_array.npz', **(sound | change))
        yield folder / f'{name}_array.npz'


def npy(shape: object, dtype: str = '<f4', data: bytes = b'') -> bytes:
    """Return an .npy array whose header says what it likes."""
    head = f"{{'descr': {dtype!r}, 'fortran_order': False, 'shape': {shape}, }}"
    head = head.ljust(117) + '\n'
    return b'\x93NUMPY\x01\x00' + struct.pack('<H', len(head)) + head.encode() + data


def archive(path: Path, *, packed: bool = False, **members: bytes) -> Path:
    """Write an .npz file of members as they are given."""
    kind = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    with zipfile.ZipFile(path, 'w', kind) as file:
        for name, content in members.items():
            file.writestr(f'{name}.npy', content)
    return path


def zeros_packed(num_bytes: int, wbits: int) -> bytes:
    """Deflate zeros: one block, which may be repeated, as often as it takes."""
    stream = zlib.compressobj(9, wbits=wbits)
    start = stream.compress(b'') + stream.flush(zlib.Z_FULL_FLUSH)
    block = stream.compress(bytes(1 << 20)) + stream.flush(zlib.Z_FULL_FLUSH)
    return start + block * (num_bytes >> 20) + stream.flush()


def packed_bomb(path: Path, told: int, **members: bytes) -> Path:
    """Write an .npz file whose embeddings unpack to six gibibytes of zeros."""
    shape = (1 << 20, 1536)
    raw = zlib.compressobj(9, wbits=-15)
    start = raw.compress(npy(shape)) + raw.flush(zlib.Z_FULL_FLUSH)
    with zipfile.ZipFile(path, 'w') as file:
        for name, content in members.items():
            file.writestr(f'{name}.npy', content)
        zeros = zeros_packed(math.prod(shape) * 4, -15)
        file.writestr('embedding.npy', start + zeros)
        # The directory is written when the file is closed.
        file.filelist[-1].compress_type = zipfile.ZIP_DEFLATED
        file.filelist[-1].file_size = told
    return path


def bombs(folder: Path) -> Iterator[Path]:
    """Write small files that would take very much memory or time."""
    labels = {k: v for k, v in sound_arrays().items() if k != 'embedding'}
    plain = {}
    for name, array in labels.items():
        member = io.BytesIO()
        np.lib.format.write_array(member, array)
        plain[name] = member.getvalue()
    for name, header in dict(
        shape=npy((1 << 40, 1 << 20)),
        overflow=npy((1 << 62, 1 << 62)),
        negative=npy((-1, 8)),
        no_shape=npy('7'),
        nested=npy('(' * 5000 + ')' * 5000),
        code=npy("__import__('os').getpid()"),
        no_type=npy((30, 8), 'nonsense'),
        objects=npy((30, 8), '|O', b'cos\nsystem\n(S"true"\ntR.'),
        wide=npy((30,), '<U100000000'),
    ).items():
        yield archive(folder / f'{name}_bomb.npz', **plain, embedding=header)
    full = (6 << 30) + len(npy((1 << 20, 1536)))
    yield packed_bomb(folder / 'packed_bomb.npz', full, **plain)
    yield packed_bomb(folder / 'lying_bomb.npz', 1 << 20, **plain)
    packed = zeros_packed(3 << 30, 15)
    head = b'MATLAB 5.0 MAT-file'.ljust(124) + b'\x00\x01IM'
    path = folder / 'packed_bomb.mat'
    path.write_bytes(head + struct.pack('<II', 15, len(packed)) + packed)
    yield path
    path = folder / 'shape_bomb.h5'
    with h5py.File(path, 'w') as file:
        file.create_dataset('embedding', (1 << 40, 8), 'f4', chunks=(1024, 8))
    yield path
    path = folder / 'packed_bomb.h5'
    with h5py.File(path, 'w') as file:
        vectors = file.create_dataset(
            'embedding', (1 << 20, 2048), 'f4', chunks=(1 << 10, 2048), compression=9
        )
        vectors[:1024] = 0
    yield path
    path = folder / 'links_bomb.h5'
    with h5py.File(path, 'w') as file:
        inner = file.create_group('inner')
        for level in range(4):
            outer = file.create_group(f'level{level}')
            for link in range(200):
                outer[f'link{link}'] = inner
            inner = outer
    yield path
    path = folder / 'expanded_bomb.pt'
    torch.save(dict(feat=torch.zeros(1, 8).expand(1 << 40, 8)), path)
    yield path
    texts = ['a' * 10**5] + ['b'] * 4000
    path = folder / 'texts_bomb.pt'
    torch.save(dict(feat=torch.zeros(4001, 8), img_paths=texts), path)
    yield path
    path = folder / 'texts_bomb.csv'
    path.write_text('img_path,f0\n' + ',0\n'.join(texts) + ',0\n', 'utf-8')
    yield path
    path = folder / 'call_bomb.pt'
    with zipfile.ZipFile(path, 'w') as file:
        # bytearray(2**36), which torch's own restricted reader calls.
        call = b'c__builtin__\nbytearray\n\x8a\x05\0\0\0\0\x10\x85R'
        file.writestr('a/data.pkl', b'\x80\x02}U\x01a' + call + b's.')
        file.writestr('a/version', '3\n')
    yield path
    path = folder / 'length_bomb.safetensors'
    path.write_bytes(struct.pack('<Q', 1 << 60) + b'{}')
    yield path
    path = folder / 'shape_bomb.safetensors'
    told = dict(dtype='F32', shape=[1 << 40, 8], data_offsets=[0, 1 << 45])
    head = json.dumps(dict(embedding=told)).encode()
    path.write_bytes(struct.pack('<Q', len(head)) + head)
    yield path


def damaged_json(sound: dict) -> Iterator[tuple[str, bytes]]:
    """Return contents of JSON files that are not what they should be.

    Args:
        sound: What the file would hold.
    """
    text = json.dumps(sound).encode()
    yield from mutations(text)
    yield 'deep', b'[' * 200_000 + b']' * 200_000
    yield 'deep_keys', b'{"a":' * 3000 + b'1' + b'}' * 3000
    yield 'levels', b'{"a":' * 500 + text + b'}' * 500
    yield 'digits', b'{"reid/mAP": ' + b'9' * 10_000 + b'}'
    yield 'latin', '{"ü": 1}'.encode('latin-1')
    yield 'empty', b''
    yield 'constant', text.replace(b'1', b'NaN').replace(b'2', b'-Infinity')
    yield 'exponent', text.replace(b'1', b'1e999')
    for value in (None, True, 3, -1e400, 'text', [], {}, [[]], [{}], {'a': {'b': []}}):
        yield (
            f'is_{type(value).__name__}_{len(repr(value))}',
            json.dumps(value).encode(),
        )
        for key in _leaves(sound):
            changed = json.loads(text)
            node = changed
            for step in key[:-1]:
                node = node[step]
            node[key[-1]] = value
            name = '_'.join(map(str, key)).replace('/', '-')
            kind = f'{type(value).__name__}{len(repr(value))}'
            yield f'{name}_{kind}', json.dumps(changed).encode()


def _leaves(node: object, path: tuple = ()) -> Iterator[tuple]:
    """Return the ways to everything in a nest, of lists to the first element only."""
    items = node.items() if isinstance(node, dict) else []
    if isinstance(node, list):
        items = list(enumerate(node))[:1]
    for key, child in items:
        yield (*path, key)
        yield from _leaves(child, (*path, key))


if __name__ == '__main__':
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    print(sum(1 for _ in damaged_features(target)), 'files')
