# Where VIPeR lies; the first of its ten random divisions, tools/repeat.py runs all.
_viper = dict(type='VIPeR', data_root='data/viper', split_index=0)
