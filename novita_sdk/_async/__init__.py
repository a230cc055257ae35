"""Everything that does I/O, in its asynchronous source form."""
