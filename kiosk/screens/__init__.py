"""The kiosk's pages: what patients touch, what a technician looks at, and the simulator of the demo profile."""
