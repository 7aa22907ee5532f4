"""Samplers that know identities.

``IdentitySampler`` draws batches of P persons with K pictures; ``dealing.py`` shares
visits out. Which ones depends on the seed, the epoch, the labels and cameras alone, on
every process alike: keep that.
"""

from mmreid.datasets.samplers.identity_sampler import IdentitySampler

__all__ = ['IdentitySampler']
