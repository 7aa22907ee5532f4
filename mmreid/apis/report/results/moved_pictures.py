"""Pictures that do not lie where the features say."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from mmreid.report.results import ReportedImages, ReportedTest


def move_pictures(test: ReportedTest, root: str | Path) -> ReportedTest:
    """Have the paths of a test lead below another folder.

    Args:
        test (ReportedTest): With the paths that the features tell.
        root (str | Path): Where the pictures lie now, such as the data set's folder.

    Returns:
        ReportedTest: The root stands for what of the paths comes before a part that
        is found below it.

    Raises:
        FileNotFoundError: No such part is there.
    """
    halves = (test.queries, test.gallery)
    known = [str(path) for half in halves for path in half.path if path]
    if not known:
        return test
    folder, root = _find_folder(known, Path(root)), Path(root)
    queries, gallery = (_move(half, folder, root) for half in halves)
    return replace(test, queries=queries, gallery=gallery)


def _find_folder(paths: list[str], root: Path) -> str:
    """Return what of the paths the root stands for."""
    for path in (paths[0], paths[-1]):
        parts = path.replace('\\', '/').split('/')
        for count, part in enumerate(parts):
            if part and root.joinpath(*parts[count:]).is_file():
                return ''.join(f'{before}/' for before in parts[:count])
    raise FileNotFoundError(
        f'{root} must hold the pictures of the results, but has neither {paths[0]} nor '
        f"{paths[-1]} nor an end of these paths; give the data set's folder."
    )


def _move(images: ReportedImages, folder: str, root: Path) -> ReportedImages:
    """Put the root in the place of a folder; other paths stay."""
    names = [str(path).replace('\\', '/') for path in images.path]
    moved = [
        str(root / name[len(folder) :]) if name and name.startswith(folder) else name
        for name in names
    ]
    return replace(images, path=np.array(moved, np.str_))
