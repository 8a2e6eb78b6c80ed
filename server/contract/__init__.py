"""Messages between kiosk and server; the only part of the server, beside its rules, that a kiosk imports."""
