"""The seat's own encrypted database: the only SQLAlchemy and SQLCipher on the client.

Importing this package is cheap; opening a ``Store`` imports the database drivers.
"""
