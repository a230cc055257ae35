"""Checks that every state store must pass."""
