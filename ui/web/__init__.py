"""What stands between the network and the window: limits, origins, logins, sessions, logs."""
