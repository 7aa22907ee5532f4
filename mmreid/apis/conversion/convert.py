"""From a file of another program to a checkpoint that mmreid reads."""

import io
import shlex
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import torch
from mmengine.registry import init_default_scope
from torch import Tensor

from mmreid.apis.conversion.entries import Conversion, UnknownLayoutError, first_names
from mmreid.apis.conversion.facts import Facts
from mmreid.apis.conversion.programs.fast_reid import convert_fast_reid
from mmreid.apis.conversion.programs.ianet import convert_ianet
from mmreid.apis.conversion.programs.resnets import convert_torchreid, convert_trunk
from mmreid.apis.conversion.programs.rrid import convert_rrid
from mmreid.apis.model import find_config
from mmreid.arguments import check_choice
from mmreid.engine import AtomicBackend, family_of, read_config, read_weights
from mmreid.registry import MODELS

LAYOUTS: dict[str, Callable[[Mapping[str, Tensor], Facts], Conversion]] = {
    'rrid': convert_rrid,
    'ianet': convert_ianet,
    'torchvision': convert_trunk,
    'timm': convert_trunk,
    'ibn-a': convert_trunk,
    'torchreid': convert_torchreid,
    'fast-reid': convert_fast_reid,
}
# Filled in by training, and of no use to an embedding.
_DISPENSABLE = ('classifier.weight', 'classifier.bias', 'num_batches_tracked')


def convert_checkpoint(
    layout: str,
    source: str | Path,
    target: str | Path,
    options: Sequence[str] = (),
    facts: Mapping[str, str] = {},
) -> str:
    """Convert a file, and check that the network takes all of it.

    Args:
        layout (str): Whose file it is, one of ``LAYOUTS``.
        source (str | Path): The file; nothing in it is run, see
            :func:`mmreid.engine.read_weights`.
        target (str | Path): The checkpoint to write; folders are made.
        options (Sequence[str]): ``KEY=VALUE`` strings that change the config further,
            for networks of other widths than the published ones. Defaults to none.
        facts (Mapping[str, str]): What the file cannot tell, by the names of
            :data:`FACTS`. What is not given is assumed, and the report says so.
            Defaults to nothing.

    Returns:
        str: What was read, refused, assumed and left out, and the command to use the
        result.

    Raises:
        UnknownLayoutError: The file is of another network.
        CheckpointError: The file cannot be read.
        ValueError: There is no such layout or fact.
    """
    check_choice('layout', layout, LAYOUTS)
    known = Facts(facts, str(source))
    file = read_weights(source)
    conversion = _apply(layout, file.tensors, known)
    conversion = conversion._replace(options=(*conversion.options, *options))
    _check(conversion)
    target = Path(target)
    checkpoint = dict(state_dict=conversion.weights, meta=dict(layout=layout))
    # In memory, because the name of a file that torch.save opens becomes content.
    content = io.BytesIO()
    torch.save(checkpoint, content)
    AtomicBackend().put(content.getvalue(), target)
    lines = [file.explain(), *known.explain()]
    if conversion.left_out:
        lines.append(f'Left out: {first_names([*conversion.left_out])}.')
    lines.append(f'{len(conversion.weights)} tensors were written to {target}. Use it:')
    lines.append(_command(conversion, target))
    return '\n'.join(lines)


def _apply(layout: str, tensors: Mapping[str, Tensor], facts: Facts) -> Conversion:
    """Convert by a layout; where it is the wrong one, say which is meant.

    Raises:
        UnknownLayoutError: The file is of another network.
    """
    try:
        conversion = LAYOUTS[layout](tensors, facts)
        facts.finish()
    except UnknownLayoutError as error:
        family = family_of(tensors)
        if family is None or LAYOUTS[family.layout] is LAYOUTS[layout]:
            raise
        raise UnknownLayoutError(
            f'{error} Its weights have the names of {family.owner}: use {family.tool}.'
        ) from None
    return conversion


def _command(conversion: Conversion, target: Path) -> str:
    """Write the command that uses the result."""
    words = ['python', 'tools/test.py', f'configs/{conversion.config}', str(target)]
    options = list(conversion.options)
    if conversion.trunk:
        words[1:] = ['tools/train.py', words[2]]
        options.append(f'model.backbone.init_cfg.checkpoint={target}')
    if options:
        words += ['--cfg-options', *options]
    return shlex.join(words)


def _check(conversion: Conversion) -> None:
    """Compare names and shapes with those of the network.

    Raises:
        UnknownLayoutError: They differ in more than the number of identities.
    """
    cfg = read_config(str(find_config(conversion.config)), conversion.options)
    init_default_scope(cfg.default_scope)
    network = MODELS.build(cfg.model.backbone if conversion.trunk else cfg.model)
    own = network.state_dict()
    if not conversion.trunk:
        own = {k: v for k, v in own.items() if not k.startswith('data_preprocessor.')}
    wrong = [
        name
        for name in {**own, **conversion.weights}
        if not name.endswith(_DISPENSABLE)
        and (
            name not in own
            or name not in conversion.weights
            or own[name].shape != conversion.weights[name].shape
        )
    ]
    if wrong:
        raise UnknownLayoutError(
            f'The weights do not fit the network of configs/{conversion.config} with '
            f'{list(conversion.options)}: {first_names(wrong)} are missing, of another '
            'shape or unknown there.'
        )
