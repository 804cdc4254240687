"""Where things lie, what is set, and who may speak for an account. The only package that uses pydantic."""

from bridge.config.home import Home as Home
from bridge.config.home import find_home as find_home
