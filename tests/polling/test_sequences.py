"""Whatever Bigdata.com answers, in whatever order: what is kept is what it told, no more and no less.

A model in the test notes what each key was told. After each step the database must say the same.
"""

from uuid import UUID, uuid4

import pytest
from django.utils import timezone
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from connectors_app.bigdata import ConnectorData
from connectors_app.choices import KeyStatus, Role
from connectors_app.models import ApiKey, Connector, Member, Organization, Sighting
from connectors_app.services import polling, snapshots
from connectors_app.services.api_keys import store_key
from tests.polling.test_sync_history import streak
from tests.polling.upstream_world import (
    USERS,
    WAYS_TO_BREAK,
    Model,
    World,
    changes_stored,
    facts_of,
    facts_told,
    runs_stored,
    stored,
)

IDS = tuple(UUID(int=number) for number in range(1, 5))


class Story:
    """How the dashboard gets to know what happens at Bigdata.com."""

    def __init__(self, world):
        self.world, self.model = world, Model()
        self.in_flight = []
        organization = Organization.objects.create(name="N", stale_after={"investment_research": 1, "email": 0})
        self.keys = [self.key_of(user, organization) for user in USERS]
        for number, which in enumerate(IDS[:3]):
            world.appears(number, which, number)
        self.round(0, IDS[0], 0)

    def key_of(self, user, organization):
        email = f"{user}@example.com"
        member = Member.objects.create_member(email=email, organization=organization, role=Role.ANALYST)
        api_key = ApiKey(member=member, organization=organization, status=KeyStatus.WORKING)
        api_key.seal(self.new_value_for(user))
        api_key.save()
        return api_key

    def new_value_for(self, user):
        self.world.end_key_of(user)
        value = f"canary-key-of-{user}-{uuid4()}"
        self.world.users[value] = user
        return value

    # Each takes a user's number, a connector's id, and a number that says how.

    def round(self, who, which, number):
        if not self.works(who):
            self.round_without_a_key(who)
            return
        asked_at = timezone.now()
        assert polling.poll(self.keys[who].pk)
        self.note_list(who, self.world.listed_for(USERS[who]), asked_at)
        found = self.world.seen_by(USERS[who])
        for missing in self.missing_for(who):
            if missing in found:
                self.model.told(found[missing], asked_at)
            else:
                self.model.not_found(self.keys[who].pk, missing, asked_at)

    def round_without_a_key(self, who):
        """It may be found out just now: then states follow, and nothing else."""
        before = stored(states=False)
        assert not polling.poll(self.keys[who].pk)
        assert stored(states=False) == before

    def broken_list(self, who, which, number):
        if not self.works(who):
            return
        before, self.world.broken_list = stored(), number
        assert (polling.poll(self.keys[who].pk), stored()) == (False, before)
        self.world.broken_list = None

    def broken_answers_by_id(self, who, which, number):
        """The list counts, and what it leaves out stays as it was."""
        if not self.works(who):
            return
        asked_at, self.world.broken_one = timezone.now(), number
        went_well = polling.poll(self.keys[who].pk)
        self.note_list(who, self.world.listed_for(USERS[who]), asked_at)
        assert went_well == (not self.missing_for(who))
        self.world.broken_one = None

    def list_is_slow(self, who, which, number):
        if self.works(who):
            answer = self.world.listed_for(USERS[who])
            self.in_flight.append((who, self.keys[who], None, answer, timezone.now()))

    def answer_by_id_is_slow(self, who, which, number):
        if self.works(who) and (self.keys[who].pk, which) in self.model.saw:
            answer = [dict(body) for each, body in self.world.seen_by(USERS[who]).items() if each == which]
            self.in_flight.append((who, self.keys[who], which, answer, timezone.now()))

    def slow_answer_arrives(self, who, which, number):
        """What was refreshed since knows better; a key that was replaced since has seen nothing."""
        if not self.in_flight:
            return
        who, api_key, which, answer, asked_at = self.in_flight.pop(number % len(self.in_flight))
        newer = set(Connector.objects.filter(refreshed_at__gt=asked_at).values_list("connector_id", flat=True))
        data = [ConnectorData.from_json(body) for body in answer]
        if which is None:
            snapshots.take_list(api_key, data, asked_at=asked_at)
        elif data:
            snapshots.take_one(api_key, data[0], asked_at=asked_at)
        else:
            snapshots.take_not_found(api_key, Connector.objects.get(connector_id=which), asked_at=asked_at)
            if which not in newer and api_key is self.keys[who]:
                self.model.not_found(api_key.pk, which, asked_at)
        self.note_list(who, answer, asked_at, known_better=newer, is_stored=api_key is self.keys[who])

    def key_is_replaced(self, who, which, number):
        asked_at = timezone.now()
        self.keys[who] = store_key(self.keys[who].member, self.new_value_for(USERS[who]))
        self.model.saw = {(key, seen) for key, seen in self.model.saw if key != self.keys[who].pk}
        self.note_list(who, self.world.listed_for(USERS[who]), asked_at)

    # What must be so.

    def works(self, who):
        known_to_work = ApiKey.objects.filter(pk=self.keys[who].pk, status=KeyStatus.WORKING).exists()
        return known_to_work and USERS[who] in self.world.users.values()

    def note_list(self, who, bodies, asked_at, known_better=frozenset(), *, is_stored=True):
        self.listed = {UUID(body["connector_id"]) for body in bodies}
        if is_stored:
            self.model.saw |= {(self.keys[who].pk, each) for each in self.listed}
        for body in bodies:
            if UUID(body["connector_id"]) not in known_better:
                self.model.told(body, asked_at)

    def missing_for(self, who):
        """An archived one is expected to be missing."""
        seen = {each for key, each in self.model.saw if key == self.keys[who].pk}
        return {each for each in seen - self.listed if not self.model.facts[each]["archived"]}

    def check(self):
        model, now = self.model, timezone.now()
        connectors = {each.connector_id: each for each in Connector.objects.all()}
        sightings = set(Sighting.objects.values_list("api_key", "connector__connector_id"))
        in_use = set(ApiKey.objects.filter(status=KeyStatus.WORKING).values_list("pk", flat=True))
        assert sightings == model.saw
        told = {each: facts_told(body) for each, body in model.facts.items()}
        assert {each: facts_of(kept) for each, kept in connectors.items()} == told
        assert {each for each, kept in connectors.items() if kept.gone_at} == model.gone
        assert runs_stored() == model.runs
        assert changes_stored() == model.changes
        for each, kept in connectors.items():
            watched = any(key in in_use for key, seen in sightings if seen == each)
            assert kept.state == kept.derive_state(seen_by_working_key=watched, now=now)
            assert kept.refreshed_at >= model.news_at[each]
            assert (kept.failures_in_a_row, kept.failing_since) == counted_anew(kept)


def counted_anew(connector):
    """Of a connector whose last sync is not told (any more) nothing can be said."""
    return (0, None) if connector.last_sync_at is None else streak(connector)


HAPPENS = [
    *(World.nothing, World.appears, World.syncs, World.syncs, World.is_renamed, World.gets_other_senders),
    *(World.is_shared_or_not, World.is_archived_or_not, World.is_left_out_of_lists_or_not, World.is_deleted),
    *(World.lists_look_different, World.key_ends),
]
LEARNS = [
    *(Story.round, Story.round, Story.round, Story.round, Story.round, Story.round),
    *(Story.broken_list, Story.broken_answers_by_id),
    *(Story.list_is_slow, Story.answer_by_id_is_slow, Story.slow_answer_arrives, Story.key_is_replaced),
]
STEPS = st.tuples(
    st.sampled_from(HAPPENS), st.sampled_from(LEARNS), st.integers(0, 2), st.sampled_from(IDS), st.integers(0, 23)
)
FAILED_1_HOUR_AGO, FAILED_2_HOURS_AGO, WELL_1_HOUR_AGO, NO_LAST_SYNC = 4, 5, 0, 23
# What is found by chance too rarely.
SYNC_TOLD_OTHERWISE_AND_FORGOTTEN = [
    (World.syncs, Story.round, 0, IDS[0], FAILED_1_HOUR_AGO),
    (World.syncs, Story.round, 0, IDS[0], FAILED_2_HOURS_AGO),
    (World.syncs, Story.round, 0, IDS[0], FAILED_1_HOUR_AGO),
    (World.syncs, Story.round, 0, IDS[0], WELL_1_HOUR_AGO),
    (World.syncs, Story.round, 0, IDS[0], FAILED_1_HOUR_AGO),
    (World.syncs, Story.round, 0, IDS[0], NO_LAST_SYNC),
]
DELETED_AND_BACK_AND_ARCHIVED_AND_DELETED = [
    (World.is_deleted, Story.round, 0, IDS[0], 0),
    (World.appears, Story.round, 0, IDS[0], 0),
    (World.is_archived_or_not, Story.round, 0, IDS[0], 0),
    (World.is_deleted, Story.round, 0, IDS[0], 0),
]
SLOW_404 = [
    (World.is_deleted, Story.answer_by_id_is_slow, 0, IDS[0], 0),
    (World.appears, Story.round, 0, IDS[0], 0),
    (World.is_renamed, Story.round, 0, IDS[0], 0),
    (World.nothing, Story.slow_answer_arrives, 0, IDS[0], 0),
]
EVERY_BROKEN_LIST = [(World.is_renamed, Story.broken_list, 0, IDS[0], each) for each in range(WAYS_TO_BREAK)]
SLOW_LIST_WITH_WHAT_A_REJECTED_KEY_SAW = [
    (World.nothing, Story.list_is_slow, 1, IDS[0], 0),
    (World.is_renamed, Story.round, 0, IDS[0], 0),
    (World.key_ends, Story.round, 0, IDS[0], 0),
    (World.nothing, Story.slow_answer_arrives, 1, IDS[0], 0),
]
SLOW_LIST_OF_A_KEY_THAT_ENDED = [
    (World.nothing, Story.round, 1, IDS[1], 0),
    (World.is_renamed, Story.list_is_slow, 1, IDS[1], 0),
    (World.key_ends, Story.round, 1, IDS[1], 0),
    (World.nothing, Story.slow_answer_arrives, 1, IDS[1], 0),
]
SLOW_LIST_OF_A_KEY_THAT_WAS_REPLACED = [
    (World.nothing, Story.list_is_slow, 0, IDS[0], 0),
    (World.is_deleted, Story.key_is_replaced, 0, IDS[0], 0),
    (World.nothing, Story.slow_answer_arrives, 0, IDS[0], 0),
]


class WhateverComes(TestCase):
    @pytest.fixture(autouse=True)
    def _upstream(self, upstream_at, settings):
        self.world = None
        upstream_at(self._answer)
        settings.BIGDATA_TOTAL_TIMEOUT = 20.0
        settings.BIGDATA_KEY_REQUESTS_PER_MINUTE = settings.BIGDATA_REQUESTS_PER_MINUTE = 1_000_000

    def _answer(self, connection, request):
        return self.world.handle(connection, request)

    # Shrinking would take minutes.
    @settings(max_examples=20, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
    @given(st.lists(STEPS, min_size=8, max_size=25))
    @example(SLOW_404)
    @example(SYNC_TOLD_OTHERWISE_AND_FORGOTTEN)
    @example(DELETED_AND_BACK_AND_ARCHIVED_AND_DELETED)
    @example(EVERY_BROKEN_LIST)
    @example(SLOW_LIST_WITH_WHAT_A_REJECTED_KEY_SAW)
    @example(SLOW_LIST_OF_A_KEY_THAT_ENDED)
    @example(SLOW_LIST_OF_A_KEY_THAT_WAS_REPLACED)
    def test_what_is_kept_is_what_was_told(self, steps):
        self.world = World()
        story = Story(self.world)
        for happens, learns, who, which, number in steps:
            happens(self.world, who, which, number)
            learns(story, who, which, number)
            story.check()
