"""From a file of another program to a checkpoint that mmreid reads."""

import io
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from mmreid.apis.conversion.convert import Converted, convert_file
from mmreid.apis.conversion.entries import Conversion, first_names
from mmreid.apis.conversion.fitting import check_fit
from mmreid.apis.model_names.config_paths import find_config
from mmreid.engine import AtomicBackend, read_config


def convert_checkpoint(
    layout: str | None,
    source: str | Path,
    target: str | Path,
    options: Sequence[str] = (),
    facts: Mapping[str, str] = {},
) -> str:
    """Convert a file, and check that the network takes all of it.

    Args:
        layout (str | None): Whose file it is, one of ``LAYOUTS``; None to have the
            names of its weights tell.
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
        ValueError: There is no such layout or fact, or the file would be overwritten.
    """
    target = Path(target)
    if target.exists() and target.samefile(source):
        raise ValueError(f'target must be another file than the source, got {target}.')
    converted = convert_file(source, layout, facts)
    conversion = converted.conversion
    options = (*conversion.options, *options)
    cfg = read_config(str(find_config(conversion.config)), options)
    check_fit(cfg, conversion, options)
    conversion = conversion._replace(options=options)
    AtomicBackend().put(encode(conversion, describe(converted, source)), target)
    found = '' if layout else _say_whose(converted, source)
    lines = [found + converted.file.explain(), *converted.facts.explain()]
    if conversion.left_out:
        lines.append(f'Left out: {first_names([*conversion.left_out])}.')
    lines.append(f'{len(conversion.weights)} tensors were written to {target}. Use it:')
    lines.append(_command(conversion, target))
    return '\n'.join(lines)


def describe(converted: Converted, source: str | Path) -> dict[str, Any]:
    """Tell what a converted checkpoint is, for its ``meta``.

    Args:
        converted (Converted): What was converted.
        source (str | Path): The file it was.

    Returns:
        dict[str, Any]: ``layout``, ``source`` (the file's name) and ``facts``.
    """
    settled = {**converted.facts.given, **converted.facts.assumed}
    return dict(layout=converted.layout, source=Path(source).name, facts=settled)


def encode(conversion: Conversion, meta: Mapping[str, Any]) -> bytes:
    """Make the content of a checkpoint file.

    Args:
        conversion (Conversion): The weights.
        meta (Mapping[str, Any]): What is told of them, beside the config.

    Returns:
        bytes: What ``torch.save`` writes.
    """
    about = dict(
        meta,
        config_file=conversion.config,  # mmengine runs the text that config may be
        options=[*conversion.options],
        trunk=conversion.trunk,
    )
    # In memory, because the name of a file that torch.save opens becomes content.
    content = io.BytesIO()
    torch.save(dict(state_dict=conversion.weights, meta=about), content)
    return content.getvalue()


def _say_whose(converted: Converted, source: str | Path) -> str:
    """Tell what was recognised."""
    return f'{source} has the names of {converted.owner} (layout {converted.layout}). '


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
