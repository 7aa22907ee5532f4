"""Right answers where people change their clothes.

LTCC (Qian et al., Long-Term Cloth-Changing Person Re-identification, ACCV 2020) scores
one gallery twice: by the Market rule (its standard setting), and with the query's
person in the query's clothes left out as well (its cloth-changing setting). PRCC (Yang
et al., Person Re-identification by Contour Sketch under Moderate Clothing Change,
TPAMI 2019) tells queries in the gallery's clothes from queries in others. The rules
here are those of the public evaluation that most later papers share, mode ``CC`` and
mode ``SC`` of https://github.com/guxinqian/Simple-CCReID (Gu et al., CVPR 2022): a
picture of the query's person in the query's camera *or* in the unwanted clothes is
ignored, and no other picture is.
"""

import numpy as np

from mmreid.evaluation.functional.ranking.relevance import (
    Labels,
    MarketRelevance,
    check_labels,
)

# Which right answers count.
CLOTHES = ('changed', 'same')


class ClothesRelevance(MarketRelevance):
    """The Market protocol, with the query's person ignored in some clothes as well.

    Args:
        query_ids: Person of each query, ``(num_query,)``.
        gallery_ids: Person of each gallery image, ``(num_gallery,)``.
        query_cams: Camera of each query.
        gallery_cams: Camera of each gallery image.
        num_query: Number of query vectors the labels belong to.
        num_gallery: Number of gallery vectors the labels belong to.
        clothes: ``'changed'``: the query's person in the query's clothes is ignored;
            ``'same'``: in other clothes than the query's.
        query_clothes: Clothes of each query. Two persons may share a number: clothes
            are compared within a person only.
        gallery_clothes: Clothes of each gallery image.

    Raises:
        ValueError: Labels that are not whole numbers, one per vector.
    """

    def __init__(
        self,
        query_ids: Labels,
        gallery_ids: Labels,
        query_cams: Labels,
        gallery_cams: Labels,
        num_query: int,
        num_gallery: int,
        clothes: str,
        query_clothes: Labels,
        gallery_clothes: Labels,
    ) -> None:
        super().__init__(
            query_ids, gallery_ids, query_cams, gallery_cams, num_query, num_gallery
        )
        query_clothes = check_labels(query_clothes, 'query_clothes', num_query)
        gallery_clothes = check_labels(gallery_clothes, 'gallery_clothes', num_gallery)
        self._ignored, matches = [], []
        for query in range(num_query):
            same = gallery_clothes[self.same_person(query)] == query_clothes[query]
            wanted = same if clothes == 'same' else ~same
            # The query's camera is a part of the person's span.
            first = self._camera_start[query] - self._start[query]
            last = self._camera_stop[query] - self._start[query]
            wanted[first:last] = False
            matches.append(self.same_person(query)[wanted])
            self._ignored.append(self.same_person(query)[~wanted])
        lengths = np.array([len(some) for some in matches], np.int64)
        self._set_matches(np.concatenate((np.empty(0, np.int64), *matches)), lengths)

    def ignored(self, query: int) -> np.ndarray:
        """Return the gallery indices of the query's person that are no answers."""
        return self._ignored[query]


def find_relevance(
    query_ids: Labels,
    gallery_ids: Labels,
    query_cams: Labels,
    gallery_cams: Labels,
    num_query: int,
    num_gallery: int,
    clothes: str | None = None,
    query_clothes: Labels | None = None,
    gallery_clothes: Labels | None = None,
) -> MarketRelevance:
    """Build the relevance of the protocol that the options ask for.

    Args:
        query_ids: Person of each query, ``(num_query,)``.
        gallery_ids: Person of each gallery image, ``(num_gallery,)``.
        query_cams: Camera of each query.
        gallery_cams: Camera of each gallery image.
        num_query: Number of query vectors the labels belong to.
        num_gallery: Number of gallery vectors the labels belong to.
        clothes: None: clothes play no part. ``'changed'`` or ``'same'``, see
            :class:`ClothesRelevance`.
        query_clothes: Clothes of each query, needed if ``clothes`` is given.
        gallery_clothes: Clothes of each gallery image, likewise.

    Raises:
        ValueError: An unknown option, or labels that do not fit the vectors or each
            other.
    """
    labels = (query_ids, gallery_ids, query_cams, gallery_cams, num_query, num_gallery)
    if clothes not in (None, *CLOTHES):
        raise ValueError(f'clothes must be None or one of {CLOTHES}, got {clothes!r}')
    if clothes is None:
        if query_clothes is None and gallery_clothes is None:
            return MarketRelevance(*labels)
        raise ValueError(
            'query_clothes and gallery_clothes say what people wear, but not what that '
            f'means: give clothes as well, one of {CLOTHES}, or leave them out'
        )
    if query_clothes is None or gallery_clothes is None:
        raise ValueError(
            f'clothes={clothes!r} compares what people wear: give query_clothes and '
            'gallery_clothes, one whole number per vector'
        )
    return ClothesRelevance(*labels, clothes, query_clothes, gallery_clothes)
