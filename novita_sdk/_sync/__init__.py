# Generated from novita_sdk/_async/__init__.py by tools/unasync.py; edit the source.
"""Everything that does I/O, in the form it is written in."""
