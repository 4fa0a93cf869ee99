"""Alembic's entry: runs the steps on the connection, and in the transaction, that ``upgrade`` opened."""

from alembic import context

from vrijgave.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
