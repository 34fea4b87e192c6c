"""`create_organization`."""

import pytest
from django.core.management import CommandError, call_command

from connectors_app.models import Organization

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["Northwind Research", " Northwind Research "])
def test_an_organization_is_created(capsys, name):
    call_command("create_organization", name)
    assert Organization.objects.get().name == "Northwind Research"
    assert capsys.readouterr().out == "Organization “Northwind Research” created.\n"


@pytest.mark.parametrize("name", ["Northwind Research", "", "   ", "n" * 201])
def test_a_name_that_is_taken_or_no_name_creates_nothing(organization, name):
    with pytest.raises(CommandError) as refusal:
        call_command("create_organization", name)
    assert str(refusal.value).endswith(".")
    assert Organization.objects.get() == organization


def test_a_name_is_needed():
    with pytest.raises(CommandError, match="NAME"):
        call_command("create_organization")
