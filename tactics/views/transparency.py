"""The transparency record of a tactic that uses AI: its page, and how it is written, sent and published."""

import json
from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views import View

from centre.api import csv
from centre.errors import Conflict, Invalid, Refusal
from centre.middleware import record_refusal
from centre.permissions import Permission, has_permission, require
from centre.views.posts import signed_in
from tactics.actions import transparency
from tactics.models import Tactic, TransparencyDraft, TransparencyRecord
from tactics.transparency import COLUMNS, LATEST, STANDARDS, Section, differences, document, groups, missing
from tactics.transparency_form import HOW_TO_SAY_NO, SectionForm


class TransparencyPage(View):
    """A record as a document, its older versions, what the newest changed, and the same as JSON or CSV."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Show the version asked for, or the newest."""
        tactic = _known(request, slug)
        records = list(tactic.transparency_records.select_related("tactic"))
        record = _chosen(records, request.GET.get("version"))
        if record is not None and request.GET.get("as") in ("json", "csv"):
            return _download(record, request.GET["as"])
        before = next((one for one in records if record and one.number == record.number - 1), None)
        context = {
            "tactic": tactic,
            "records": records,
            "record": record,
            "groups": groups(record.document) if record else [],
            "before": before,
            "changes": differences(before.document, record.document) if record and before else [],
            "ours": _not_the_standards_words(record) if record else [],
            "can_write": tactic.uses_ai and has_permission(request.user, Permission.TACTIC_EDIT, on=tactic),
        }
        return render(request, "transparency/record.html", context)


def _not_the_standards_words(record: TransparencyRecord) -> list[str]:
    standard = STANDARDS.get(record.standard_version)
    return [field.name for field in standard.fields if field.is_ours] if standard else []


def _chosen(records: list[TransparencyRecord], number: str | None) -> TransparencyRecord | None:
    if number is None:
        return records[0] if records else None
    for record in records:
        if str(record.number) == number:
            return record
    raise Http404


def _download(record: TransparencyRecord, kind: str) -> HttpResponse:
    name = f"{record.tactic.slug}-transparency-{record.number}.{kind}"
    if kind == "csv":
        columns = ("standard_version", *COLUMNS)
        rows = [{"standard_version": record.standard_version, **row} for row in record.document["fields"]]
        body, media = csv.write(columns, rows, header=True), "text/csv; charset=utf-8"
    else:
        body = json.dumps(record.document, ensure_ascii=False, indent=2).encode()
        media = "application/json"
    return HttpResponse(
        body, content_type=media, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


class TransparencyWrite(LoginRequiredMixin, View):
    """The sections of the draft: what each still needs; and the first step, the choice of the standard's version."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Show the list of sections."""
        return render(request, "transparency/write.html", _overview(request, _writable(request, slug)))

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Begin, or go on by another version of the standard."""
        tactic = _writable(request, slug)
        version = request.POST.get("standard_version", "")
        try:
            draft = transparency.begin(tactic=tactic, standard_version=version, by=signed_in(request))
        except (Invalid, Conflict) as refusal:
            return _refused(request, "transparency/write.html", refusal, _overview(request, tactic))
        return redirect("transparency-section", slug, draft.standard.sections[0].slug)


class TransparencySection(LoginRequiredMixin, View):
    """One section of the draft."""

    def get(self, request: HttpRequest, slug: str, section: str) -> HttpResponse:
        """Show the form with what stands."""
        tactic = _writable(request, slug)
        draft, chosen = _section(tactic, section)
        form = SectionForm.of(chosen, draft.answers, draft.edition)
        return render(request, "transparency/section.html", _of_section(tactic, draft, chosen, form))

    def post(self, request: HttpRequest, slug: str, section: str) -> HttpResponse:
        """Save it and go to the next, or show what to put right."""
        tactic = _writable(request, slug)
        draft, chosen = _section(tactic, section)
        form = SectionForm(chosen, request.POST)
        edition = form.cleaned_data.get("edition", 0) if form.is_valid() else 0
        try:
            transparency.save(
                draft=draft, section=chosen, said=form.said, edition=edition, by=signed_in(request)
            )
        except Invalid as refusal:
            form.add_problems(refusal)
            return _refused(
                request, "transparency/section.html", refusal, _of_section(tactic, draft, chosen, form)
            )
        except Conflict as refusal:
            draft.refresh_from_db()
            context = _of_section(tactic, draft, chosen, form.over(draft.edition)) | {"conflict": refusal}
            return _refused(request, "transparency/section.html", refusal, context)
        messages.success(request, f"“{chosen.title}” is saved")
        following = _after(draft, chosen)
        if following is None or request.POST.get("then") == "list":
            return redirect("transparency-write", slug)
        return redirect("transparency-section", slug, following.slug)


class TransparencySend(LoginRequiredMixin, View):
    """The draft goes to the Centre."""

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Send it, or say what is missing."""
        tactic = _writable(request, slug)
        draft = get_object_or_404(TransparencyDraft, tactic=tactic)
        try:
            transparency.send(draft=draft, by=signed_in(request))
        except (Invalid, Conflict) as refusal:
            return _refused(request, "transparency/write.html", refusal, _overview(request, tactic))
        messages.success(request, "The record is with the Centre. Somebody who did not write it reads it now")
        return redirect("transparency-write", slug)


class TransparencyReview(LoginRequiredMixin, View):
    """The Centre reads what was sent, and publishes it or asks for changes."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Show the record as it would be public."""
        tactic = _known(request, slug)
        require(request.user, Permission.TACTIC_PUBLISH)
        return render(request, "transparency/review.html", _to_review(tactic))

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Publish it or give it back, or say why not."""
        tactic = _known(request, slug)
        require(request.user, Permission.TACTIC_PUBLISH)
        draft = get_object_or_404(TransparencyDraft, tactic=tactic)
        because, answer = request.POST.get("because", ""), request.POST.get("answer", "")
        try:
            said = _answer(draft, answer, because, request)
        except (Invalid, Conflict) as refusal:
            context = _to_review(tactic) | {"typed": because, "answer": answer}
            return _refused(request, "transparency/review.html", refusal, context)
        messages.success(request, said)
        return redirect("transparency-record", slug)


def _answer(draft: TransparencyDraft, answer: str, because: str, request: HttpRequest) -> str:
    by = signed_in(request)
    if answer == "change":
        transparency.give_back(draft=draft, because=because, by=by)
        return "The record is with its writers again"
    if answer != "publish":
        raise Invalid.field("answer", "Choose whether to publish it or to ask for changes")
    edition = request.POST.get("edition", "")
    made = transparency.publish(
        draft=draft, edition=int(edition) if edition.isdecimal() and len(edition) < 10 else 0, by=by
    )
    return f"Version {made.number} of the record is public with the tactic"


def _known(request: HttpRequest, slug: str) -> Tactic:
    tactics = Tactic.objects.visible_to(request.user).with_current_rating()
    found: Tactic = get_object_or_404(tactics, slug=slug)
    return found


def _writable(request: HttpRequest, slug: str) -> Tactic:
    tactic = _known(request, slug)
    require(request.user, Permission.TACTIC_EDIT, on=tactic)
    return tactic


def _section(tactic: Tactic, slug: str) -> tuple[TransparencyDraft, Section]:
    draft = get_object_or_404(TransparencyDraft, tactic=tactic)
    found = draft.standard.section(slug)
    if found is None:
        raise Http404
    return draft, found


def _after(draft: TransparencyDraft, section: Section) -> Section | None:
    sections = draft.standard.sections
    place = sections.index(section)
    return sections[place + 1] if place + 1 < len(sections) else None


def _overview(request: HttpRequest, tactic: Tactic) -> dict[str, Any]:
    draft = TransparencyDraft.objects.filter(tactic=tactic).first()
    lines = []
    if draft is not None:
        gaps = {problem.pointer for problem in missing(draft.standard, draft.answers)}
        lines = [
            {"section": one, "n_missing": sum(field.key in gaps for field in one.fields)}
            for one in draft.standard.sections
        ]
    return {
        "tactic": tactic,
        "draft": draft,
        "lines": lines,
        "n_missing": sum(line["n_missing"] for line in lines),
        "versions": list(STANDARDS),
        "latest": LATEST,
        "can_review": has_permission(request.user, Permission.TACTIC_PUBLISH),
    }


def _of_section(
    tactic: Tactic, draft: TransparencyDraft, section: Section, form: SectionForm
) -> dict[str, Any]:
    gaps = missing(draft.standard, draft.answers)
    keys = {field.key for field in section.fields}
    return {
        "tactic": tactic,
        "draft": draft,
        "section": section,
        "form": form,
        "how_to_say_no": HOW_TO_SAY_NO,
        "place": draft.standard.sections.index(section) + 1,
        "n_sections": len(draft.standard.sections),
        "gaps": [problem for problem in gaps if problem.pointer in keys],
        "ours": [field.name for field in section.fields if field.is_ours],
    }


def _to_review(tactic: Tactic) -> dict[str, Any]:
    draft = get_object_or_404(TransparencyDraft, tactic=tactic)
    newest = tactic.transparency_records.first()
    now = document(draft.standard, draft.answers)
    return {
        "tactic": tactic,
        "draft": draft,
        "groups": groups(now),
        "changes": differences(newest.document, now) if newest else [],
        "before": newest,
    }


def _refused(request: HttpRequest, template: str, refusal: Refusal, context: dict[str, Any]) -> HttpResponse:
    """Show the page again with everything that was typed; the refusal leaves its event."""
    record_refusal(request, refusal)
    return render(request, template, {**context, "problems": refusal.shown}, status=refusal.page_status)
