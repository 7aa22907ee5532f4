_base_ = './_pcl-clip_vit-b.py'
