"""Samplers that know identities.

``IdentitySampler`` draws batches of P persons with K pictures. Which ones depends on
the seed, the epoch and the labels alone, on every process alike: keep that.
"""

from mmreid.datasets.samplers.identity_sampler import IdentitySampler

__all__ = ['IdentitySampler']
