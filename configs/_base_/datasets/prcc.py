# Where PRCC lies.
_prcc = dict(type='PRCC', data_root='data/prcc')
