"""The seam between the two colours: clocks, locks, events, shields."""
