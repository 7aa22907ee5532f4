_base_ = ['./bot_r50_market.py', '../_base_/datasets/_viper.py']
train_dataloader = dict(dataset=_base_._viper)
val_dataloader = dict(dataset=_base_._viper)
test_dataloader = val_dataloader
