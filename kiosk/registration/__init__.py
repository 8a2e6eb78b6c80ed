"""Ways to a number: the server, the kiosk's own series, and the sending of what waits in the journal."""
