"""The decisions of the lifecycle helpers."""
