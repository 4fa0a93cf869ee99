"""What the service remembers: the database behind repositories and a unit of work, and the bytes of all files."""

from vrijgave.store.blobs import BlobStore
from vrijgave.store.engine import database_url, make_engine, sqlite_url
from vrijgave.store.outbox import OpenRun
from vrijgave.store.unit_of_work import UnitOfWork

__all__ = ["BlobStore", "OpenRun", "UnitOfWork", "database_url", "make_engine", "sqlite_url"]
