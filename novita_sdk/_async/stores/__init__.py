"""State stores: what outlives a call, a process or a machine."""
