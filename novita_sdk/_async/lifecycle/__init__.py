"""What outlasts a single call: safe creation, waits, rentals and the helpers that watch over instances."""
