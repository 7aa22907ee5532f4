_base_ = './_cluster-contrast_r50.py'
