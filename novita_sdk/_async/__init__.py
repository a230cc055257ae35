"""Everything that does I/O, in the form it is written in."""
