"""The application for a WSGI server other than ``tiepdon-server run``: ``gunicorn server.wsgi:app``.

TIEPDON_CONFIG names the configuration file; ``config.yaml`` in the working directory is the default.
"""

import os
from pathlib import Path

from server.app import create_app
from server.config import load_settings
from server.contract import logs

logs.set_up()
app = create_app(load_settings(Path(os.environ.get("TIEPDON_CONFIG", "config.yaml"))))
