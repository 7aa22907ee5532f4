_base_ = './_clip-reid-baseline_r50.py'
