"""HTTP middleware of the window, logins and sessions, rate limits, metrics and logs."""
