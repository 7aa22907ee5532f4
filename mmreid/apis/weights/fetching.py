"""The file with a model's published weights: in the cache, or fetched into it."""

from pathlib import Path

import torch

from mmreid.apis.model_names.published_model import PublishedModel, Source
from mmreid.apis.weights.errors import FetchError, NoWeightsError
from mmreid.apis.weights.google_drive import (
    DriveError,
    can_fetch,
    drive_id,
    fetch_from_drive,
)
from mmreid.apis.weights.licences import show_terms
from mmreid.engine import CheckpointDownloadError
from mmreid.engine.checkpoints import fetch, place_of
from mmreid.optional import install_command

_ENDINGS = ('.pth', '.safetensors')


def folder() -> Path:
    """Name the folder of files that users put there, and of what is made of weights.

    Returns:
        Path: ``checkpoints/mmreid`` in torch's cache (``TORCH_HOME``).
    """
    return Path(torch.hub.get_dir(), 'checkpoints', 'mmreid')


def find_file(model: PublishedModel, accept_licence: bool = False) -> Path:
    """Return the file with a model's weights, fetching it where it is missing.

    Args:
        model (PublishedModel): The model.
        accept_licence (bool): See :func:`show_terms`. Defaults to False.

    Returns:
        Path: The file, as its program has written it.

    Raises:
        NoWeightsError: Nobody has published weights of it.
        LicenceError: There has to be an agreement with the authors first.
        FetchError: It is not here and cannot be fetched; the message says where it is
            and where to put it.
        UnreadableCheckpointError: The checksum is not that of the cached file.
    """
    source = model.source
    if source is None:
        raise NoWeightsError(explain_no_weights(model))
    for ending in _ENDINGS:
        if (path := folder() / f'{model.name}{ending}').is_file():
            return path
    if place_of(source.weights).is_file():
        return fetch(source.weights, source.sha256 or None)
    show_terms(model, accept_licence)
    if source.needs_browser:
        return _fetch_behind_page(model, source)
    try:
        remedy = f'get it by other means (see {source.code}) and {_remedy(model)}'
        return fetch(source.weights, source.sha256 or None, remedy)
    except CheckpointDownloadError as error:
        raise FetchError(str(error)) from error


def _fetch_behind_page(model: PublishedModel, source: Source) -> Path:
    """Fetch what gdown can get, or say that a browser can."""
    reason = ''
    if can_fetch(source.weights):
        try:
            fetch_from_drive(source.weights, place_of(source.weights))
        except DriveError as error:
            reason = f' Google Drive did not give it: {error}.'
        else:
            return fetch(source.weights, source.sha256 or None)
    elif drive_id(source.weights):
        reason = f' The package gdown fetches it: {install_command("gdown")}.'
    raise FetchError(
        f'The weights of {model.name} are behind a page that needs a browser.{reason} '
        f'Get the file from {source.weights} (see {source.code}) and {_remedy(model)}.'
    )


def explain_no_weights(model: PublishedModel) -> str:
    """Say that a model has no weights, and how to train it.

    Args:
        model (PublishedModel): The model.
    """
    return (
        f'No weights of {model.name} are published. Train it: python tools/train.py '
        f'{model.config} (its README has the recipe), and give the checkpoint.'
    )


def _remedy(model: PublishedModel) -> str:
    """Say what to do with a file that was got by other means."""
    return (
        f'put it at {folder() / model.name}{_ENDINGS[0]}, where all commands find it; '
        'or give it by --weights-file FILE to a tool that tests or draws, by '
        'weights_file= to init_model'
    )
