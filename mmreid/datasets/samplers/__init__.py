"""Samplers that know identities."""

from mmreid.datasets.samplers.identity_sampler import IdentitySampler

__all__ = ['IdentitySampler']
