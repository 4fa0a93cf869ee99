"""Hand-ins as somebody leaves them: a draft without much, one that is complete, and one that was handed in."""

from __future__ import annotations

import tempfile
from pathlib import Path

from vrijgave.domain.hand_in import Mark
from vrijgave.domain.people import Account
from vrijgave.practice.footage import make_practice_clip
from vrijgave.services import hand_in, uploads
from vrijgave.services.context import Context

FACTS = {
    "offence": "Straatroof",
    "offence_article": "312 Sr",
    "public_place": "Den Haag, Centrum",
    "place": "Grote Marktstraat 12, camera bij de ingang",
    "public_case_number": "2026-1077",
    "registration_number": "PL1500-2026000077",
    "incident_from": "2026-03-01T22:15",
    "incident_to": "2026-03-01T22:40",
    "question": "Wie herkent de persoon in de gele jas?",
    "scene": "Iemand in een gele jas loopt door een winkelstraat en pakt een tas van een bank.",
    "zaaksofficier": "De zaaksofficier",
    "proportionality": "Ernstig feit met letsel; de verdachte is onbekend.",
}


def seed_hand_ins(context: Context, account: Account) -> dict[str, str]:
    """Ids of drafts by what they are: «empty», «complete», «handed»."""
    made = {name: hand_in.begin(context, account).id for name in ("empty", "complete", "handed")}
    with tempfile.TemporaryDirectory(prefix="vrijgave-") as folder:
        clip = Path(folder) / "clip.mp4"
        truth = make_practice_clip(clip, seconds=4)
        for name in ("complete", "handed"):
            _give(context, account, made[name], clip.read_bytes())
            frame, (x, y, width, height) = next(iter(truth.suspect.boxes.items()))
            box = (max(0.0, x - width), max(0.0, y - 0.5 * height), x + 2.0 * width, y + 5.0 * height)
            mark = Mark(frame=frame, box=box, description="Gele jas, donker haar, ongeveer 1,80 m")
            hand_in.save(context, made[name], account.name, FACTS, [mark])
    with context.reading() as uow:
        draft = uow.hand_ins.get(made["handed"], account.name)
    hand_in.submit(context, draft, hand_in.inspect(context, draft), account)
    return made


def _give(context: Context, account: Account, draft: str, content: bytes) -> None:
    """The file as if it had been sent."""
    upload = uploads.begin(
        context, draft, account.name, name="ingang winkel 2026-03-01.mp4", size=len(content), modified=0
    )
    (uploads.folder(context.settings) / upload.id).write_bytes(content)
    uploads.check(context, draft, account.name)
