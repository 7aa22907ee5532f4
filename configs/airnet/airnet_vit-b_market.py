# Pixels and schedule are those that ViT-B trains with in TransReID.
_base_ = [
    './_airnet_vit-b.py',
    '../transreid/_data.py',
    '../transreid/_schedule_120e.py',
    '../_base_/default_runtime.py',
]
