# VIPeR in data/viper, pictures of 256 x 128 (height x width); the first of ten random
# divisions. tools/repeat.py runs all.
_base_ = ['./market_256x128.py', './_viper.py']
train_dataloader = dict(dataset=_base_._viper)
val_dataloader = dict(dataset=_base_._viper)
test_dataloader = val_dataloader
