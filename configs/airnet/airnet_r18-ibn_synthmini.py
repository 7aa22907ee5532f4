_base_ = './airnet_r18_synthmini.py'
model = dict(backbone=dict(plugins=[], ibn='a'))
