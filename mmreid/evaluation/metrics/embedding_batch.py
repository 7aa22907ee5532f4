"""What a metric keeps of a batch of embeddings."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

# Columns of a batch's labels.
LABELS = ('sample_idx', 'person_id', 'cam_id', 'is_query', 'clothes_id')
# Those that every sample must have; few data sets know what people wear.
NEEDED = LABELS[:4]
# How an embedding was made; samples may not say so.
RECIPE = ('flip_test', 'normalize')
# Twice the largest block that the C library may keep on its heap.
_MERGED_BYTES = 64 << 20


@dataclass
class EmbeddingBatch:
    """What a metric keeps of a batch.

    Attributes:
        embedding: ``(n, D)`` float32, with memory of its own.
        labels: ``(n, 5)`` int64: sample_idx, person_id, cam_id, is_query, clothes_id.
        has_clothes: Whether every sample tells its clothes_id, which else is 0.
        paths: File names of the images.
        recipes: The values of (flip_test, normalize) that occur.
    """

    embedding: Tensor
    labels: Tensor
    has_clothes: bool
    paths: list[str]
    recipes: set[tuple]

    @classmethod
    def from_samples(
        cls, samples: Sequence[dict], device: str | None
    ) -> 'EmbeddingBatch':
        """Stack the data samples of a batch.

        Args:
            samples: Each with ``embedding`` ``(D,)``, the labels and ``img_path``;
                ``clothes_id`` may be missing.
            device: Where to keep the embeddings; None leaves them where they are.

        Raises:
            ValueError: A sample without one of these.
        """
        needed = ('embedding', *NEEDED, 'img_path')
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
        labels = [[int(sample.get(key, 0)) for key in LABELS] for sample in samples]
        return cls(
            embedding=vectors.detach().to(device=device, dtype=torch.float32),
            labels=torch.tensor(labels, dtype=torch.int64),
            has_clothes=all('clothes_id' in sample for sample in samples),
            paths=[str(sample['img_path']) for sample in samples],
            recipes={tuple(sample.get(k) for k in RECIPE) for sample in samples},
        )

    @classmethod
    def merge(cls, batches: Sequence['EmbeddingBatch']) -> 'EmbeddingBatch':
        """Join batches to one; they must hold vectors of one length."""
        return cls(
            embedding=torch.cat([batch.embedding for batch in batches]),
            labels=torch.cat([batch.labels for batch in batches]),
            has_clothes=all(batch.has_clothes for batch in batches),
            paths=[path for batch in batches for path in batch.paths],
            recipes=set().union(*(batch.recipes for batch in batches)),
        )


def keep(batches: list[EmbeddingBatch], batch: EmbeddingBatch) -> None:
    """Append a batch, and merge the last ones where they have become many.

    Blocks of this size are returned to the operating system when they are freed. Many
    small ones, freed while the features are put in order, would stay with the
    process, which then held all embeddings twice.

    Args:
        batches: Changed in place; their order and content stay.
        batch: What to append.
    """
    batches.append(batch)
    size, first = 0, len(batches)
    shape = batch.embedding.shape[1:]
    while first and batches[first - 1].embedding.shape[1:] == shape:
        one = batches[first - 1].embedding.nbytes
        if one >= _MERGED_BYTES:
            break
        size, first = size + one, first - 1
    if size >= _MERGED_BYTES and len(batches) - first > 1:
        batches[first:] = [EmbeddingBatch.merge(batches[first:])]
