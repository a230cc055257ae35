# Generated from novita_sdk/_async/stores/conformance/__init__.py by tools/unasync.py; edit the source.
"""Checks that every state store must pass."""
