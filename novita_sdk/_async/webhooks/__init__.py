"""Webhooks: receiving them."""
