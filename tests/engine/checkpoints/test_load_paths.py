"""Whatever loads a file refuses one that carries code, and nothing else loads any."""

import ast
import os
from collections import Counter, OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.model import BaseModule
from mmengine.runner import Runner
from mmengine.runner.checkpoint import load_checkpoint
from toy_training import ToyModel, toy_config

from mmreid.apis import convert_checkpoint, init_model, publish_checkpoint
from mmreid.engine import (
    UnreadableCheckpointError,
    UnsafeCheckpointError,
    find_resumable,
    load_weights,
    read_weights,
)

ROOT = Path(__file__).parents[3]
# Calls that run what a file asks for, unless an argument forbids it.
DANGEROUS = {
    'torch.load': 'weights_only=True',
    'np.load': 'allow_pickle=False',
    'numpy.load': 'allow_pickle=False',
    'pickle.load': None,
    'pickle.loads': None,
    'pickle.Unpickler': None,
    'torch.hub.load': None,
    'torch.hub.load_state_dict_from_url': None,
    'load_url': None,
    'eval': None,
    'exec': None,
    'Config.fromstring': None,
}


class Attack:
    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self):
        return os.system, (f'touch {self.trace}',)


def resume(path, folder):
    runner = Runner.from_cfg(toy_config(folder, load_from=str(path), resume=True))
    runner.load_or_resume()


def load_from(path, folder):
    Runner.from_cfg(toy_config(folder, load_from=str(path))).load_or_resume()


WAYS = dict(
    resume=resume,
    load_from=load_from,
    resume_auto=lambda path, _: find_resumable(path.parent),
    test=lambda path, _: load_weights(ToyModel(), path),
    inference=lambda path, _: init_model('bot/bot_r18_synthmini.py', path),
    pretrained=lambda path, _: BaseModule(
        dict(type='Pretrained', checkpoint=str(path))
    ).init_weights(),
    prefix=lambda path, _: BaseModule(
        dict(type='Pretrained', checkpoint=str(path), prefix='backbone')
    ).init_weights(),
    mmengine=lambda path, _: load_checkpoint(ToyModel(), str(path)),
    publish=lambda path, folder: publish_checkpoint(path, folder / 'a.pth'),
)


@pytest.mark.parametrize('suffix', ['.pth', '.safetensors'])
@pytest.mark.parametrize('way', WAYS)
def test_a_file_with_code_is_refused(tmp_path, way, suffix):
    trace = tmp_path / 'trace'
    path = tmp_path / f'epoch_1{suffix}'
    torch.save(dict(state_dict={}, meta={}, optimizer=Attack(trace)), path)
    if suffix == '.pth':
        with pytest.raises(UnsafeCheckpointError, match='system'):
            WAYS[way](path, tmp_path / 'work')
    elif way != 'resume_auto':  # which looks for no such name
        with pytest.raises(UnreadableCheckpointError):
            WAYS[way](path, tmp_path / 'work')
    assert not trace.exists()


def test_the_text_of_a_config_is_not_run(tmp_path):
    changes = dict(max_epochs=1, custom_hooks=[dict(type='PlainCheckpointHook')])
    Runner.from_cfg(toy_config(tmp_path / 'a', **changes)).train()
    path, trace = tmp_path / 'a' / 'epoch_1.pth', tmp_path / 'trace'
    checkpoint = torch.load(path, weights_only=True)
    text = f"a = bool(open({str(trace)!r}, 'w'))\n"
    checkpoint['meta'] |= dict(config=text, cfg=text)
    torch.save(checkpoint, path)
    again = dict(changes, load_from=str(path), resume=True)
    runner = Runner.from_cfg(toy_config(tmp_path / 'b', **again))
    runner.load_or_resume()
    assert runner.iter == 3
    assert not trace.exists()
    # What mmengine does with such a text.
    Config.fromstring(text, '.py')
    assert trace.exists()


class Calls:
    def __init__(self, call: tuple) -> None:
        self.call = call

    def __reduce__(self):
        return self.call


class Word(str):
    pass


def records(text: str) -> dict:
    """What has items by name and is no dictionary, and text that is more than text."""
    fields = [('epoch', 'i8'), ('iter', 'i8'), ('seed', 'i8'), ('config', 'U200')]
    rows = np.array([(1, 3, 0, text)], dtype=fields)
    objects = np.array([dict(config=text)], dtype=object)
    scalar, reconstruct = (value.__reduce__()[0] for value in (rows[0], rows))
    # The pickle of a type of records is refused for its state; a call has none.
    called = Calls((np.dtype, (fields,)))
    return dict(
        by_call=Calls((scalar, (called, rows.tobytes()))),
        structured=rows,
        void=rows[0],
        record=rows.view(np.recarray),
        recorded=rows.view(np.recarray)[0],
        objects=objects,
        zero=np.array(dict(config=text), dtype=object),
        object_scalar=Calls((scalar, (np.dtype(object), dict(config=text)))),
        raw=Calls((reconstruct, (np.ndarray, (0,), b'b'), (1, (), object, False, []))),
        text=dict(config=np.str_(text)),
        word=dict(config=Word(text)),
        subclass=Counted(config=text),
        masked=np.ma.masked_array([1.0]),
        attributes=attributed(OrderedDict(epoch=1, iter=3), config=text),
    )


class Counted(Counter):
    pass


def attributed(value: Any, **attributes: Any) -> Any:
    vars(value).update(attributes)
    return value


@pytest.mark.parametrize('kind', records(''))
def test_a_record_for_the_metainfo_is_refused(tmp_path, kind):
    changes = dict(max_epochs=1, custom_hooks=[dict(type='PlainCheckpointHook')])
    Runner.from_cfg(toy_config(tmp_path / 'a', **changes)).train()
    path, trace = tmp_path / 'a' / 'epoch_1.pth', tmp_path / 'trace'
    checkpoint = torch.load(path, weights_only=True)
    text = f"a = bool(open({str(trace)!r}, 'w'))\n"
    torch.save(dict(checkpoint, meta=records(text)[kind]), path)
    with pytest.raises(UnsafeCheckpointError, match='epoch_1'):
        resume(path, tmp_path / 'b')
    with pytest.raises(UnsafeCheckpointError, match='epoch_1'):
        find_resumable(path.parent)
    assert not trace.exists()


def test_converters_read_beside_the_code(tmp_path):
    trace, path = tmp_path / 'trace', tmp_path / 'theirs.pth'
    weights = dict(w=torch.ones(2))
    torch.save(dict(state_dict=weights, optimizer=Attack(trace)), path)
    found = read_weights(path)
    assert torch.equal(found.tensors['w'], weights['w'])
    assert found.calls in [('posix.system',), ('nt.system',)]
    with pytest.raises(ValueError, match='w'):
        convert_checkpoint('torchreid', path, tmp_path / 'ours.pth')
    assert not trace.exists()


def dangerous_calls(source: str) -> list[str]:
    """Calls of the list, without the argument that makes them harmless."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    found = []
    for call in calls:
        name = ast.unparse(call.func)
        given = [ast.unparse(word) for word in call.keywords]
        if name in DANGEROUS and DANGEROUS[name] not in given:
            found.append(f'line {call.lineno}: {name}')
    return found


def test_nothing_loads_past_the_safe_loader():
    tops = ('mmreid', 'tools')
    files = [file for top in tops for file in (ROOT / top).rglob('*.py')]
    assert len(files) > 100
    found = {str(file): dangerous_calls(file.read_text('utf-8')) for file in files}
    assert not {file: calls for file, calls in found.items() if calls}


def test_the_check_sees_what_it_looks_for():
    for source in ('torch.load(f)', 'torch.load(f, weights_only=False)', 'eval(x)'):
        assert dangerous_calls(source)
    assert not dangerous_calls('torch.load(f, weights_only=True)\nmodel.eval()')
