"""What is in a gallery's file."""

#: ``mmrg``; tells a gallery from other SQLite files.
APPLICATION_ID = 0x6D6D7267
#: Of the tables below; files of a newer one are refused.
VERSION = 1
#: Vectors of 512 float32 fill pages of this size with little waste.
PAGE_SIZE = 32768

# AUTOINCREMENT: an id is never given twice. `changes` are ranges of ids by generation,
# which counts the transactions.
TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE entries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  person TEXT, camera TEXT, time REAL, path TEXT, fields TEXT NOT NULL DEFAULT '{}'
);
CREATE TABLE vectors (id INTEGER PRIMARY KEY, vector BLOB NOT NULL);
CREATE TABLE changes (
  generation INTEGER NOT NULL, kind TEXT NOT NULL,
  first INTEGER NOT NULL, last INTEGER NOT NULL
);
CREATE INDEX changes_generation ON changes (generation);
"""
