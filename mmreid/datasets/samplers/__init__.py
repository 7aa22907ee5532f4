"""Samplers that know identities.

``IdentitySampler`` draws batches of P persons with K pictures, ``ClusterSampler`` of
clusters that change from epoch to epoch; what they share is in ``visit_sampler.py``.
``dealing.py`` shares visits out, ``record_labels.py`` reads labels and cameras. What
is drawn depends on the seed, the epoch, the labels and cameras alone, on every process
alike: keep that.
"""

from mmreid.datasets.samplers.cluster_sampler import ClusterSampler
from mmreid.datasets.samplers.identity_sampler import IdentitySampler

__all__ = ['ClusterSampler', 'IdentitySampler']
