"""The demo: one release from camera to take-down on this machine, as three people, with nothing from the network."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copyfile

from vrijgave.cli.output import Output
from vrijgave.cli.reports import print_release
from vrijgave.domain.assets import AssetKind
from vrijgave.domain.cases import Area, Case, Certainty, Medium, Permission, PublicationStage
from vrijgave.domain.publications import LedgerState, Platform, Publication
from vrijgave.domain.releases import Release, State
from vrijgave.domain.tracks import Action
from vrijgave.errors import ActionRequired, RedactionIncomplete
from vrijgave.i18n import _
from vrijgave.practice.footage import PracticeTruth, make_practice_clip
from vrijgave.redaction.plan import track_under
from vrijgave.rendition import shaped_for
from vrijgave.services import approval, intake, publication, review, take_down, texts
from vrijgave.services.context import Context
from vrijgave.services.lead_times import report
from vrijgave.settings import Settings
from vrijgave.supervisor import free_port, running

SUBMITTER, REVIEWER, APPROVER = "demo-recherche", "demo-communicatie", "demo-chef"
STAGE_SECONDS = 900
REVIEW_ROUNDS = 3


def walk(settings: Settings, output: Output, folder: Path, footage: Path | None) -> None:
    """Walk one release the whole way; all that is made lies in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    own = settings.model_copy(
        update={
            "home": folder / "service",
            "practice": True,
            "database_url": None,
            "blob_url": None,
            "prefect_port": free_port(settings.host),
            "practice_port": free_port(settings.host),
            "web_port": free_port(settings.host),
        }
    )
    clip, truth = _footage(output, folder, footage)
    output.say(_("Starting the service (server, worker, dispatcher, practice platforms) …"))
    with running(own, output.say) as (context, addresses):
        output.say(_("Prefect server: {url}").format(url=addresses.prefect))
        output.say(_("Practice platforms: {url}").format(url=addresses.practice))
        _Walk(context, output, folder).go(clip, truth)
    output.say(_("Done in {seconds} seconds.").format(seconds=round(time.monotonic() - started)))


def _footage(output: Output, folder: Path, footage: Path | None) -> tuple[Path, PracticeTruth | None]:
    if footage is not None:
        return footage, None
    clip = folder / "camera.mp4"
    output.say(_("Making footage: a street with people and cars that do not exist …"))
    truth = make_practice_clip(clip)
    return clip, truth


@dataclass(frozen=True, slots=True)
class _Walk:
    context: Context
    output: Output
    folder: Path

    def go(self, clip: Path, truth: PracticeTruth | None) -> None:
        id_ = self._submit(clip)
        self._wait(id_, State.IN_REVIEW)
        self._review(id_, truth)
        self._approve(id_)
        published = self._publish(id_)
        self._keep_results(id_)
        self._take_down(id_)
        self._report(id_, published)

    def _submit(self, clip: Path) -> str:
        now = self.context.now()
        found = intake.inspect(clip, self.context.limits)
        case = _example_case(now)
        texts.draft(
            self.context.settings,
            case,
            found.info.video.duration,
            silent=True,
            targets=list(shaped_for(self.context.platforms())),
        )
        kept = intake.keep(self.context.blobs, found)
        with self.context.unit_of_work() as uow:
            release = intake.submit(
                uow, kept, case, targets=list(shaped_for(self.context.platforms())), actor=SUBMITTER, at=now
            )
            uow.commit()
        self.output.say(_("{who} hands in {file}: release {id}.").format(who=SUBMITTER, file=clip.name, id=release.id))
        return release.id

    def _review(self, id_: str, truth: PracticeTruth | None) -> None:
        sheet = self.folder / "tracks.jpg"
        review.contact_sheet(self.context, id_, sheet, reason=_("Review of the demo."), actor=REVIEWER)
        self._show_suspect(id_, truth)
        for _round in range(REVIEW_ROUNDS):
            with self.context.unit_of_work() as uow:
                review.finish_review(uow, id_, REVIEWER, self.context.now())
                uow.commit()
            self.output.say(_("{who} declares the review done.").format(who=REVIEWER))
            if self._wait(id_, State.AWAITING_APPROVAL, State.CHANGES_REQUESTED).state is State.AWAITING_APPROVAL:
                return
            self.output.say(_("The scan of the covered video found something; it is covered too."))
        raise RedactionIncomplete(_("The scan keeps finding something; look at release {id}.").format(id=id_))

    def _show_suspect(self, id_: str, truth: PracticeTruth | None) -> None:
        with self.context.unit_of_work() as uow:
            seen = review.view(uow, self.context.blobs, id_)
            self.output.say(
                _("{count} tracks found; all are covered unless shown.").format(count=len(seen.analysis.tracks))
            )
            if truth is None:
                return
            suspect = track_under(seen.analysis, *truth.show)
            review.decide(
                uow, self.context.blobs, id_, suspect.id, Action.SHOW,
                reason=_("The suspect, according to the file."), actor=REVIEWER, at=self.context.now(),
            )  # fmt: skip
            uow.commit()
        self.output.say(_("{who} leaves track {track}, the suspect, visible.").format(who=REVIEWER, track=suspect.id))

    def _approve(self, id_: str) -> None:
        proven = approval.prove_files(self.context, id_)
        with self.context.unit_of_work() as uow:
            approval.approve(uow, id_, APPROVER, proven, self.context.now())
            release = uow.releases.get(id_)
            approval.authorise(uow, _example_permission(release, self.context.now()))
            uow.commit()
        self.output.say(_("{who} approves exactly these files; the permission is recorded.").format(who=APPROVER))

    def _publish(self, id_: str) -> Sequence[Publication]:
        with self.context.unit_of_work() as uow:
            publication.order(uow, id_, REVIEWER, self.context.now())
            uow.commit()
        self._wait(id_, State.PUBLISHED)
        with self.context.reading() as uow:
            rows = uow.publications.for_release(id_)
        for row in rows:
            self.output.say(_("Public on {platform}: {url}").format(platform=row.platform.value, url=row.url))
        return rows

    def _take_down(self, id_: str) -> None:
        with self.context.unit_of_work() as uow:
            take_down.order(uow, id_, REVIEWER, _("The suspect was identified (demo)."), self.context.now())
            uow.commit()
        self._wait(id_, State.TAKEN_DOWN)
        with self.context.reading() as uow:
            gone = all(p.state is LedgerState.GONE for p in uow.publications.for_release(id_))
            broken = uow.audit.verify()
        if not gone or broken is not None:
            raise RedactionIncomplete(_("The demo left something public, or its audit log is not whole."))
        self.output.say(_("Taken down everywhere and seen to be gone; the audit log is whole."))

    def _keep_results(self, id_: str) -> None:
        results = self.folder / "result"
        results.mkdir(exist_ok=True)
        with self.context.reading() as uow:
            files = approval.dossier(uow, id_).files
            rows = uow.publications.for_release(id_)
        for file in files:
            with self.context.blobs.open_local(file.sha256) as path:
                copyfile(path, results / file.name)
        for row in rows:
            if row.platform is Platform.PRESS_KIT and row.url is not None:
                kit = Path(row.url.removeprefix("file://"))
                copyfile(kit, results / kit.name)

    def _report(self, id_: str, published: Sequence[Publication]) -> None:
        with self.context.reading() as uow:
            releases, _summary = report(uow, self.context.now())
            names = {a.kind: a.name for a in approval.dossier(uow, id_).files}
        for release in releases:
            print_release(release, self.output)
        self.output.say(_("All that was made lies in {folder}:").format(folder=self.folder))
        shown = [self.folder / "tracks.jpg", *sorted((self.folder / "result").iterdir())]
        for path in shown:
            self.output.say(f"  {path}")
        self.output.say(
            _("The published video: {file}").format(file=self.folder / "result" / names[AssetKind.RENDITION])
        )

    def _wait(self, id_: str, *wanted: State) -> Release:
        """Poll until the release stands in a wanted state, saying each state that it passes."""
        seen: State | None = None
        deadline = time.monotonic() + STAGE_SECONDS
        while time.monotonic() < deadline:
            with self.context.reading() as uow:
                release = uow.releases.get(id_)
            if release.state is not seen:
                seen = release.state
                self.output.say(f"  {datetime.now():%H:%M:%S}  {_(seen.value)}")
            if release.state in wanted:
                return release
            if release.state is State.FAILED:
                raise ActionRequired("administrator", release.message or _("The release failed."))
            time.sleep(0.5)
        raise ActionRequired(
            "administrator",
            _("Nothing moved for a long time; the logs in {folder} say why.").format(
                folder=self.context.settings.home / "logs"
            ),
        )


def _example_case(now: datetime) -> Case:
    incident = now - timedelta(days=2, hours=3, minutes=20)
    return Case(
        registration_number="DEMO-INTERN-0001",
        public_case_number="OEFENING-2026-0001",
        unit="Oefeneenheid",
        offence="Winkeldiefstal",
        offence_article="310 Sr",
        place="Voorbeeldstraat 1, Oefenstad",
        public_place="Oefenstad",
        incident_from=incident.astimezone(UTC),
        incident_to=(incident + timedelta(minutes=10)).astimezone(UTC),
        incident_certainty=Certainty.ESTIMATED,
        reported_at=(incident + timedelta(hours=1)).astimezone(UTC),
        secured_at=(incident + timedelta(days=1)).astimezone(UTC),
        question="Herkent u de persoon in de felgekleurde jas?",
        question_en="Do you recognise the person in the bright jacket?",
        scene="Iemand in een felgekleurde jas loopt door een winkelstraat. Andere mensen en kentekens zijn afgedekt.",
        scene_en="A person in a bright jacket walks through a shopping street. Other people and plates are covered.",
    )


def _example_permission(release: Release, now: datetime) -> Permission:
    return Permission(
        release_id=release.id,
        requester=SUBMITTER,
        zaaksofficier="demo-zaaksofficier",
        authoriser="demo-officier",
        mandate=_("Example mandate (practice)"),
        platforms=frozenset(t.value for t in release.targets),
        stage=PublicationStage.RECOGNISABLE,
        area=Area.NATIONAL,
        medium=Medium.VIDEO,
        lighter_means=_("Stills were shown internally for a day; nobody recognised the person."),
        proportionality=_("Example: the offence weighs heavier than the intrusion (practice)."),
        granted=True,
        at=now,
        recorded_by=APPROVER,
        end_date=(now + timedelta(days=90)).date(),
        conditions=_("Remove when the police ask for it."),
    )
