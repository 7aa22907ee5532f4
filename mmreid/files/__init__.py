"""Files as every part of mmreid reads and writes them; needs Python and NumPy alone.

What is written is forced to the disk (``force``) and is whole or not there
(``whole_file``, ``write_json``). What is read is a plain file (``check_file``), and
where it is damaged a sentence says which file and what is wrong (``read_json``,
``errors_in``, ``read_safetensors_head``); tables with named columns are read the way
that spreadsheets write them (``read_entries``), and written whole (``write_rows``).
``locked_folder`` has others wait, ``digest_of`` tells a file from another.
"""

from mmreid.files.digest import digest_of
from mmreid.files.forcing import force
from mmreid.files.home_folder import expand_home
from mmreid.files.json_file import parse_json, read_json, to_json, write_json
from mmreid.files.locked_folder import locked_folder
from mmreid.files.naming import errors_in
from mmreid.files.plain_file import check_file
from mmreid.files.safetensors_head import read_safetensors_head
from mmreid.files.table_file import Entry, read_entries, write_rows
from mmreid.files.text_file import read_text
from mmreid.files.whole_file import remove_unfinished, whole_file

__all__ = [
    'Entry',
    'check_file',
    'digest_of',
    'errors_in',
    'expand_home',
    'force',
    'locked_folder',
    'parse_json',
    'read_entries',
    'read_json',
    'read_safetensors_head',
    'read_text',
    'remove_unfinished',
    'to_json',
    'whole_file',
    'write_json',
    'write_rows',
]
