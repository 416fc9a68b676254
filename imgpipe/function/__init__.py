"""The deployed function, looked at from outside: invoked by hand, its log read."""
