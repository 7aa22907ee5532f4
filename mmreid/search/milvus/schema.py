"""What is kept in Milvus: two collections, and how entries become rows.

Filters compare digests of names and values, never the text itself: nothing that a user
writes can end a literal in Milvus' expressions, and text and numbers are compared as
Python compares them.
"""

import hashlib
import json
from typing import Any

import numpy as np

from mmreid.search.answers import Entry

#: Of what stands below; galleries of a newer one are refused.
VERSION = 1
#: Behind the name of the collection of vectors.
JOURNAL_SUFFIX = '__mmreid'
#: Bytes of a VARCHAR in Milvus.
MAX_TEXT = 65535
#: Elements of an ARRAY in Milvus.
MAX_FIELDS = 4096
_DIGEST = 32
#: What belongs to an entry, in the order of Entry.
LABEL_COLUMNS = ('id', 'person', 'camera', 'time', 'path', 'fields')
#: What is unknown of an entry, by plural names.
NO_LABELS: dict[str, Any] = dict(
    persons=None, cameras=None, times=None, paths=None, fields='{}'
)
#: All but the id.
COLUMNS = (*LABEL_COLUMNS[1:], 'person_key', 'camera_key', 'field_keys', 'vector')
COLUMN_OF = dict(
    persons='person', cameras='camera', times='time', paths='path', fields='fields'
)


def vector_schema(client: Any, types: Any, dim: int) -> tuple[Any, Any]:
    """Return schema and index of the collection of vectors."""
    schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
    text = dict(datatype=types.VARCHAR, max_length=MAX_TEXT, nullable=True)
    key = dict(datatype=types.VARCHAR, max_length=_DIGEST)
    schema.add_field('id', types.INT64, is_primary=True)
    schema.add_field('vector', types.FLOAT_VECTOR, dim=dim)
    for name in ('person', 'camera', 'path', 'fields'):
        schema.add_field(name, **text)
    schema.add_field('time', types.DOUBLE, nullable=True)
    for name in ('person_key', 'camera_key'):
        schema.add_field(name, **key)
    schema.add_field(
        'field_keys',
        types.ARRAY,
        element_type=types.VARCHAR,
        max_capacity=MAX_FIELDS,
        max_length=_DIGEST,
    )
    index = client.prepare_index_params()
    index.add_index('vector', index_type='FLAT', metric_type='COSINE')
    return schema, index


def journal_schema(client: Any, types: Any) -> tuple[Any, Any]:
    """Return schema and index of the collection of the gallery's own records."""
    schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field('key', types.VARCHAR, is_primary=True, max_length=64)
    for name in ('kind', 'state'):
        schema.add_field(name, types.VARCHAR, max_length=16)
    for name in ('first', 'last'):
        schema.add_field(name, types.INT64)
    schema.add_field('started', types.DOUBLE)
    schema.add_field('text', types.VARCHAR, max_length=MAX_TEXT)
    # Milvus wants a vector in each collection.
    schema.add_field('unused', types.FLOAT_VECTOR, dim=2)
    index = client.prepare_index_params()
    index.add_index('unused', index_type='FLAT', metric_type='L2')
    return schema, index


def text_key(text: str | None) -> str:
    """Return what a name is filtered by; ``''`` for an unknown one."""
    return '' if text is None else _digest(text)


def field_key(name: str, value: Any) -> str:
    """Return what a field's value is filtered by, the same for equal values."""
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        value = int(value)
    return _digest(f'{json.dumps(name)}:{json.dumps(value)}')


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:_DIGEST]


def label_columns(row: int, labels: dict[str, Any]) -> dict[str, Any]:
    """Express checked labels of one entry as columns.

    Args:
        row (int): Its row, for errors.
        labels (dict[str, Any]): By plural names, fields as JSON.

    Returns:
        dict[str, Any]: By the names of columns, with what they are filtered by.

    Raises:
        ValueError: A text that is too long for Milvus, or too many fields.
    """
    columns = {COLUMN_OF[name]: value for name, value in labels.items()}
    for plural, value in labels.items():
        if isinstance(value, str) and len(value.encode()) > MAX_TEXT:
            raise ValueError(
                f'{plural}[{row}] must be at most {MAX_TEXT} bytes in Milvus, got '
                f'{len(value.encode())}.'
            )
    for name in ('person', 'camera'):
        if name in columns:
            columns[f'{name}_key'] = text_key(columns[name])
    if 'fields' in columns:
        fields = json.loads(columns['fields'])
        if len(fields) > MAX_FIELDS:
            raise ValueError(
                f'fields[{row}] must be at most {MAX_FIELDS}, got {len(fields)}.'
            )
        columns['field_keys'] = [
            field_key(name, value)
            for name, value in fields.items()
            if value is not None
        ]
    return columns


def entry_of(row: dict[str, Any]) -> Entry:
    """Return what a row tells of an entry."""
    labels = {name: row[name] for name in LABEL_COLUMNS[:-1]}
    return Entry(**labels, fields=json.loads(row['fields'] or '{}'))


def rows_of(
    units: np.ndarray | None,
    checked: dict[str, list[Any]],
    filled: dict[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """Express what is given of entries as columns.

    Args:
        units (np.ndarray, optional): ``(N, D)`` their vectors, None where they stay.
        checked (dict[str, list[Any]]): Labels by plural names.
        filled (dict[str, Any], optional): Labels of all, where ``checked`` does not
            have them. Defaults to None.

    Returns:
        list[dict[str, Any]]: One an entry, without its id.
    """
    count = len(units) if units is not None else len(next(iter(checked.values())))
    rows = []
    for row in range(count):
        labels = {name: values[row] for name, values in checked.items()}
        columns = label_columns(row, {**(filled or {}), **labels})
        if units is not None:
            columns['vector'] = units[row].astype(np.float32)
        rows.append(columns)
    return rows
