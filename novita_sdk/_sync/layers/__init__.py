# Generated from novita_sdk/_async/layers/__init__.py by tools/unasync.py; edit the source.
"""The layers of the pipeline, one module each, in the form of middleware."""
