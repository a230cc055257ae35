# Generated from novita_sdk/_async/serverless/__init__.py by tools/unasync.py; edit the source.
"""Serverless endpoints: found, deployed, changed, scaled, watched and called."""
