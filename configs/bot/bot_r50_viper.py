_base_ = ['./bot_r50_market.py', '../_base_/datasets/viper.py']
train_dataloader = val_dataloader = test_dataloader = dict(dataset=_base_._viper)
