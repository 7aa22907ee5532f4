_base_ = './_clip-reid_vit-b.py'
