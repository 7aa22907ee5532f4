# Where LTCC lies.
_ltcc = dict(type='LTCC', data_root='data/ltcc')
