_base_ = './_cluster-contrast_vit-s-ics.py'
