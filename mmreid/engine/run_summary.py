"""The first lines of a training or a test, and the last ones of a training."""

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config
from mmengine.device import get_device
from mmengine.dist import get_world_size
from mmengine.runner import BaseLoop, IterBasedTrainLoop, Runner
from torch import nn

from mmreid.engine.hooks.checkpoints.trained_on_hook import describe_training
from mmreid.engine.model_wrappers import unwrap_model
from mmreid.engine.optimizers.autocast_optim_wrapper import arithmetic_of

# Key of a data set's metainfo -> the word behind the number.
_COUNTS = dict(
    num_ids='persons',
    num_images='images',
    num_cams='cameras',
    num_query='queries',
    num_gallery='in the gallery',
)


def describe_run(
    runner: Runner, options: Sequence[str] = (), weights: Any = None
) -> str:
    """Tell what is trained, or tested, on what and with which settings.

    Args:
        runner (Runner): With the loop that is to run: one that has made its loop of
            training trains.
        options (Sequence[str]): How the command line changes the config. Defaults to
            none.
        weights (Any): The file or address that a test loads. Defaults to None,
            nothing.

    Returns:
        str: A title, and a line for each of config, model, weights, data sets, steps,
        device and precision, seed, options, work folder and log file.
    """
    loop = runner._train_loop
    is_training = isinstance(loop, BaseLoop)
    model = unwrap_model(runner.model)
    facts = dict(config=_shorten(runner.cfg.filename), model=_model(model, runner.cfg))
    if is_training:
        facts['weights'] = _start(runner)
        facts['trained on'] = _data(loop.dataloader)
        facts['steps'] = _steps(loop)
        facts['validated on'] = _test_data(runner.val_loop)
    else:
        facts['weights'] = _shorten_file(weights) if weights else 'none loaded'
        facts['tested on'] = _test_data(runner.test_loop)
    facts['device'] = f'{_device()}, {_precision(runner, is_training)}'
    facts['seed'] = str(runner.seed)
    facts['options'] = ' '.join(options)
    facts['work folder'] = _shorten(runner.work_dir)
    facts['log'] = _shorten(runner.logger.log_file)
    return _lay_out('training' if is_training else 'test', facts)


def describe_end(runner: Runner, seconds: float) -> str:
    """Tell how a training has ended, and where its checkpoints are.

    Args:
        runner (Runner): After its training.
        seconds (float): That it took.

    Returns:
        str: A title, and a line for each of the best and the last checkpoint and the
        log file.
    """
    info = runner.message_hub.runtime_info
    facts = {}
    for key, path in info.items():
        if key.startswith('best_ckpt') and path:
            score = info.get(key.replace('best_ckpt', 'best_score', 1))
            told = '' if score is None else f' ({float(score):.2f})'
            facts[key.replace('best_ckpt', 'best', 1)] = f'{_shorten(path)}{told}'
    facts['last'] = _shorten(info.get('last_ckpt'))
    facts['log'] = _shorten(runner.logger.log_file)
    by_step = isinstance(runner.train_loop, IterBasedTrainLoop)
    end = f'step {runner.iter}' if by_step else f'epoch {runner.epoch}'
    return _lay_out(f'trained to {end} in {timedelta(seconds=round(seconds))}', facts)


def _lay_out(title: str, facts: Mapping[str, str]) -> str:
    """Write facts below a title, without those that there are not."""
    known = {name: text for name, text in facts.items() if text}
    width = max(map(len, known), default=0)
    return '\n'.join([title, *(f'  {n:<{width}}  {text}' for n, text in known.items())])


def _shorten(path: str | os.PathLike | None) -> str:
    """Write a path below the folder of now without that."""
    if not path:
        return ''
    absolute, here = Path(os.path.abspath(path)), Path.cwd()
    return str(absolute.relative_to(here) if here in absolute.parents else absolute)


def _model(model: nn.Module, cfg: Config) -> str:
    """Name model and trunk, and count its parameters."""
    words = [type(model).__name__]
    backbone = getattr(model, 'backbone', None)
    if backbone is not None:
        settings = cfg.model.get('backbone') or {}
        detail = settings.get('depth') or settings.get('arch')
        detail = detail or settings.get('model_name')
        known = f' {detail}' if isinstance(detail, int | str) else ''
        words.append(f'{type(backbone).__name__}{known}')
    if number := sum(value.numel() for value in model.parameters()):
        words.append(f'{number / 1e6:.1f} million parameters')  # a file tells of none
    return ', '.join(words)


def _start(runner: Runner) -> str:
    """Tell what a training starts from."""
    if runner._load_from:
        how = 'resumed from ' if runner._resume else ''
        return f'{how}{_shorten_file(runner._load_from)}'
    pretrained = dict.fromkeys(_pretrained(runner.cfg.get('model')))
    return ', '.join(pretrained) or 'random'


def _pretrained(settings: Any) -> Iterator[str]:
    """Walk a model's config for weights that its parts begin with."""
    if isinstance(settings, Mapping):
        if settings.get('type') == 'Pretrained' and settings.get('checkpoint'):
            yield _shorten_file(settings['checkpoint'])
        if settings.get('pretrained') is True:
            yield f'those that {settings.get("type")} fetches'
        settings = list(settings.values())
    if isinstance(settings, list | tuple):
        for part in settings:
            yield from _pretrained(part)


def _shorten_file(name: Any) -> str:
    """Shorten a path; addresses stay as they are."""
    return str(name) if '://' in str(name) else _shorten(name)


def _data(loader: Any) -> str:
    """Name a data set and count what it tells of itself."""
    dataset = loader.dataset
    meta = getattr(dataset, 'metainfo', None) or {}
    name = describe_training(meta) or type(dataset).__name__
    # A test set's images are those of queries and gallery.
    left_out = 'num_images' if 'num_query' in meta else None
    counts = [
        f'{meta[key]} {word}'
        for key, word in _COUNTS.items()
        if meta.get(key) and key != left_out
    ]
    if not counts and hasattr(dataset, '__len__'):  # a stream has none
        counts = [f'{len(dataset)} samples']
    return f'{name}: {", ".join(counts)}' if counts else name


def _test_data(loop: Any) -> str:
    """Name the data sets of a validation or a test, if there is one."""
    if loop is None:
        return ''
    loops = getattr(loop, 'sets', {'': loop}).values()
    return '; '.join(_data(single.dataloader) for single in loops)


def _steps(loop: Any) -> str:
    """Tell how long a training is, and what a step takes."""
    images, processes = loop.dataloader.batch_size, get_world_size()
    size = f'{images * processes} images' if images else 'a batch'
    if processes > 1:
        size += f' in {processes} processes'
    if isinstance(loop, IterBasedTrainLoop):
        return f'{loop.max_iters} steps, each of {size}'
    epochs, steps = _number(loop.max_epochs, 'epoch'), len(loop.dataloader)
    return f'{epochs} of {_number(steps, "step")}, each of {size}'


def _number(number: int, thing: str) -> str:
    """Write how many there are of something."""
    return f'{number} {thing}{"" if number == 1 else "s"}'


def _device() -> str:
    """Name the device, and how much of it a process uses."""
    kind = get_device()
    if kind == 'cpu':
        return f'cpu with {_number(torch.get_num_threads(), "thread")}'
    return f'{kind} ({torch.cuda.get_device_name()})' if kind == 'cuda' else kind


def _precision(runner: Runner, is_training: bool) -> str:
    """Tell what the network computes in."""
    if not is_training:
        cfg = runner.cfg.get('test_cfg') or {}
        return 'float16' if cfg.get('fp16') else 'float32'
    wrapper = runner.optim_wrapper  # its config, until the training begins
    settings: Any = wrapper if isinstance(wrapper, Mapping) else {}
    return arithmetic_of(settings, get_device()) or f'as of {settings["type"]}'
