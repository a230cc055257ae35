"""Webhooks without I/O: signing, verification, payloads, addresses, and when to send or answer what."""
