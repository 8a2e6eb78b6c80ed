"""The Flask application on the kiosk: devices in, a registered visit and a slip out."""
