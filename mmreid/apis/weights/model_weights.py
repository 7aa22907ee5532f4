"""A checkpoint with the weights of a model: converted, given or fetched."""

from os import PathLike
from pathlib import Path

from mmreid.apis.model_names.published_model import PublishedModel
from mmreid.apis.weights.errors import NoWeightsError, WrongWeightsError
from mmreid.apis.weights.fetching import explain_no_weights, find_file, folder
from mmreid.apis.weights.kept_conversions import convert_once
from mmreid.apis.weights.own_words import is_own
from mmreid.apis.weights.packaged import packaged_file
from mmreid.apis.weights.waiting import one_at_a_time
from mmreid.engine import Checkpoint, UnreadableCheckpointError, expand_home


def weights_of_model(
    model: PublishedModel,
    weights_file: str | PathLike | None = None,
    accept_licence: bool = False,
) -> Checkpoint:
    """Return a checkpoint with a model's weights, which mmreid reads.

    Args:
        model (PublishedModel): The model.
        weights_file (str | PathLike | None): The file, instead of the published one,
            in any form. Defaults to None.
        accept_licence (bool): See :func:`~.licences.show_terms`. Defaults to False.

    Returns:
        Checkpoint: The weights, which are read where they are first asked for.

    Raises:
        CheckpointError: The weights cannot be had, or are not the model's.
        FileNotFoundError: There is no such ``weights_file``.
    """
    if weights_file is not None:
        return _weights_in(Path(expand_home(Path(weights_file))), model)
    if model.packaged is not None:
        return Checkpoint(packaged_file(model.packaged))
    # Of several processes, such as those of one test, one fetches.
    with one_at_a_time(folder() / f'{model.name}.lock'):
        file = find_file(model, accept_licence)
        try:
            return _converted(model, file)
        except (UnreadableCheckpointError, WrongWeightsError):
            # What was fetched is fetched again next time; users' own files stay.
            if file.parent != folder():
                file.unlink(missing_ok=True)
            raise


def _weights_in(file: Path, model: PublishedModel) -> Checkpoint:
    """Take a user's file, in whatever form it is."""
    if is_own(given := Checkpoint(file)):
        return given
    if model.source is None:
        why = '' if model.packaged else f'{explain_no_weights(model)} '
        raise NoWeightsError(
            f'{why}{file} is none of mmreid; convert it: '
            f'python tools/model_converters/convert.py {file}.'
        )
    return _converted(model, file)


def _converted(model: PublishedModel, file: Path) -> Checkpoint:
    assert model.source is not None
    return Checkpoint(convert_once(model, model.source, file))
