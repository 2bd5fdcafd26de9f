"""Alembic's entry: runs on the connection that `storage.schema` hands over."""

from alembic import context

from agentdesk.storage.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=metadata, transactional_ddl=True, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
