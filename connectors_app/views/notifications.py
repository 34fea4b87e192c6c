"""What a member wants to be told of by mail, and when."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from connectors_app.forms.notifications import NotificationsForm
from connectors_app.models import Channel, Delivery
from connectors_app.permissions import Permission, current_member, may, requires, visible_connectors
from connectors_app.services.alerts.channels import choose
from connectors_app.services.alerts.handling import hears_of
from connectors_app.views.channels_in_words import outcome_of

_SHOWN_AT_MOST = 10


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.MANAGE_OWN_ACCOUNT)
def my_notifications(request: HttpRequest) -> HttpResponse:
    """One's own choices, whoever else is named in what is posted."""
    member = current_member(request)
    channel = Channel.objects.filter(member=member).first()
    form = NotificationsForm(request.POST if request.method == "POST" else None, channel=channel)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        choose(member, form.choices(), quiet_from=values["quiet_from"], quiet_to=values["quiet_to"])
        messages.success(request, "Your notifications are saved.")
        return redirect("my_notifications")
    newest = Delivery.objects.filter(channel=channel).defer("body").order_by("-number")[:_SHOWN_AT_MOST]
    owned, followed = hears_of(member, visible_connectors(member))
    context = {
        "owned": owned,
        "followed": followed,
        "form": form,
        "zone": (member.time_zone or "UTC").replace("_", " "),
        "mails": [(each, outcome_of(each, channel)) for each in newest] if channel else [],
        "may_manage_channels": may(member, Permission.MANAGE_CHANNELS),
    }
    return render(request, "notifications/page.html", context)
