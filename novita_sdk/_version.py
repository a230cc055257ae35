"""Version of the distribution, read by the build and by `novita_sdk.__version__`."""

__version__ = "0.1.0"
