# The network of fast-reid's AGW, for its converted weights: SBS's, on smaller pictures.
_base_ = './bot_r50-sbs_market.py'
_resize = dict(type='Resize', scale=(128, 256))
test_dataloader = dict(dataset=dict(pipeline=[_base_._load, _resize, _base_._pack]))
