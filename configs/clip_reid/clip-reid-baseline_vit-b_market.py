_base_ = './_clip-reid-baseline_vit-b.py'
