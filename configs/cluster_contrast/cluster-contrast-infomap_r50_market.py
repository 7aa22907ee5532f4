# Clusters of Infomap, from a package that is installed by itself.
_base_ = './cluster-contrast_r50_market.py'
from mmreid.engine import cluster_training

cluster_training(_base_, method='infomap', eps=0.5, k1=15, k2=4, min_samples=5)
