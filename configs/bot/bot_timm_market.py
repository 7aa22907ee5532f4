# Any trunk: --cfg-options model.backbone.model_name=swin_tiny_patch4_window7_224
_base_ = [
    '../_base_/models/reid_timm.py',
    '../_base_/datasets/market.py',
    '../_base_/schedules/adam_120e.py',
    '../_base_/default_runtime.py',
]
