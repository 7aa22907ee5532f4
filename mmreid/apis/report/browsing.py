"""A gallery and its model, opened for the page that searches it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from mmreid.apis.galleries.sources import model_words
from mmreid.report.browse import Desk, Marks
from mmreid.search import BaseGallery, open_gallery


def open_desk(
    address: str,
    make_inferencer: Callable[[list[str]], Any],
    model: str | None = None,
    marks: Path | None = None,
) -> Desk:
    """Open a gallery and the model that it was made with.

    Args:
        address (str): The gallery, as :func:`mmreid.search.open_gallery` takes it.
        make_inferencer (Callable): Makes a ``ReIDInferencer`` of a model's words: its
            name, config or checkpoint, and a checkpoint.
        model (str, optional): The model, where it is elsewhere now. Defaults to None:
            the one that the gallery names.
        marks (Path, optional): The table of marks. Defaults to None: beside the
            gallery's file, ``NAME.marks.csv``, or in the current folder.

    Returns:
        Desk: What the page asks.

    Raises:
        OSError: There is no such gallery.
        ValueError: The model does not fit the gallery, or is not known.
    """

    def make_embed(gallery: BaseGallery) -> Callable[[Any], Any]:
        """Load the gallery's model, and return what makes ``(1, D)`` of a picture."""
        words = [model] if model else model_words(gallery)
        if not words:
            raise ValueError(f'{address} does not tell its model; name it (MODEL).')
        inferencer = make_inferencer(words)
        if inferencer.model_key != gallery.model_key:
            raise ValueError(
                f'{" ".join(words)} makes vectors with the key {inferencer.model_key}, '
                f'and {address} has those of {gallery.model_key}; name the model that '
                'the gallery was made with.'
            )

        def embed(picture: Any) -> Any:
            made = inferencer(picture)
            if made.failures:
                raise ValueError(made.failures[0].reason)
            return made.vectors

        return embed

    table = Marks(marks or _beside(address))
    return Desk(lambda: open_gallery(address, read_only=True), make_embed, table)


def _beside(address: str) -> Path:
    """Find where marks of a gallery lie."""
    path = Path(address)
    if path.is_file():
        return path.with_suffix('.marks.csv')
    name = ''.join(c if c.isalnum() else '_' for c in address).strip('_')
    return Path(f'{name}.marks.csv')
