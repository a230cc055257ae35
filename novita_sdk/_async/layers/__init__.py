"""The layers of the pipeline, one module each, in the form of middleware."""
