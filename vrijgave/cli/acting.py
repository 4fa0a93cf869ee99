"""Who acts on the command line, and on which release."""

from __future__ import annotations

import argparse
import getpass

from vrijgave.errors import ActionRequired, NotFound, Rejected
from vrijgave.i18n import _
from vrijgave.settings import Settings
from vrijgave.store.unit_of_work import UnitOfWork


def actor(arguments: argparse.Namespace, settings: Settings) -> str:
    """The name under which the deed is recorded."""
    try:
        name = arguments.actor or settings.actor or getpass.getuser()
    except (KeyError, OSError) as error:
        raise ActionRequired("user", _("Say who acts: give --actor NAME or set VRIJGAVE_ACTOR.")) from error
    return str(name)


def release_id(uow: UnitOfWork, given: str) -> str:
    """The full id for its first characters; ``Rejected`` when several releases begin so."""
    matches = [r.id for r in uow.releases.list() if r.id.startswith(given)]
    if not matches:
        raise NotFound(_("There is no release «{id}»; «vrijgave releases» lists them.").format(id=given))
    if len(matches) > 1 and given not in matches:
        raise Rejected("release", _("Several releases begin with «{id}»; give more characters.").format(id=given))
    return given if given in matches else matches[0]
