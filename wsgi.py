"""The application for any WSGI server, with settings from the environment."""

from portal.app import create_app
from portal.config import from_environment

app = create_app(from_environment())
