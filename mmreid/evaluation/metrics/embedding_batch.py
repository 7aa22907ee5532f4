"""What a metric keeps of a batch of embeddings."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

# Columns of a batch's labels.
LABELS = ('sample_idx', 'person_id', 'cam_id', 'is_query')
# How an embedding was made; samples may not say so.
RECIPE = ('flip_test', 'normalize')


@dataclass
class EmbeddingBatch:
    """What a metric keeps of a batch.

    Attributes:
        embedding: ``(n, D)`` float32, with memory of its own.
        labels: ``(n, 4)`` int64: sample_idx, person_id, cam_id, is_query.
        paths: File names of the images.
        recipes: The values of (flip_test, normalize) that occur.
    """

    embedding: Tensor
    labels: Tensor
    paths: list[str]
    recipes: set[tuple]

    @classmethod
    def from_samples(
        cls, samples: Sequence[dict], device: str | None
    ) -> 'EmbeddingBatch':
        """Stack the data samples of a batch.

        Args:
            samples: Each with ``embedding`` ``(D,)``, the labels and ``img_path``.
            device: Where to keep the embeddings; None leaves them where they are.

        Raises:
            ValueError: A sample without one of these.
        """
        needed = ('embedding', *LABELS, 'img_path')
        missing = [key for key in needed if key not in samples[0]]
        if missing:
            raise ValueError(
                f'Evaluation needs {missing} in every data sample, which has '
                f'{sorted(samples[0])}. The model writes the embedding in '
                "mode='predict'; the rest are records of the data set, packed by "
                "dict(type='mmpretrain.PackInputs', meta_keys=('sample_idx', "
                "'img_path', 'person_id', 'cam_id', 'is_query'))"
            )
        # Stacking copies: a view would keep the whole batch of the network alive.
        vectors = torch.stack([sample['embedding'] for sample in samples])
        labels = [[int(sample[key]) for key in LABELS] for sample in samples]
        return cls(
            embedding=vectors.detach().to(device=device, dtype=torch.float32),
            labels=torch.tensor(labels, dtype=torch.int64),
            paths=[str(sample['img_path']) for sample in samples],
            recipes={tuple(sample.get(k) for k in RECIPE) for sample in samples},
        )
