"""A network run as it was written, without what makes it fast: the yardstick."""

import copy
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from mmreid.apis.test_pipeline import input_size
from mmreid.optional import import_optional

#: Pictures ``(N, H, W, 3)`` in memory, or files of pictures.
Shown = np.ndarray | list[str]
#: From pictures, blue-green-red, to ``(N, D)``.
Embed = Callable[[Any], np.ndarray]
# The smallest of torchreid's networks, replaced by ours as soon as it is built.
_SMALLEST = 'osnet_x0_25'


def run_eagerly(network: Any, batch: int) -> Embed:
    """Run a network as torchreid's ``FeatureExtractor`` does.

    Each picture is read and resized by PIL, made a tensor and normalised by itself,
    these are stacked, and the network computes in float32 with its weights as they were
    loaded.

    Args:
        network (Any): Of :func:`mmreid.apis.init_model`; it is copied.
        batch (int): Pictures at once.

    Returns:
        Callable: From pictures to vectors.
    """
    network = as_loaded(network)
    preprocessor = network.data_preprocessor
    mean, std = numbers_of(preprocessor)
    height, width = input_size(network.cfg)

    def prepare(picture: np.ndarray | str) -> Tensor:
        if isinstance(picture, str):
            read = Image.open(picture).convert('RGB')
            resized = read.resize((width, height), Image.Resampling.BILINEAR)
            picture = np.asarray(resized)[..., ::-1]
        if preprocessor.to_rgb:
            picture = picture[..., ::-1]
        tensor = torch.from_numpy(picture.transpose(2, 0, 1).copy())
        return tensor.float().div(255).sub_(mean).div_(std)

    @torch.no_grad()
    def embed(pictures: Shown) -> np.ndarray:
        return network(torch.stack([prepare(p) for p in pictures])).numpy()

    return in_batches(embed, batch)


def run_by_torchreid(network: Any, batch: int) -> Embed:
    """Run a network by torchreid's own ``FeatureExtractor``.

    Args:
        network (Any): As of :func:`run_eagerly`.
        batch (int): Pictures at once.

    Returns:
        Callable: As of it.

    Raises:
        ImportError: torchreid is not installed.
    """
    extractor = make_extractor(network)
    to_rgb = network.data_preprocessor.to_rgb

    def give(picture: np.ndarray | str) -> np.ndarray | str:
        if isinstance(picture, str):
            return picture
        return np.ascontiguousarray(picture[..., ::-1] if to_rgb else picture)

    def embed(pictures: Shown) -> np.ndarray:
        return extractor([give(p) for p in pictures]).numpy()

    return in_batches(embed, batch)


def in_batches(embed: Embed, batch: int) -> Embed:
    """Have pictures computed so many at once.

    Args:
        embed (Callable): Computes all that it is given.
        batch (int): Pictures at once.

    Returns:
        Callable: Computes any number, and gives the vectors as one array.
    """

    def embed_all(pictures: Shown) -> np.ndarray:
        starts = range(0, len(pictures), batch)
        return np.concatenate([embed(pictures[i : i + batch]) for i in starts])

    return embed_all


def make_extractor(network: Any) -> Any:
    """Build torchreid's extractor around a network of ours.

    Args:
        network (Any): As of :func:`run_eagerly`.

    Returns:
        FeatureExtractor: It takes what torchreid documents.

    Raises:
        ImportError: torchreid is not installed.
    """
    mean, std = (x.flatten().tolist() for x in numbers_of(network.data_preprocessor))
    with tempfile.TemporaryDirectory() as folder:
        # With a file of weights it fetches none.
        weights = Path(folder, 'none.pth')
        torch.save({'state_dict': {}}, weights)
        extractor = _find_extractor()(
            model_name=_SMALLEST,
            model_path=str(weights),
            image_size=input_size(network.cfg),
            pixel_mean=mean,
            pixel_std=std,
            device='cpu',
            verbose=False,
        )
    extractor.model = as_loaded(network)
    return extractor


def _find_extractor() -> Any:
    """Find the class, which stands elsewhere in the package of PyPI."""
    use = 'Measuring torchreid'
    import_optional('torchreid', use, install='torchreid')
    try:
        module = import_optional('torchreid.utils', use, install='torchreid')
    except ImportError:
        module = import_optional('torchreid.reid.utils', use, install='torchreid')
    return module.FeatureExtractor


def as_loaded(network: Any) -> Any:
    """Copy a network, with its weights laid out as files hold them.

    Args:
        network (Any): The network.
    """
    return copy.deepcopy(network).to(memory_format=torch.contiguous_format)


def numbers_of(preprocessor: Any) -> tuple[Tensor, Tensor]:
    """Read what pictures of 0 to 1 are normalised by.

    Args:
        preprocessor (Any): The network's data preprocessor.

    Returns:
        tuple[Tensor, Tensor]: Mean and standard deviation, ``(3, 1, 1)`` each.
    """
    if not preprocessor._enable_normalize:
        return torch.zeros(3, 1, 1), torch.full((3, 1, 1), 1 / 255)
    return preprocessor.mean / 255, preprocessor.std / 255
