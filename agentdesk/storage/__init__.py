"""Tables, transactions and repositories: the only package that knows SQLAlchemy."""
