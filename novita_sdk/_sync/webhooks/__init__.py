# Generated from novita_sdk/_async/webhooks/__init__.py by tools/unasync.py; edit the source.
"""Webhooks: receiving them."""
