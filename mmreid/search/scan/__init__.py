"""Who is near: vectors in memory, searched by faiss.

``exact.py`` finds all who may be among the nearest, by products whose rounding is
bounded; ``approximate.py`` keeps an IVF or HNSW index and its cache; ``ordering.py``
has the float64 distances that decide, and re-ranking. Nothing here is the truth: all
of it can be thrown away and made again from the store.
"""

from mmreid.search.scan.approximate import ApproximateScan, check_options
from mmreid.search.scan.exact import ExactScan
from mmreid.search.scan.ordering import order, reorder

__all__ = ['ApproximateScan', 'ExactScan', 'check_options', 'order', 'reorder']
