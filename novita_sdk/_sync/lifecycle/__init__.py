# Generated from novita_sdk/_async/lifecycle/__init__.py by tools/unasync.py; edit the source.
"""What outlasts a single call: safe creation, waits, rentals and the helpers that watch over instances."""
