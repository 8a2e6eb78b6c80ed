"""What the people who run the server watch: figures for a monitor, and one log line for each request."""
