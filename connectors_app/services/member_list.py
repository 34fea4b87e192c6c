"""Who is in an organization, with what an admin wants to know of each: for a page of any number of members."""

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.utils import timezone

from connectors_app.models import Connector, Invitation, Member, Organization
from connectors_app.models.invitation import InvitationQuerySet
from connectors_app.services.two_factor import has_second_factor

_LONGEST_QUERY = 254


def members_of(organization: Organization, *, q: str = "") -> QuerySet[Member]:
    """By address, those whose address contains `q`, each with its key.

    Adds `has_two_factor` and `owned`: how many connectors the list shows as theirs, None where it shows none.
    """
    members = Member.objects.filter(organization=organization, email__icontains=_searchable(q))
    theirs = {"organization": OuterRef("organization"), "bigdata_user_id": OuterRef("bigdata_user_id")}
    owned = Connector.objects.filter(**theirs, archived=False).without_deleted().exclude(bigdata_user_id="")
    count = owned.order_by().values("organization").annotate(number=Count("pk")).values("number")
    members = members.annotate(has_two_factor=has_second_factor(), owned=Subquery(count))
    return members.select_related("api_key").order_by("email")


def invitations_of(organization: Organization, *, q: str = "") -> InvitationQuerySet:
    """Newest first, those to addresses that contain `q`."""
    invitations = Invitation.objects.filter(organization=organization, email__icontains=_searchable(q))
    return invitations.select_related("invited_by").order_by("-created_at", "pk")


def is_alone(member: Member) -> bool:
    """Whether nobody else is in the organization or invited to it. One query."""
    colleagues = Member.objects.filter(organization=OuterRef("pk"), is_active=True).exclude(pk=member.pk)
    invited = Invitation.objects.filter(organization=OuterRef("pk")).open(now=timezone.now())
    has_company = Exists(colleagues) | Exists(invited)
    return not Organization.objects.filter(has_company, pk=member.organization_id).exists()


def _searchable(q: str) -> str:
    """Databases refuse NUL bytes even in what is searched for."""
    return q.replace("\x00", "").strip()[:_LONGEST_QUERY]
