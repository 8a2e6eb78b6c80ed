"""The kiosk's own memory: what was promised to a patient stands here before it is sent or printed."""
