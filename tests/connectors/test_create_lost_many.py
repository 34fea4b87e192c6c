"""However the network fails in the middle: as many connectors as were asked for, none twice, none lost."""

from bench.lost_creates import create_all, upstream_labels
from connectors_app.choices import Outcome
from connectors_app.models import Operation


def test_forty_creates_with_answers_lost_at_random_make_forty_connectors(alice, with_key, sandbox):
    member = with_key(alice)
    labels = [f"Feed {number}" for number in range(40)]

    rounds = create_all(member, sandbox, labels, seed=7)

    assert sorted(upstream_labels(sandbox)) == sorted(labels)
    assert rounds > 1
    outcomes = set(Operation.objects.values_list("outcome", flat=True))
    assert outcomes == {Outcome.SUCCEEDED, Outcome.FAILED}
