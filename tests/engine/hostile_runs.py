"""Give hostile checkpoints to seven ways of loading, each in a process with limits.

    python hostile_runs.py FOLDER EVERY

takes those that the others are made of, and one of EVERY others, and prints what went
wrong.
"""

import itertools
import json
import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from hostile_files import WAYS, Hostile, hostile_files, saved
from mmengine.logging import MMLogger
from mmengine.runner import Runner
from toy_training import ToyModel, toy_config

from mmreid.apis import publish_checkpoint
from mmreid.engine import (
    CheckpointError,
    build_runner,
    find_resumable,
    load_weights,
    read_weights,
)

# Of computing, however busy the machine is.
SECONDS = 30
BYTES = 2 * 2**30
Taken = dict[str, Any] | None


def train(folder: Path, path: Path, resume: bool) -> Taken:
    cfg = toy_config(
        folder / 'work',
        load_from=str(path),
        resume=resume,
        max_epochs=2,
        custom_hooks=[dict(type='PlainCheckpointHook')],
        log_level='ERROR',
    )
    runner = build_runner(cfg)
    taken: dict[str, Any] = {}
    hook = runner._hooks[0]
    hook.before_train = lambda _: taken.update(_copy(runner.model.state_dict()))
    runner.train()
    return taken


def resume_auto(folder: Path, path: Path) -> Taken:
    found, _ = find_resumable(path.parent)
    if found is None:
        raise CheckpointError('nothing to resume')
    return train(folder, found, True)


def pretrained(folder: Path, path: Path) -> Taken:
    model = ToyModel()
    model.init_cfg = dict(type='Pretrained', checkpoint=str(path))
    model.init_weights()
    return model.state_dict()


def test(folder: Path, path: Path) -> Taken:
    model = ToyModel()
    load_weights(model, path)
    return model.state_dict()


def publish(folder: Path, path: Path) -> Taken:
    target = folder / f'published{path.suffix}'
    return read_weights(publish_checkpoint(path, target).path).tensors


CALLS: dict[str, Callable[[Path, Path], Taken]] = dict(
    resume=lambda folder, path: train(folder, path, True),
    resume_auto=resume_auto,
    load_from=lambda folder, path: train(folder, path, False),
    pretrained=pretrained,
    test=test,
    publish=publish,
    convert=lambda _, path: read_weights(path).tensors,
)


def _copy(state: dict[str, Any]) -> dict[str, Any]:
    return {key: value.clone() for key, value in state.items()}


def good_checkpoint(folder: Path) -> dict[str, Any]:
    """Train, and return what can be resumed."""
    hooks = [dict(type='PlainCheckpointHook')]
    cfg = toy_config(folder, max_epochs=1, custom_hooks=hooks, log_level='ERROR')
    Runner.from_cfg(cfg).train()
    return torch.load(folder / 'epoch_1.pth', weights_only=True)


def attempt(way: str, folder: Path, path: Path, weights: dict[str, Any]) -> str:
    """Load by one way; tell 'refused', 'same', 'other' or the traceback."""
    MMLogger.get_current_instance().handlers.clear()
    try:
        taken = CALLS[way](folder, path)
    except (CheckpointError, OSError) as error:
        named = path.name in str(error) or 'nothing to resume' in str(error)
        return 'refused' if named else f'no name: {str(error)[:200]}'
    except BaseException:
        lines = traceback.format_exc().strip().splitlines()
        places = [line.strip() for line in lines if line.startswith('  File')]
        return f'{lines[-1][:200]} AT {places[-1][-120:]}'
    same = taken is not None and all(
        key in taken and torch.equal(value, taken[key])
        for key, value in weights.items()
    )
    return 'same' if same else 'other'


def run(hostile: Hostile, folder: Path, weights: dict[str, Any]) -> dict[str, Any]:
    """Give a file to all ways in a process of its own."""
    folder.mkdir()
    (folder / 'files').mkdir()
    path = folder / 'files' / f'epoch_1{hostile.suffix}'
    path.write_bytes(hostile.content)
    child = os.fork()
    if not child:
        before = _limit()
        found = {}
        for way in WAYS:
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            (folder / 'way').write_text(way)
            found[way] = attempt(way, folder / way, path, weights)
        growth = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before
        told = json.dumps(dict(found=found, growth=growth))
        (folder / 'found.json').write_text(told)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if status:
        way = (folder / 'way').read_text()
        ended = f'{os.waitstatus_to_exitcode(status)} by {way}'
        return dict(found={}, growth=0, ended=ended)
    return json.loads((folder / 'found.json').read_text())


def _limit() -> int:
    """Bound memory, keep quiet, and tell the bytes in use."""
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    # Far above what is measured below: the machine that tests is not to be harmed.
    used = int(Path('/proc/self/statm').read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + 6 * 2**30,) * 2)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def good_files(good: dict[str, Any]) -> Iterator[Hostile]:
    """What the hostile files are made of."""
    yield Hostile('good', '.pth', saved(good), frozenset(), same=True)
    old = saved(good, legacy=True)
    yield Hostile('good-legacy', '.pth', old, frozenset(), same=True)


def judge(hostile: Hostile, result: dict[str, Any]) -> Iterator[str]:
    """Tell what went wrong with a file."""
    good = hostile.name.startswith('good')
    if 'ended' in result:
        yield f'{hostile.name}: ended by {result["ended"]}'
    if result['growth'] > len(hostile.content) + BYTES:
        yield f'{hostile.name}: took {result["growth"]} bytes'
    for way, found in result['found'].items():
        if found not in ('refused', 'same', 'other'):
            yield f'{hostile.name} by {way}: {found}'
        elif (found == 'refused') < (way in hostile.refused):
            yield f'{hostile.name} by {way}: accepted'
        elif (found == 'refused' and good) or (found == 'other' and hostile.same):
            yield f'{hostile.name} by {way}: {found}'


def faults(folder: Path, every: int) -> Iterator[str]:
    """Tell of each file what went wrong, and how many there were."""
    torch.set_num_threads(1)
    good = good_checkpoint(folder / 'good')
    trace = folder / 'trace'
    others = itertools.islice(hostile_files(good, trace), 0, None, every)
    count = 0
    for index, hostile in enumerate(itertools.chain(good_files(good), others)):
        count += 1
        result = run(hostile, folder / f'{index}', good['state_dict'])
        if trace.exists():
            trace.unlink()
            yield f'{hostile.name}: executed'
        yield from judge(hostile, result)
    yield f'{count} files'


def main() -> None:
    """Run."""
    for line in faults(Path(sys.argv[1]), int(sys.argv[2])):
        print(f'> {line}', flush=True)


if __name__ == '__main__':
    main()
