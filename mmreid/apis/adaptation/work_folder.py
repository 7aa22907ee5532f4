"""A folder of one adaptation, which the same command continues."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmreid.apis.adaptation.folder import OwnPictures
from mmreid.apis.adaptation.options import AdaptOptions
from mmreid.apis.adaptation.start import Start
from mmreid.engine import FolderLock
from mmreid.files import read_json, to_json, write_json

_SETTINGS = 'adaptation.json'


class WorkFolder:
    """The folder that an adaptation writes to, locked until the process ends.

    What vectors depend on is noted when they are first computed, what the training
    depends on when it begins; whoever comes with other settings is told to go
    elsewhere. Looking at clusters with other numbers needs no other folder.

    Args:
        folder (str | Path): The folder; it is made.

    Raises:
        FolderInUseError: Another process writes there.
        OSError: It cannot be written.
    """

    def __init__(self, folder: str | Path) -> None:
        self.path = Path(folder).expanduser().absolute()
        self._lock = FolderLock(self.path)
        self.notes = self._lock.notes
        self.before, self.after = self.path / 'before.npz', self.path / 'after.npz'
        self.training = self.path / 'training'
        self.adapted = self.path / 'adapted.pth'
        self.clusters = self.path / 'clusters.csv'
        self.report = self.path / 'report.html'

    @property
    def has_trained(self) -> bool:
        """Whether the training has ended."""
        return self.adapted.is_file()

    def scores(self, when: str, key: str) -> Path:
        """Return the file of scores on a labelled test set.

        Args:
            when (str): ``'before'`` or ``'after'``.
            key (str): Of the test set, its first digits.
        """
        return self.path / f'labelled_{when}_{key}.json'

    def forget_adapted(self) -> None:
        """Remove what an adapted model computed that is no longer there."""
        for stale in (*self.path.glob('after.*'), *self.path.glob('labelled_after_*')):
            stale.unlink()

    def hold(self, part: str, settings: Mapping[str, Any]) -> None:
        """Note settings, or refuse others than those of before.

        Args:
            part (str): ``'vectors'`` or ``'training'``.
            settings (Mapping[str, Any]): By name.

        Raises:
            ValueError: The folder is of others.
        """
        file = self.path / _SETTINGS
        noted = read_json(file) if file.is_file() else {}
        now = to_json(settings)
        before = noted.setdefault(part, now)
        differing = [k for k in {**before, **now} if before.get(k) != now.get(k)]
        if differing:
            told = '; '.join(
                f'{name}: {_short(before.get(name))} there, {_short(now.get(name))} now'
                for name in differing
            )
            raise ValueError(
                f'{self.path} holds an adaptation with other settings ({told}); give '
                'another folder (--work-dir), the same settings to go on, or remove '
                'it to begin anew.'
            )
        write_json(file, noted)


def vector_settings(start: Start, pictures: OwnPictures) -> dict[str, Any]:
    """Name what the vectors from before depend on.

    Args:
        start (Start): The model.
        pictures (OwnPictures): The pictures.
    """
    return dict(model=start.key, pictures=pictures.fingerprint(), number=len(pictures))


def training_settings(
    pictures: OwnPictures, options: AdaptOptions, chosen: Mapping[str, Any]
) -> dict:
    """Name what the training depends on.

    Args:
        pictures (OwnPictures): The pictures.
        options (AdaptOptions): The options.
        chosen (Mapping[str, Any]): Numbers that were chosen for them.
    """
    told = {name: getattr(options, name) for name in ('pattern', 'camera_from', 'seed')}
    table = None if options.table is None else str(options.table)
    told |= dict(table=table, cameras_tracklets_and_times=pictures.told())
    return dict(**vars(options.clustering), **told, **chosen)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f'{text[:16]}...'
