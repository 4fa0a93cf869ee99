"""One transaction over all repositories."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from sqlalchemy import Engine

from vrijgave.store.accounts import Accounts
from vrijgave.store.alerts import Alerts
from vrijgave.store.approvals import Approvals
from vrijgave.store.assets import Assets
from vrijgave.store.audit import Audit
from vrijgave.store.board import Board
from vrijgave.store.counts import Counts
from vrijgave.store.edits import Edits
from vrijgave.store.engine import read_only_options
from vrijgave.store.examples import Examples
from vrijgave.store.hand_ins import HandIns
from vrijgave.store.holds import Holds
from vrijgave.store.lead_times import LeadTimes
from vrijgave.store.notes import Notes
from vrijgave.store.outbox import Outbox
from vrijgave.store.permission_requests import PermissionRequests
from vrijgave.store.permissions import Permissions
from vrijgave.store.plain import PlainRows
from vrijgave.store.platform_accounts import PlatformAccounts
from vrijgave.store.presence import Presences
from vrijgave.store.publications import Publications
from vrijgave.store.reach import Reaches
from vrijgave.store.regions import Regions
from vrijgave.store.releases import Releases
from vrijgave.store.reports import Reports
from vrijgave.store.stamps import Stamps
from vrijgave.store.text_edits import TextEdits
from vrijgave.store.tips import Tips
from vrijgave.store.watched import Watched
from vrijgave.store.years import Years


class UnitOfWork:
    """What is written inside ``with`` is kept by ``commit`` and undone without it.

    The first statement begins the transaction. On SQLite it takes the write lock, so keep the block short; with
    ``read_only`` it takes none, sees one consistent state, and refuses to write. Not for use by several threads.
    """

    releases: Releases
    outbox: Outbox
    assets: Assets
    edits: Edits
    notes: Notes
    regions: Regions
    text_edits: TextEdits
    stamps: Stamps
    permissions: Permissions
    approvals: Approvals
    publications: Publications
    audit: Audit
    accounts: Accounts
    platform_accounts: PlatformAccounts
    board: Board
    hand_ins: HandIns
    permission_requests: PermissionRequests
    presence: Presences
    holds: Holds
    tips: Tips
    reach: Reaches
    reports: Reports
    watched: Watched
    alerts: Alerts
    years: Years
    lead_times: LeadTimes
    plain: PlainRows
    examples: Examples
    counts: Counts

    def __init__(self, engine: Engine, *, read_only: bool = False) -> None:
        self._engine = engine
        self._read_only = read_only

    def __enter__(self) -> Self:
        options = read_only_options(self._engine) if self._read_only else {}
        connection = self._connection = self._engine.connect().execution_options(**options)
        self.releases = Releases(connection)
        self.outbox = Outbox(connection)
        self.assets = Assets(connection)
        self.edits = Edits(connection)
        self.notes = Notes(connection)
        self.regions = Regions(connection)
        self.text_edits = TextEdits(connection)
        self.stamps = Stamps(connection)
        self.permissions = Permissions(connection)
        self.approvals = Approvals(connection)
        self.publications = Publications(connection)
        self.audit = Audit(connection)
        self.accounts = Accounts(connection)
        self.platform_accounts = PlatformAccounts(connection)
        self.board = Board(connection)
        self.hand_ins = HandIns(connection)
        self.permission_requests = PermissionRequests(connection)
        self.presence = Presences(connection)
        self.holds = Holds(connection)
        self.tips = Tips(connection)
        self.reach = Reaches(connection)
        self.reports = Reports(connection)
        self.watched = Watched(connection)
        self.alerts = Alerts(connection)
        self.years = Years(connection)
        self.lead_times = LeadTimes(connection)
        self.plain = PlainRows(connection)
        self.examples = Examples(connection)
        self.counts = Counts(connection)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()  # rolls back what was not committed

    def commit(self) -> None:
        """Keep everything that was written so far."""
        self._connection.commit()
