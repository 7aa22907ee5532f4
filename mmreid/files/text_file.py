"""Text in the encodings in which spreadsheets save it."""


def read_text(path: str) -> str:
    """Decode a file: UTF-8, or UTF-16 where the mark at its beginning says so.

    Args:
        path (str): The file.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It has another encoding.
    """
    with open(path, 'rb') as file:
        content = file.read()
    marked = content.startswith((b'\xff\xfe', b'\xfe\xff'))
    try:
        return content.decode('utf-16' if marked else 'utf-8-sig')
    except UnicodeDecodeError as error:
        raise ValueError(
            f'{path!r} is not UTF-8 text ({error}); save it with that encoding, which '
            "spreadsheets call 'CSV UTF-8'."
        ) from error
