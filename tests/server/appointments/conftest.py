from tests.server.staff import cheap_passwords

__all__ = ["cheap_passwords"]  # a fixture
