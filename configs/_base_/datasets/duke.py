# Where DukeMTMC-reID lies.
_duke = dict(type='DukeMTMCReID', data_root='data/dukemtmc-reid')
