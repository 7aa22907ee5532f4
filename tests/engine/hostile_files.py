"""Checkpoints that are damaged, lie or attack: some 400, made of a good one.

Each is harmless where nothing of it is run: what would run makes the file
``trace`` beside it.
"""

import io
import json
import os
import pickle
import random
import struct
import zipfile
import zlib
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from mmengine.logging import HistoryBuffer

# How a file comes in; the names are those of `hostile_runs`.
WAYS = (
    'resume',
    'resume_auto',
    'load_from',
    'pretrained',
    'test',
    'publish',
    'convert',
)
# A converter reads the weights beside code, which it does not run.
BUT_CONVERT = frozenset(WAYS) - {'convert'}
STARTS = frozenset({'resume', 'resume_auto', 'load_from', 'pretrained', 'test'})
RESUMES = frozenset({'resume', 'resume_auto'})
NOBODY: frozenset[str] = frozenset()
KEY = 'backbone.0.weight'


class Hostile(NamedTuple):
    """A file to be given to all ways of loading.

    Attributes:
        name (str): Unique; the kind, a dash, and which.
        suffix (str): ``.pth`` or ``.safetensors``.
        content (bytes): Of the file.
        refused (frozenset[str]): Ways that must refuse it. Others may take it, if they
            take exactly what the good file has where ``same`` is set.
        same (bool): Whether what is taken must be the good file's. Defaults to False.
    """

    name: str
    suffix: str
    content: bytes
    refused: frozenset[str]
    same: bool = False


class Call:
    """Pickles as a call."""

    def __init__(self, function: Any, *args: Any) -> None:
        self.call = function, args

    def __reduce__(self) -> tuple:
        return self.call


def saved(content: Any, legacy: bool = False) -> bytes:
    file = io.BytesIO()
    torch.save(content, file, _use_new_zipfile_serialization=not legacy)
    return file.getvalue()


def zipped(pickled: bytes, **storages: bytes) -> bytes:
    """Put a pickle made by hand where torch.save puts its own."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, 'w') as archive:
        archive.writestr('archive/data.pkl', pickled)
        archive.writestr('archive/version', b'3\n')
        for name, content in storages.items():
            archive.writestr(f'archive/data/{name.removeprefix("_")}', content)
    return file.getvalue()


def legacy(pickled: bytes) -> bytes:
    """Put a pickle made by hand into a file as before torch 1.6."""
    head = [0x1950A86A20F9469CFC6C, 1001, dict(little_endian=True)]
    return b''.join(pickle.dumps(part, 2) for part in head) + pickled


def parts_of(file: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def text(value: str) -> bytes:
    raw = value.encode()
    return b'X' + struct.pack('<I', len(raw)) + raw


def hostile_files(good: dict[str, Any], trace: Path) -> Iterator[Hostile]:
    """Make all files.

    Args:
        good (dict): A checkpoint that can be resumed.
        trace (Path): What an attack makes when it succeeds.

    Yields:
        Hostile: One after another, the same every time.
    """
    for make in (
        damaged,
        attacks,
        records,
        pickle_bombs,
        tensor_bombs,
        archive_bombs,
        unfit_weights,
        odd_structures,
        safetensors_heads,
    ):
        yield from make(good, trace)


def damaged(good: dict[str, Any], _: Path) -> Iterator[Hostile]:
    """Bits flipped, pages zeroed, ends missing."""
    draw = random.Random(0)
    whole = saved(good)
    # The ends of an archive are a third of such a small one.
    for index in range(60):
        place = draw.randrange(len(whole))
        flipped = bytearray(whole)
        flipped[place] ^= 1 << draw.randrange(8)
        yield Hostile(f'flip-{index}', '.pth', bytes(flipped), NOBODY, same=True)
    for name in ('backbone.0.weight', 'backbone.1.weight', 'head.weight'):
        raw = good['state_dict'][name].numpy().tobytes()
        for index in range(8):
            start = whole.index(raw)
            flipped = bytearray(whole)
            flipped[start + draw.randrange(len(raw))] ^= 1 << draw.randrange(8)
            every = frozenset(WAYS)
            yield Hostile(f'flip-{name}-{index}', '.pth', bytes(flipped), every)
    for start in range(0, len(whole), max(512, len(whole) // 12)):
        zeroed = whole[:start] + bytes(512) + whole[start + 512 :]
        yield Hostile(f'zeroed-{start}', '.pth', zeroed, NOBODY, same=True)
    for part in (0, 1, 4, 22, 100, *(len(whole) * n // 16 for n in range(1, 16)), -1):
        yield Hostile(f'cut-{part}', '.pth', whole[:part], frozenset(WAYS))
    old = saved(good, legacy=True)
    for part in (8, 100, *(len(old) * n // 8 for n in range(1, 8)), -1):
        yield Hostile(f'cut-legacy-{part}', '.pth', old[:part], frozenset(WAYS))
    for name, content in dict(
        garbage=draw.randbytes(5000), html=b'<html>404</html>', zeros=bytes(4096)
    ).items():
        for suffix in ('.pth', '.safetensors'):
            yield Hostile(f'{name}{suffix}', suffix, content, frozenset(WAYS))
    yield Hostile('number', '.pth', pickle.dumps(5), frozenset(WAYS))
    for index in range(20):
        swapped = bytearray(old)
        swapped[draw.randrange(600)] ^= 1 << draw.randrange(8)
        yield Hostile(f'flip-legacy-{index}', '.pth', bytes(swapped), NOBODY)


def attacks(good: dict[str, Any], trace: Path) -> Iterator[Hostile]:
    """Calls by every opcode that leads to one, of functions that could do harm."""
    touch, code = f'touch {trace}', f'open({str(trace)!r}, "w")'
    calls = dict(
        system=Call(os.system, touch),
        eval=Call(eval, code),
        exec=Call(exec, code),
        open=Call(open, str(trace), 'w'),
        getattr=Call(getattr, Call(getattr, HistoryBuffer, 'mean'), '__globals__'),
        load=Call(torch.load, str(trace)),
        path=Path(trace),
        partial=Call(Call, os.system),
        torch_eval=Call(torch.hub.load, 'x/y', 'z'),
        numpy_load=Call(np.load, str(trace)),
        remove=Call(os.remove, str(trace)),
    )
    for name, call in calls.items():
        for place in ('meta', 'optimizer', 'state_dict', 'more'):
            for old in (False, True):
                file = saved({**good, place: {'a': call}}, old)
                refused = BUT_CONVERT | (
                    {'convert'} if place == 'state_dict' else set()
                )
                yield Hostile(f'call-{name}-{place}-{old}', '.pth', file, refused)
    evaluate = b'cbuiltins\neval\n'
    history = b'cmmengine.logging.history_buffer\nHistoryBuffer\n)\x81'
    stack = text('builtins') + text('eval') + b'\x93'
    programs = dict(
        REDUCE=evaluate + text(code) + b'\x85R.',
        INST=b'(' + text(code) + b'ibuiltins\neval\n.',
        OBJ=b'(' + evaluate + text(code) + b'o.',
        NEWOBJ=evaluate + text(code) + b'\x85\x81.',
        NEWOBJ_EX=b'\x80\x04' + evaluate + text(code) + b'\x85}\x92.',
        STACK_GLOBAL=b'\x80\x04' + stack + text(code) + b'\x85R.',
        PERSID=b'P' + str(trace).encode() + b'\n.',
        EXT1=b'\x80\x02\x82\x01.',
        BUILD=history + b'}' + text('__setstate__') + evaluate + b'sb.',
        BUILD_TWICE=history + b'}b' + text(code) + b'b.',
        BUILD_CLASS=b'ccollections\nOrderedDict\n}' + text('x') + evaluate + b'sb.',
        attribute=b'\x80\x04' + text('builtins') + text('eval.__call__') + b'\x93)R.',
        import_=b'cno_such_module\nThing\n)R.',
        hidden=b'ctorch._utils\n__builtins__\n.',
        device=b'ctorch\ndevice\n' + text(code) + b'\x85R.',
        encode=b'c_codecs\nencode\n' + text('a') + text('rot13') + b'\x86R.',
        size=b'ctorch\nSize\n' + text('a') + b'\x85R.',
        dtype=b'cnumpy\ndtype\n' + text('O') + b'\x85R.',
    )
    for name, program in programs.items():
        for wrap in (zipped, legacy, bytes):
            yield Hostile(
                f'opcode-{name}-{wrap.__name__}', '.pth', wrap(program), frozenset(WAYS)
            )


class Counted(Counter):
    """A dictionary with attributes."""


def _with(value: Any, **attributes: Any) -> Any:
    vars(value).update(attributes)
    return value


def records(good: dict[str, Any], trace: Path) -> Iterator[Hostile]:
    """What has items by name and is no dictionary; the text would be run."""
    config = f'a = bool(open({str(trace)!r}, "w"))\n'
    fields = [('epoch', 'i8'), ('iter', 'i8'), ('seed', 'i8'), ('config', 'U200')]
    rows = np.array([(1, 3, 0, config)], dtype=fields)
    scalar, reconstruct = (value.__reduce__()[0] for value in (rows[0], rows))
    by_call = Call(np.dtype, fields)
    metas = dict(
        by_call=Call(scalar, by_call, rows.tobytes()),
        by_array=Call(np.ndarray, (1,), by_call),
        structured=rows,
        void=rows[0],
        record=rows.view(np.recarray)[0],
        objects=np.array([dict(config=config)], dtype=object),
        object_scalar=Call(scalar, np.dtype(object), dict(config=config)),
        raw=Call(reconstruct, np.ndarray, (0,), b'b'),
        text=dict(good['meta'], config=np.str_(config)),
        subclass=Counted(config=config),
        attributes=_with(OrderedDict(good['meta']), config=config),
        history=_with(HistoryBuffer([1.0], [1]), config=by_call),
        tensor=_with(torch.nn.Parameter(torch.ones(1)), config=config),
    )
    for name, meta in metas.items():
        file = saved({**good, 'meta': meta})
        yield Hostile(f'record-{name}', '.pth', file, BUT_CONVERT)
    plain = saved({**good, 'meta': {**good['meta'], 'config': config, 'cfg': config}})
    yield Hostile('record-plain-config', '.pth', plain, NOBODY)


def _nest(begin: bytes, end: bytes, depth: int) -> bytes:
    return b'\x80\x02' + begin * depth + end * depth + b'.'


def pickle_bombs(good: dict[str, Any], _: Path) -> Iterator[Hostile]:
    """Small pickles that become large, deep or slow."""
    pair = b'q\x00h\x00h\x00'
    numbers = [
        b'\x8a\x0a' + (k * (2**61 - 1)).to_bytes(10, 'little', signed=True)
        for k in range(1, 60_000)
    ]
    programs = {
        # Opcodes that promise more than follows.
        'bytes8': b'\x80\x04\x8e' + struct.pack('<Q', 2**40) + b'a.',
        'bytearray8': b'\x80\x05\x96' + struct.pack('<Q', 2**40) + b'a.',
        'unicode8': b'\x80\x04\x8d' + struct.pack('<Q', 2**40) + b'a.',
        'bytes4': b'\x80\x03B' + struct.pack('<I', 2**32 - 1) + b'a.',
        'frame': b'\x80\x04\x95' + struct.pack('<Q', 2**62) + b'N.',
        'long4': b'\x80\x02\x8b' + struct.pack('<i', 2**31 - 1) + b'a.',
        'long': b'\x80\x02\x8b' + struct.pack('<i', 2**20) + b'\x7f' * 2**20 + b'.',
        'decimal': b'L' + b'9' * 10**6 + b'L\n.',
        'memo': b'\x80\x02Nr' + struct.pack('<I', 2**31) + b'.',
        'memo-get': b'\x80\x02j' + struct.pack('<I', 2**31) + b'.',
        'marks': b'\x80\x02' + b'(' * 10**6 + b'.',
        'steps': b'\x80\x02]' + b'N0' * 1_000_000 + b'.',
        'lists': b'\x80\x02(' + b']' * 499_000 + b'l.',
        'sets': b'\x80\x04(' + b'\x8f' * 499_000 + b'l.',
        'cycle': b'\x80\x02]q\x00h\x00a.',
        'cycle-dict': b'\x80\x02}q\x00K\x01h\x00s.',
        # Written out, each is 2 ** 60 long.
        'laughs-list': b'\x80\x02]' + b'q\x00]h\x00ah\x00a' * 60 + b'.',
        'laughs-tuple': b'\x80\x02)' + (pair + b'\x87') * 60 + b'.',
        'laughs-key': b'\x80\x02})' + (pair + b'\x87') * 60 + b'Ns.',
        'laughs-set': b'\x80\x04\x8f()' + (pair + b'\x87') * 60 + b'\x90.',
        'laughs-dict': b'\x80\x02}' + b'q\x00}K\x01h\x00sK\x02h\x00s' * 60 + b'.',
        # All with the same hash.
        'hashes': b'\x80\x02}(' + b'N'.join(numbers) + b'Nu.',
        'hashes-set': b'\x80\x02c__builtin__\nset\n](' + b''.join(numbers) + b'e\x85R.',
        'deep-key': b'\x80\x02})' + b'\x85' * 10**5 + b'Ns.',
        'empty': b'\x80\x02.',
        'underflow': b'\x80\x02000.',
    }
    for depth in (100, 1000, 10**5):
        programs[f'deep-list-{depth}'] = _nest(b']', b'a', depth)
        programs[f'deep-tuple-{depth}'] = _nest(b'(', b't', depth)
        programs[f'deep-dict-{depth}'] = _nest(b'}K\x01', b'', depth)[:-1] + (
            b'N' + b's' * depth + b'.'
        )
    for name, program in programs.items():
        for wrap in (zipped, legacy):
            file = wrap(program)
            yield Hostile(
                f'pickle-{name}-{wrap.__name__}', '.pth', file, frozenset(WAYS)
            )
    yield from _in_metainfo(good)
    yield from _modules()


def _in_metainfo(good: dict[str, Any]) -> Iterator[Hostile]:
    """Bombs beside good weights, for those who write the metainfo out again."""
    shared: Any = ['a']
    for _ in range(60):
        shared = [shared, shared]
    deep: Any = []
    for _ in range(300):
        deep = [deep]
    wide = ['a' * 10_000] * 1_000_000
    for name, value in dict(
        shared=shared, deep=deep, wide=wide, large=10**1000, nul='\0' * 1000
    ).items():
        for place in ('dataset_meta', 'cfg', 'seed'):
            meta = {**good['meta'], place: {'a': value}}
            file = saved({**good, 'meta': meta})
            yield Hostile(f'meta-{name}-{place}', '.pth', file, NOBODY)
    for name, config in {
        'parentheses': '(' * 10_000,
        'minus': '-' * 100_000 + '1',
        'power': 'a = 9**9**9**9',
        'nul': 'a = 1\0',
        'long': 'a' * 10**6,
    }.items():
        file = saved({**good, 'meta': {**good['meta'], 'cfg': config}})
        yield Hostile(f'config-{name}', '.pth', file, NOBODY)


def _modules() -> Iterator[Hostile]:
    """Whole modules whose parts are shared, or hold themselves."""
    for name, depth in dict(shared=40, deep=3000).items():
        module = torch.nn.Module()
        for _ in range(depth):
            outer = torch.nn.Module()
            outer._modules['a'] = module
            if name == 'shared':
                outer._modules['b'] = module
            module = outer
        limit = 10**6
        old = _recursion(limit)
        try:
            yield Hostile(f'modules-{name}', '.pth', saved(module), frozenset(WAYS))
        finally:
            _recursion(old)
    module = torch.nn.Module()
    module._modules['a'] = module
    yield Hostile('modules-cycle', '.pth', saved(module), frozenset(WAYS))


def _recursion(limit: int) -> int:
    import sys

    old = sys.getrecursionlimit()
    sys.setrecursionlimit(limit)
    return old


def tensor_bombs(good: dict[str, Any], _: Path) -> Iterator[Hostile]:
    """Tensors larger than what is stored of them."""
    weights = good['state_dict']
    one = torch.zeros(1)
    half = torch.zeros(2**20)
    every = frozenset(WAYS)
    states = {
        'expanded': {KEY: one.expand(8, 3, 3, 3)},
        'huge': {'a': one.expand(10**6, 10**6)},
        'many-views': {f'v{i}': half[i : 2**19 + i] for i in range(1000)},
        'overlapping': {'a': half.as_strided((2**19, 2**19), (1, 1))},
    }
    for name, state in states.items():
        for old in (False, True):
            file = saved({**good, 'state_dict': {**weights, **state}}, old)
            yield Hostile(f'tensor-{name}-{old}', '.pth', file, every)
    tensor = b'ctorch._utils\n_rebuild_tensor_v2\n'
    storage = b'((' + text('storage') + b'ctorch\nFloatStorage\n' + text('0')
    storage += text('cpu')
    huge = b'\x8a\x09' + b'\xff' * 7 + b'\x7f\x00'
    for name, count, rest in (
        ('size', b'K\x04', b'K\x00(K\x05t(K\x01t'),
        ('offset', b'K\x04', b'K\x03(K\x02t(K\x01t'),
        ('negative', b'K\x04', b'J\xff\xff\xff\xff(K\x02t(K\x01t'),
        ('stride', b'K\x04', b'K\x00(K\x02t(J\xff\xff\xff\xfft'),
        ('dimensions', b'K\x04', b'K\x00(K\x02K\x02t(K\x01t'),
        (
            'zero-large',
            b'K\x04',
            b'K\x00(K\x00' + huge + b't(K\x00K\x00t',
        ),
        ('bool', b'K\x04', b'K\x00(\x88t(\x88t'),
        ('text', b'K\x04', b'K\x00' + text('a') + text('b')),
        ('storage', b'K\x64', b'K\x00(K\x64t(K\x01t'),
        (
            'storage-huge',
            b'\x8a\x09' + b'\xff' * 7 + b'\x7f\x00',
            b'K\x00(K\x01t(K\x01t',
        ),
    ):
        made = tensor + storage + count + b'tQ' + rest + b'\x89}tR'
        program = b'\x80\x02}' + text(KEY) + made + b's.'
        file = zipped(program, _0=bytes(16))
        yield Hostile(f'rebuild-{name}', '.pth', file, every)
    sparse = torch.sparse_coo_tensor([[10**8]], [1.0], (10**9,))
    quantized = torch.quantize_per_tensor(torch.ones(2), 1.0, 0, torch.qint8)
    for name, value in dict(sparse=sparse, quantized=quantized).items():
        file = saved({**good, 'state_dict': {**weights, KEY: value}})
        yield Hostile(f'tensor-{name}', '.pth', file, every - {'convert', 'publish'})


def archive_bombs(good: dict[str, Any], _: Path) -> Iterator[Hostile]:
    """Archives that unpack to more than they are, or to two things."""
    zeros = saved({**good, 'state_dict': {'a': torch.zeros(50_000_000)}})
    every = frozenset(WAYS)
    for name, kind in dict(
        deflated=zipfile.ZIP_DEFLATED, lzma=zipfile.ZIP_LZMA
    ).items():
        file = io.BytesIO()
        with zipfile.ZipFile(file, 'w', kind) as archive:
            for part, content in parts_of(zeros).items():
                archive.writestr(part, content)
        yield Hostile(f'archive-{name}', '.pth', file.getvalue(), every)
    whole = saved(good)
    parts = parts_of(whole)
    for name, more in {
        'two-pickles': {'other/data.pkl': b'\x80\x02}.'},
        'no-pickle': None,
        'big-endian': {'archive/byteorder': b'big'},
        'absolute': {'/data.pkl': b'\x80\x02}.'},
    }.items():
        file = io.BytesIO()
        content = {k.split('/', 1)[1]: v for k, v in parts.items()}
        with zipfile.ZipFile(file, 'w') as archive:
            for part in content:
                wanted = f'archive/{part}' not in (more or {})
                if wanted and (more is not None or part != 'data.pkl'):
                    archive.writestr(f'archive/{part}', content[part])
            for part, value in (more or {}).items():
                archive.writestr(part, value)
        yield Hostile(f'archive-{name}', '.pth', file.getvalue(), every)
    yield Hostile('archive-same-name', '.pth', _doubled(parts), every)
    yield from _lying(whole)


def _doubled(parts: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, 'w') as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
        archive.writestr(name, content)
    return file.getvalue()


def _lying(whole: bytes) -> Iterator[Hostile]:
    """Change what the archive's directory says of its files."""
    start = whole.index(b'PK\x01\x02')
    # Their offsets in an entry: method, checksum, sizes, place.
    for name, at, size in (
        ('flags', 8, 2),
        ('method', 10, 2),
        ('crc', 16, 4),
        ('stored', 20, 4),
        ('length', 24, 4),
        ('names', 28, 2),
        ('offset', 42, 4),
    ):
        for value in (0x7F, 0xFF):
            changed = bytearray(whole)
            changed[start + at : start + at + size] = bytes([value]) * size
            yield Hostile(
                f'directory-{name}-{value}', '.pth', bytes(changed), NOBODY, same=True
            )


def unfit_weights(good: dict[str, Any], _: Path) -> Iterator[Hostile]:
    """Weights that are none, or not of this model."""
    weights = good['state_dict']
    shape = weights[KEY].shape
    wrong: dict[str, Any] = {
        'nan': torch.full(shape, float('nan')),
        'inf': torch.full(shape, float('inf')),
        'one-nan': weights[KEY]
        .clone()
        .index_put((torch.tensor(0),), torch.tensor(float('nan'))),
        'half-inf': torch.full(shape, float('inf'), dtype=torch.float16),
        'int': weights[KEY].to(torch.int64),
        'byte': weights[KEY].to(torch.uint8),
        'bool': weights[KEY].bool(),
        'complex': weights[KEY].to(torch.complex64),
        'too-large': torch.full(shape, 1e300, dtype=torch.float64),
        'shape': torch.zeros(8, 3, 5, 5),
        'flat': weights[KEY].flatten(),
        'scalar': torch.tensor(1.0),
        'none-of-it': torch.zeros(0),
        'transposed': weights[KEY].transpose(0, 1).contiguous(),
        'word': 'word',
        'number': 1.0,
        'nothing': None,
        'list': weights[KEY].tolist(),
        'array': weights[KEY].numpy(),
        'dict': {'a': weights[KEY]},
    }
    for name, value in wrong.items():
        must = STARTS if not name.endswith(('nan', 'inf')) else frozenset(WAYS)
        for bare in (False, True):
            state = {**weights, KEY: value}
            content = state if bare else {**good, 'state_dict': state}
            yield Hostile(f'weights-{name}-{bare}', '.pth', saved(content), must)
    states: dict[str, Any] = {
        'empty': {},
        'ordered': OrderedDict(),
        'renamed': {f'net.{key}': value for key, value in weights.items()},
        'list': [1, 2],
        'none': None,
        'word': 'word',
        'tensor': torch.ones(3),
        'numbered': dict(enumerate(weights.values())),
    }
    for name, state in states.items():
        file = saved({**good, 'state_dict': state})
        yield Hostile(f'state-{name}', '.pth', file, STARTS)
    for name, content in {
        'none': None,
        'list': [],
        'dict': {},
        'tensor': torch.ones(3),
        'word': 'word',
        'nested': {'state_dict': {'state_dict': weights}},
    }.items():
        yield Hostile(f'content-{name}', '.pth', saved(content), STARTS)
    missing = {key: value for key, value in weights.items() if key != KEY}
    file = saved({**good, 'state_dict': missing})
    yield Hostile('weights-missing', '.pth', file, RESUMES | {'test'})


ODD: dict[str, Any] = {
    'none': None,
    'word': 'word',
    'number': -7,
    'large': 10**30,
    'nan': float('nan'),
    'list': [1, 'a', None],
    'dict': {'a': 1, 2: 'b', None: ()},
    'tensor': torch.ones(2, 2),
    'array': np.ones(3),
    'bytes': b'\xff',
    'set': {1, 2},
}


def odd_structures(good: dict[str, Any], _: Path) -> Iterator[Hostile]:
    """Plain values in places where others belong."""
    for place in good:
        if place == 'state_dict':
            continue
        for name, value in ODD.items():
            file = saved({**good, place: value})
            yield Hostile(f'odd-{place}-{name}', '.pth', file, NOBODY)
    inner = [('meta', key) for key in ('epoch', 'iter', 'seed', 'cfg', 'dataset_meta')]
    inner += [('message_hub', key) for key in good['message_hub']]
    inner += [('optimizer', key) for key in good['optimizer']]
    for place, key in inner:
        for name, value in ODD.items():
            content = {**good, place: {**good[place], key: value}}
            yield Hostile(f'odd-{place}-{key}-{name}', '.pth', saved(content), NOBODY)
    schedulers = good['param_schedulers']
    for key in [*schedulers[0]][:8]:
        for name in ('word', 'none', 'list'):
            first = {**schedulers[0], key: ODD[name]}
            content = {**good, 'param_schedulers': [first, *schedulers[1:]]}
            yield Hostile(f'odd-scheduler-{key}-{name}', '.pth', saved(content), NOBODY)
    for key in ('epoch', 'iter', 'state_dict', 'optimizer', 'message_hub', 'meta'):
        content = {k: v for k, v in good.items() if k != key}
        meta = {k: v for k, v in good['meta'].items() if k != key}
        if 'meta' in content:
            content['meta'] = meta
        yield Hostile(f'odd-without-{key}', '.pth', saved(content), RESUMES)


def safetensors_of(good: dict[str, Any], texts: dict[str, str]) -> bytes:
    from safetensors.torch import save

    tensors = {key: value.contiguous() for key, value in good['state_dict'].items()}
    return save(tensors, metadata=texts)


def safetensors_heads(good: dict[str, Any], trace: Path) -> Iterator[Hostile]:
    """Heads that lie, and files that end or change."""
    plain = safetensors_of(good, dict(format='pt'))
    size = struct.unpack('<Q', plain[:8])[0]
    head = json.loads(plain[8 : 8 + size])
    every = frozenset(WAYS)

    def headed(head: Any, length: int | None = None) -> bytes:
        raw = head if isinstance(head, bytes) else json.dumps(head).encode()
        length = len(raw) if length is None else length
        return struct.pack('<Q', length) + raw + plain[8 + size :]

    changes: dict[str, Callable[[dict], Any]] = {
        'dtype': lambda h: h[KEY].update(dtype='F99'),
        'dtype-wider': lambda h: h[KEY].update(dtype='F64'),
        'dtype-number': lambda h: h[KEY].update(dtype=3),
        'shape': lambda h: h[KEY].update(shape=[8, 3, 3, 4]),
        'shape-large': lambda h: h[KEY].update(shape=[2**40, 2**40]),
        'shape-negative': lambda h: h[KEY].update(shape=[-8, -3, 3, 3]),
        'shape-text': lambda h: h[KEY].update(shape='a'),
        'offsets': lambda h: h[KEY].update(data_offsets=[0, 2**50]),
        'offsets-back': lambda h: h[KEY].update(data_offsets=[900, 0]),
        'offsets-overlap': lambda h: [
            v.update(data_offsets=[0, 864]) for v in h.values()
        ],
        'no-shape': lambda h: h[KEY].pop('shape'),
        'entry': lambda h: h.update({KEY: []}),
    }
    for name, change in changes.items():
        changed = json.loads(json.dumps(head))
        changed.pop('__metadata__', None)
        change(changed)
        yield Hostile(f'head-{name}', '.safetensors', headed(changed), every)
    raws: dict[str, tuple[Any, int | None]] = {
        'huge': (head, 2**40),
        'maximum': (head, 2**64 - 1),
        'zero': (head, 0),
        'short': (head, 20),
        'beyond': (head, len(plain) * 2),
        'no-json': (b'\x00' * 64, None),
        'no-text': (b'{"\xff": 1}', None),
        'deep': (b'[' * 100_000, None),
        'twice': (b'{"a":1,"a":2}', None),
        'list': (b'[1, 2]', None),
        'metadata': ({**head, '__metadata__': [1]}, None),
        'metadata-number': ({**head, '__metadata__': {'a': 1}}, None),
    }
    for name, (raw, length) in raws.items():
        yield Hostile(f'head-{name}', '.safetensors', headed(raw, length), every)
    for name, value in {
        'deep': '[' * 100_000,
        'large': '9' * 10_000,
        'word': 'word',
        'list': '[1]',
        'nan': 'NaN',
        'config': f'"open({str(trace)!r}, 1)"',
    }.items():
        for key in ('dataset_meta', 'cfg', 'config', 'epoch', 'seed'):
            file = safetensors_of(good, {key: value})
            yield Hostile(f'text-{key}-{name}', '.safetensors', file, RESUMES)
    yield from _damaged_safetensors(good)


def _damaged_safetensors(good: dict[str, Any]) -> Iterator[Hostile]:
    from mmreid.engine import safetensors_bytes

    draw = random.Random(1)
    signed = safetensors_bytes(good['state_dict'], dict(epoch=1))
    for index in range(40):
        place = draw.randrange(len(signed))
        flipped = bytearray(signed)
        flipped[place] ^= 1 << draw.randrange(8)
        yield Hostile(
            f'flip-safetensors-{index}', '.safetensors', bytes(flipped), RESUMES, True
        )
    for part in (0, 4, 8, 100, *(len(signed) * n // 8 for n in range(1, 8)), -1):
        cut = signed[:part]
        yield Hostile(f'cut-safetensors-{part}', '.safetensors', cut, frozenset(WAYS))
    weights = {k: v.clone() for k, v in good['state_dict'].items()}
    weights[KEY][0, 0, 0, 0] = float('nan')
    file = safetensors_of({'state_dict': weights}, {})
    yield Hostile('nan-safetensors', '.safetensors', file, frozenset(WAYS))
    weights = {**weights, KEY: good['state_dict'][KEY].to(torch.int32)}
    file = safetensors_of({'state_dict': weights}, {})
    yield Hostile('int-safetensors', '.safetensors', file, STARTS)
    assert zlib.crc32(signed) != zlib.crc32(file)
