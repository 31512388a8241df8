"""What follows from all that a register holds: pure functions, whatever the order of adding."""
