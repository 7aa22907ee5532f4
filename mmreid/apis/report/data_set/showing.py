"""From data sets to a page and a table of suspects: what ``mmreid check`` does."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mmreid.apis.inferencer import ReIDInferencer
from mmreid.apis.report.data_set.embeddings import compute_vectors, read_vectors
from mmreid.apis.report.data_set.gathering import gather_data_set, only_data_set
from mmreid.apis.report.data_set.listed_pictures import list_pictures
from mmreid.apis.report.data_set.suspects_file import check_table, write_suspects
from mmreid.datasets.checking import Report
from mmreid.datasets.reid_dataset import ReIDDataset
from mmreid.report.bundles import check_place
from mmreid.report.data_set import write_data_set
from mmreid.report.data_set.facts import DataSetFacts

Progress = Callable[[str], Callable[[int, int], None]]


@dataclass(frozen=True)
class Outputs:
    """What is written about a data set.

    Attributes:
        suspects: Where the table of suspects goes; None for none.
        overwrite: Whether earlier ones may be replaced.
        page: Where the page goes, a folder or a file that ends in ``.html``; None for
            none.
    """

    suspects: Path | None = None
    overwrite: bool = False
    page: Path | None = None

    @property
    def wanted(self) -> bool:
        """Whether anything is written at all."""
        return self.suspects is not None or self.page is not None

    def check(self, groups: Sequence[Sequence[ReIDDataset]], has_vectors: bool) -> None:
        """Refuse what cannot be written, before pictures are read.

        Args:
            groups (Sequence[Sequence[ReIDDataset]]): What is to be checked.
            has_vectors (bool): Whether there are a model or a file of features.

        Raises:
            ValueError: Several data sets, or suspects without vectors.
            FileExistsError: Something is there that is not to be replaced.
        """
        if self.wanted and len(groups) != 1:
            raise ValueError(
                f'A page and a table of suspects are of one data set, got {len(groups)}'
                '; name one by --type and --data-root.'
            )
        if self.suspects is not None:
            if not has_vectors:
                raise ValueError(
                    'Suspects of wrong labels need vectors: give a model (--model) or '
                    'a features file (--features).'
                )
            check_table(self.suspects, self.overwrite)
        if self.page is not None:
            check_place(self.page, self.overwrite)


def show_data_set(
    report: Report,
    outputs: Outputs,
    inferencer: ReIDInferencer | None = None,
    features: Path | None = None,
    progress: Progress | None = None,
) -> DataSetFacts:
    """Write the page and the table of suspects of a data set that was checked.

    Args:
        report (Report): Its check, with measures of the pictures.
        outputs (Outputs): What to write.
        inferencer (ReIDInferencer, optional): The model that embeds the pictures.
            Defaults to None.
        features (Path, optional): A file with their vectors. Defaults to None.
        progress (Callable, optional): Makes what is called with work done and in all,
            of a name of the work. Defaults to None.

    Returns:
        DataSetFacts: What was found.

    Raises:
        ValueError: A model and a file are given, or the file has none of the pictures.
        OSError: Something cannot be written.
    """
    if inferencer is not None and features is not None:
        raise ValueError('Vectors come from a model or from a file, got both.')
    listed = list_pictures(only_data_set(report))
    given = None
    if inferencer is not None:
        given = compute_vectors(listed, inferencer, progress and progress('embedding'))
    elif features is not None:
        given = read_vectors(listed, features)
    suspects = outputs.suspects
    facts = gather_data_set(
        report,
        listed,
        given,
        suspects_file=suspects.name if suspects is not None else '',
        progress=progress,
    )
    if suspects is not None:
        write_suspects(facts, suspects, outputs.overwrite)
    if outputs.page is not None:
        bar = progress and progress('thumbnails')
        write_data_set(facts, outputs.page, overwrite=outputs.overwrite, progress=bar)
    return facts


def describe_suspects(facts: DataSetFacts) -> str:
    """Say in a line for each half how many labels may be wrong.

    Args:
        facts (DataSetFacts): What was found.
    """
    lines = []
    for half in facts.wrong_labels:
        lines.append(
            f'{", ".join(half.parts)}: about {half.estimate:.0f} of {half.compared:,} '
            f'labels of single pictures may be wrong ({100 * half.confidence:g} % '
            f'interval over persons {half.low:.0f} to {half.high:.0f})'
        )
        if not math.isnan(half.sequences_estimate):
            lines[-1] += (
                f', about {half.sequences_estimate:.0f} ({half.sequences_low:.0f} to '
                f'{half.sequences_high:.0f}) if whole sequences may be'
            )
        lines[-1] += f'; {half.found} are suggested'
        lines += half.warnings
    return '\n'.join(lines)
