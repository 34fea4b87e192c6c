"""The organization's alert channels: where they go, of what they tell, and how each message fared."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from connectors_app.accounts.confirming import (
    confirm_first,
    recent_sign_in_required,
    signed_in_recently,
    typed_before,
)
from connectors_app.accounts.member_limits import count, limited
from connectors_app.choices import ChannelKind, DeliveryStatus
from connectors_app.forms.channel import NOT_SECRET, ChannelForm
from connectors_app.models import Channel, Delivery, Notice
from connectors_app.permissions import Permission, current_member, find, get_channel, requires
from connectors_app.services.alerts import channels as service
from connectors_app.services.alerts.handling import replay
from connectors_app.views.channels_in_words import outcome_of, rows_of
from connectors_app.views.paging import LongPaginator

_PER_PAGE = 25
_ADDED_UNTESTED = "The channel is added, but its last test failed: see to its address, and send another."


@require_safe
@requires(Permission.MANAGE_CHANNELS)
def channel_list(request: HttpRequest) -> HttpResponse:
    return render(request, "channels/page.html", {"rows": rows_of(current_member(request).organization)})


@require_safe
@requires(Permission.MANAGE_CHANNELS)
def channel_kinds(request: HttpRequest) -> HttpResponse:
    return render(request, "channels/kinds.html", {"kinds": list(ChannelKind)})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.MANAGE_CHANNELS)
def channel_new(request: HttpRequest, kind: str) -> HttpResponseBase:
    """For a webhook POST answers with its signing secret, the one time that it is shown."""
    if not signed_in_recently(request):
        return confirm_first(request, keep=NOT_SECRET)
    form = _new_form(request, kind)
    if request.method != "POST" or not form.is_valid():
        return _new_page(request, form)
    member, test_failed = current_member(request), "test_failed" in request.POST
    try:
        channel, secret = service.add(
            member.organization, form.kind, form.values(), by=member, test_failed=test_failed
        )
    except service.NameTaken as error:
        form.add_error("name", str(error))
        return _new_page(request, form)
    if secret:
        context = {"channel": channel, "secret": secret, "is_new": True, "test_failed": test_failed}
        return render(request, "channels/secret.html", context)
    if test_failed:
        messages.warning(request, _ADDED_UNTESTED)
    else:
        messages.success(request, "The channel is added. Send a test to see whether messages arrive.")
    return redirect("channel_detail", channel.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.MANAGE_CHANNELS)
def channel_test(request: HttpRequest, kind: str) -> HttpResponseBase:
    """POST sends a test to what is typed: nothing is stored. With htmx the answer is the outcome alone."""
    form = _new_form(request, kind)
    if not signed_in_recently(request):
        answer = confirm_first(request, back_to=reverse("channel_new", args=[kind]), keep=NOT_SECRET)
        return HttpResponse(headers={"HX-Redirect": answer["Location"]}) if _is_htmx(request) else answer
    if request.method != "POST":
        return redirect("channel_new", kind)
    count(request, "test")
    trouble = form.address_trouble()
    if not trouble:
        trouble = service.send_test(form.organization, form.kind, form.values())
    if _is_htmx(request):
        return _outcome(request, trouble)
    return _new_page(request, form, tested=True, trouble=trouble)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.MANAGE_CHANNELS)
def channel_detail(request: HttpRequest, channel_id: UUID) -> HttpResponseBase:
    """POST changes it. Looking needs no recent sign-in: who has none is sent to confirm it first (`?confirm=`)."""
    member = current_member(request)
    channel = get_channel(member, channel_id)
    is_post, is_recent = request.method == "POST", signed_in_recently(request)
    if not is_recent and (is_post or "confirm" in request.GET):
        return confirm_first(request, keep=NOT_SECRET)
    kind = ChannelKind(channel.kind)
    data = request.POST if is_post else (typed_before(request) if is_recent else None)
    form = ChannelForm(data, kind=kind, organization=member.organization, channel=channel)
    if is_post and form.is_valid():
        service.change(channel, form.values(), by=member)
        messages.success(request, "The channel is saved.")
        return redirect("channel_detail", channel.pk)
    deliveries = Delivery.objects.filter(channel=channel).defer("body").order_by("-number")
    page = LongPaginator(deliveries, _PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "channel": channel,
        "form": form if is_recent else None,
        "page_obj": page,
        "deliveries": [(each, outcome_of(each, channel)) for each in page],
    }
    return render(request, "channels/channel.html", context)


@require_POST
@requires(Permission.MANAGE_CHANNELS)
@limited("test")
def channel_test_saved(request: HttpRequest, channel_id: UUID) -> HttpResponse:
    """Send a test to where the channel's messages go."""
    channel = get_channel(current_member(request), channel_id)
    trouble = service.test(channel)
    if _is_htmx(request):
        return _outcome(request, trouble)
    if trouble:
        messages.error(request, f"The test did not arrive. {trouble.rstrip('.')}.")
    else:
        messages.success(request, "The test was delivered.")
    return redirect("channel_detail", channel.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.MANAGE_CHANNELS)
@recent_sign_in_required
def channel_secret(request: HttpRequest, channel_id: UUID) -> HttpResponse:
    """POST gives a webhook another signing secret, and answers with it, the one time that it is shown."""
    member = current_member(request)
    channel = get_channel(member, channel_id)
    if channel.kind != ChannelKind.WEBHOOK:
        raise Http404
    if request.method != "POST":
        return render(request, "channels/renew_secret.html", {"channel": channel})
    secret = service.renew_secret(channel, by=member)
    return render(request, "channels/secret.html", {"channel": channel, "secret": secret})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.MANAGE_CHANNELS)
@recent_sign_in_required
def channel_remove(request: HttpRequest, channel_id: UUID) -> HttpResponse:
    member = current_member(request)
    channel = get_channel(member, channel_id)
    if request.method == "POST":
        service.remove(channel, by=member)
        messages.success(request, f"The channel {channel.name} is removed.")
        return redirect("channel_list")
    context = {
        "channel": channel,
        "waiting": Delivery.objects.filter(channel=channel, status=DeliveryStatus.WAITING).count(),
        "news": Notice.objects.filter(channel=channel, delivery=None).count(),
    }
    return render(request, "channels/remove.html", context)


@require_POST
@requires(Permission.MANAGE_CHANNELS)
def delivery_replay(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """Send a message of the organization's channels again that was given up."""
    member = current_member(request)
    own = Channel.objects.filter(organization=member.organization, member=None)
    deliveries = Delivery.objects.filter(channel__in=own).select_related("channel")
    delivery = find(member, deliveries, delivery_id)
    if delivery.status == DeliveryStatus.GIVEN_UP:
        replay(delivery, by=member, now=timezone.now())
        messages.success(request, "The message is sent again as soon as its turn comes.")
    else:
        messages.info(request, "The message was not given up, so there is nothing to send again.")
    return redirect("channel_detail", delivery.channel_id)


def _new_form(request: HttpRequest, kind: str) -> ChannelForm:
    if kind not in ChannelKind.values:
        raise Http404
    data = request.POST if request.method == "POST" else typed_before(request)
    return ChannelForm(data, kind=ChannelKind(kind), organization=current_member(request).organization)


def _new_page(request: HttpRequest, form: ChannelForm, **context: object) -> HttpResponse:
    return render(request, "channels/new.html", {"form": form, "kind": form.kind, **context})


def _outcome(request: HttpRequest, trouble: str) -> HttpResponse:
    return render(request, "channels/_tested.html", {"tested": True, "trouble": trouble})


def _is_htmx(request: HttpRequest) -> bool:
    return "HX-Request" in request.headers
