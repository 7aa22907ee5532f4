"""What an exported file tells of itself: how its pictures are made, and whose it is."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from mmreid.arguments import check_choice, check_count

#: Under this key the facts stand in a file's metadata, as JSON.
KEY = 'mmreid'
#: Under this one, in a file whose weights lie beside it, their SHA-256.
WEIGHTS_KEY = 'mmreid_weights'
#: The version of the facts; a file of a later one is refused.
VERSION = 1
CHANNELS = ('bgr', 'rgb')
PRECISIONS = ('float32', 'bfloat16', 'int8')
BACKENDS = ('cv2', 'pillow')
INTERPOLATIONS = ('nearest', 'bilinear', 'bicubic', 'area', 'lanczos', 'box', 'hamming')
# cv2 and PIL do not have the same kinds.
_KINDS = dict(cv2=INTERPOLATIONS[:5], pillow=INTERPOLATIONS[:3] + INTERPOLATIONS[4:])


class ExportedFileError(ValueError):
    """A file is none that this project has exported, or is damaged."""

    @classmethod
    def without_facts(cls, path: str | os.PathLike) -> 'ExportedFileError':
        """Say of a file that it tells nothing.

        Args:
            path (str | PathLike): The file.
        """
        return cls(
            f'{os.fspath(path)} tells nothing of its pictures: it was not exported by '
            'mmreid. Export the model with "mmreid export".'
        )


@dataclass(frozen=True, kw_only=True)
class ExportedFacts:
    """What must be known to use an exported file.

    Its one input, ``pictures``, is uint8 ``(N, height, width, 3)``; its one output,
    ``vectors``, is float32 ``(N, dim)``.

    Attributes:
        name: What the model is called.
        source_key: Key of the network that the file was made of.
        model_key: Key of the file's vectors. It is ``source_key`` where they may be
            mixed with those of the network, else one of their own.
        dim: Width of the vectors.
        height: Of the pictures that the file takes, in pixels.
        width: Of the same.
        channels: ``'bgr'`` or ``'rgb'``: the order in these pictures.
        interpolation: How a picture is resized to this size, whatever its shape.
        resize_backend: ``'cv2'`` or ``'pillow'``: whose interpolation that is.
        flip_test: Whether vectors are the mean of a picture's and its mirror's.
        normalize: ``'none'``, ``'whole'``, ``'branch'`` or ``'part'``: what of a vector
            has the length 1.
        config: Text of the network's config, plain values alone.
        distance: By which the config compares vectors.
        precision: ``'float32'``, ``'bfloat16'`` or ``'int8'``.
        threshold: An operating point as a dict; None where there is none.
        results: Metrics and protocol of a test of the network; None where unknown.
        trained_on: Which data the network was trained on, as a data set's metainfo
            tells; None where unknown.
        gate: What the comparison of rankings found; None before it.
        versions: Of the packages that made the file.

    Raises:
        ValueError: A value is none that a file can have.
    """

    name: str
    source_key: str
    model_key: str
    dim: int
    height: int
    width: int
    channels: str = 'bgr'
    interpolation: str = 'bilinear'
    resize_backend: str = 'cv2'
    flip_test: bool = False
    normalize: str = 'none'
    config: str = ''
    distance: str = 'cosine'
    precision: str = 'float32'
    threshold: dict[str, Any] | None = None
    results: dict[str, Any] | None = None
    trained_on: dict[str, Any] | None = None
    gate: dict[str, Any] | None = None
    versions: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_choice('channels', self.channels, CHANNELS)
        check_choice('precision', self.precision, PRECISIONS)
        check_choice('resize_backend', self.resize_backend, BACKENDS)
        kinds = _KINDS[self.resize_backend]
        check_choice('interpolation', self.interpolation, kinds)
        for name in ('dim', 'height', 'width'):
            check_count(name, getattr(self, name))

    def to_json(self) -> str:
        """Write them as a line of JSON."""
        return json.dumps(dict(version=VERSION, **asdict(self)), sort_keys=True)

    @classmethod
    def from_json(cls, text: str, source: str) -> 'ExportedFacts':
        """Read what :meth:`to_json` has written.

        Args:
            text (str): The line.
            source (str): The file it was found in, for errors.

        Raises:
            ExportedFileError: It is another text, or that of a later version.
        """
        try:
            values = json.loads(text)
        except ValueError as error:
            raise ExportedFileError(
                f'{source} tells of itself what is no JSON ({error}); export it again.'
            ) from error
        if not isinstance(values, Mapping) or 'version' not in values:
            raise ExportedFileError(
                f'{source} tells nothing that mmreid has written; export it again.'
            )
        version = values['version']
        if version != VERSION:
            raise ExportedFileError(
                f'{source} was exported by another version of mmreid: its facts have '
                f'the version {version!r}, and {VERSION} is known; update mmreid or '
                'export it again.'
            )
        known = {field.name for field in fields(cls)}
        given = {key: value for key, value in values.items() if key in known}
        try:
            return cls(**given)
        except (TypeError, ValueError) as error:
            raise ExportedFileError(
                f'{source} tells of itself what no file has: {error} Export it again.'
            ) from error
