"""Published weights by our names, made once and kept beside the files they are from."""

import functools
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import mmreid.apis.conversion
from mmreid.apis.conversion import (
    Conversion,
    Converted,
    UnknownLayoutError,
    convert_file,
)
from mmreid.apis.conversion.fitting import find_misfits
from mmreid.apis.conversion.writing import describe, encode
from mmreid.apis.model_names.config_paths import find_config
from mmreid.apis.model_names.published_model import PublishedModel, Source
from mmreid.apis.weights.errors import CacheError, WrongWeightsError
from mmreid.apis.weights.fetching import folder
from mmreid.engine import UnreadableCheckpointError, read_config
from mmreid.engine.checkpoints.entries import list_some
from mmreid.files import digest_of, whole_file
from mmreid.version import __version__

_MADE = 'converted'


def convert_once(model: PublishedModel, source: Source, file: Path) -> Path:
    """Convert a model's file, unless that was done before.

    What is kept is named by the file's SHA-256 and the converter's: another file, or a
    converter that has changed, makes it anew. Two processes that make it at once put
    the same file there, each in one step.

    Args:
        model (PublishedModel): The model.
        source (Source): What the metafile tells of the file.
        file (Path): The file, of its program.

    Returns:
        Path: A checkpoint that mmreid reads.

    Raises:
        WrongWeightsError: It is not the model's: another family, another size.
        CacheError: There is no room for it, or no right to write.
        CheckpointError: The file cannot be read.
    """
    key = dict(
        file=digest_of(file),
        source=[*source],
        config=model.config,
        converter=_converter(),
    )
    digits = hashlib.sha256(json.dumps(key).encode()).hexdigest()[:16]
    path = folder() / _MADE / f'{model.name}-{digits}.pth'
    if path.is_file():
        return path
    converted = _convert(model, source, file)
    meta = dict(
        describe(converted, file),
        name=model.name,
        license=source.license,
        dataset_meta=_trained_on(model),
    )
    content = encode(converted.conversion, meta)
    try:
        with whole_file(path) as unfinished:
            unfinished.write_bytes(content)
    except OSError as error:
        raise CacheError(
            f'The converted weights of {model.name} could not be kept at {path}: '
            f'{error.strerror or error}. Let the environment variable TORCH_HOME name '
            'a folder that can be written and has room.'
        ) from error
    return path


def _convert(model: PublishedModel, source: Source, file: Path) -> Converted:
    """Convert, and check that it is the model of this name."""
    try:
        converted = convert_file(file, source.layout, dict(source.options))
    except UnknownLayoutError as error:
        raise WrongWeightsError(
            f'{file} is not the file of {model.name}: {error}'
        ) from error
    except UnreadableCheckpointError as error:
        raise UnreadableCheckpointError(
            f'{error} It should be the file of {source.weights}.'
        ) from error
    options = _fitting_options(model, converted.conversion, file)
    conversion = converted.conversion._replace(config=model.config, options=options)
    return converted._replace(conversion=conversion)


def _fitting_options(
    model: PublishedModel, conversion: Conversion, file: Path
) -> tuple[str, ...]:
    """Refuse the file of another size, and take what else is known of the network.

    The config of the model must be that of the weights. What a converter says beside
    them is for its own config: strides and pools hold here too, and what would make
    another network of this one is left to the config.
    """
    config = str(find_config(model.config))
    options = conversion.options
    wrong = find_misfits(read_config(config), conversion)
    fits = _fits(config, conversion, options) if options else not wrong
    if wrong:
        hint = f' It is one for --cfg-options {" ".join(options)}.' if fits else ''
        raise WrongWeightsError(
            f'{file} is not the file of {model.name}, but of another network of the '
            f'same program: {list_some([*wrong.values()])}.{hint}'
        )
    if fits:
        return options
    return tuple(option for option in options if _fits(config, conversion, [option]))


def _fits(config: str, conversion: Conversion, options: Sequence[str]) -> bool:
    """Whether weights fit a network with options, if it can be built at all."""
    try:
        return not find_misfits(read_config(config, options), conversion)
    except (ValueError, TypeError):
        return False


def _trained_on(model: PublishedModel) -> dict[str, Any]:
    """Tell the training data as a data set's metainfo does."""
    data = model.metadata.get('Training Data')
    if isinstance(data, list | tuple):
        return dict(parts=[dict(dataset=name) for name in data])
    return dict(dataset=data) if data else {}


@functools.cache
def _converter() -> str:
    """Tell one version of the converters from another: by what they are made of."""
    rooms = Path(mmreid.apis.conversion.__file__).parent
    digest = hashlib.sha256(__version__.encode())
    for path in sorted(rooms.rglob('*.py')):
        digest.update(path.relative_to(rooms).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
