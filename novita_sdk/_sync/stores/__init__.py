# Generated from novita_sdk/_async/stores/__init__.py by tools/unasync.py; edit the source.
"""State stores: what outlives a call, a process or a machine."""
