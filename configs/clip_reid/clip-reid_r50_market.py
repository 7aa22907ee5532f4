_base_ = './_clip-reid_r50.py'
