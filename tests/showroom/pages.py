"""Every page there is, as each person sees it where that differs.

A line: the picture's name, the URL's name (with its query), what the page is about (`things.py`), and who looks.
"""

from typing import NamedTuple

PEOPLE = {
    "alice": "an analyst",
    "adam": "an admin",
    "sam": "support",
    "nina": "an analyst without an API key",
    "mona": "an analyst with two-factor, whose API key Bigdata.com no longer accepts",
    "edda": "an admin without members and connectors",
    "nobody": "signed out",
}

TABLE = """
    overview                overview                        -               alice adam sam nina mona edda
    overview-30d            overview?period=30d             -               adam
    connectors              connector_list                  -               alice adam sam nina edda
    connectors-sorted       connector_list?sort=label       -               adam
    connectors-archived     connector_list?archived=all     -               adam
    connectors-selected     connector_list                  -               alice
    connectors-filters      connector_list                  -               alice
    connectors-none-match   connector_list?q=zebra          -               alice
    new                     connector_new                   -               alice nina edda
    new-email               connector_create                email           alice nina
    new-email-errors        connector_create                email           alice
    new-broker              connector_create                broker          alice
    new-broker-errors       connector_create                broker          alice
    new-sharepoint          connector_create                sharepoint      alice
    created-email           connector_created               inbox           alice
    created-broker          connector_created               broker-notes    alice
    created-sharepoint      connector_created               library         adam
    connector-inbox         connector_detail                inbox           alice adam sam
    connector-broker        connector_detail                broker-notes    alice sam
    connector-failing       connector_detail                failing         alice adam sam
    connector-session-ended connector_detail                session-ended   adam
    connector-stale         connector_detail                stale           adam
    connector-never-synced  connector_detail                never-synced    alice
    connector-syncing       connector_detail                syncing         alice
    connector-deleting      connector_detail                deleting        alice
    connector-gone          connector_detail                gone            alice
    connector-key-rejected  connector_detail                key-rejected    adam
    connector-archived      connector_detail                archived        adam
    connector-long          connector_detail                long            alice
    connector-unknown-type  connector_detail                unknown-type    alice
    edit                    connector_edit                  inbox           alice
    edit-other              connector_edit                  failing         adam
    edit-confirm            connector_edit                  inbox           alice
    edit-errors             connector_edit                  inbox           alice
    sync                    connector_sync                  broker-notes    alice sam
    sync-not-possible       connector_sync                  inbox           alice
    archive                 connector_archive               inbox           alice
    delete                  connector_delete                broker-notes    alice
    delete-errors           connector_delete                broker-notes    alice
    replace                 connector_replace               broker-notes    alice
    history                 connector_history               failing         alice adam
    history-inbox           connector_history               inbox           alice
    documents               connector_documents             inbox           alice
    documents-failed        connector_documents             long            alice
    documents-none          connector_documents             never-synced    alice
    intake                  connector_intake                inbox           alice
    bundle                  connector_bundle                failing         sam
    bulk                    bulk_list                       -               alice adam nina
    bulk-done               bulk_detail                     bulk-done       alice adam
    bulk-running            bulk_detail                     bulk-running    alice
    bulk-confirm            connector_list                  -               alice
    operation-unknown       operation                       choose          alice
    operation-failed        operation                       failed          alice
    operation-pending       operation                       pending         alice
    errors                  error_list                      -               alice adam sam nina edda
    error                   error_detail                    error           alice adam sam
    error-snooze            error_detail                    error           sam
    alerts                  alerts                          -               alice adam sam edda
    alerts-over             alerts?state=over               -               adam
    alerts-snooze           incident_snooze                 incident        sam
    alerts-snooze-errors    incident_snooze                 incident        sam
    channels                channel_list                    -               adam edda
    channel-kinds           channel_kinds                   -               adam
    channel-new-email       channel_new                     email-channel   adam
    channel-new-webhook     channel_new                     webhook-channel adam
    channel-new-slack       channel_new                     slack-channel   adam
    channel-new-errors      channel_new                     webhook-channel adam
    channel                 channel_detail                  channel         adam
    channel-secret          channel_secret                  channel         adam
    channel-remove          channel_remove                  channel         adam
    notifications           my_notifications                -               alice adam
    keys                    api_keys                        -               alice adam nina mona
    keys-errors             api_keys                        -               nina
    keys-remove             api_key_remove                  -               alice
    keys-expiry             api_key_expiry                  -               alice
    keys-organization       organization_keys               -               adam sam edda
    keys-disable            api_key_disable                 working-key     adam
    keys-enable             api_key_enable                  disabled-key    adam
    members                 members                         -               adam edda
    members-invite          member_invite                   -               adam
    members-invite-errors   member_invite                   -               adam
    members-invited         member_invite                   -               adam
    member                  member                          colleague       adam
    member-deactivated      member                          deactivated     adam
    member-role             member_role                     new-role        adam
    member-deactivate       member_deactivate               colleague       adam
    member-reactivate       member_reactivate               deactivated     adam
    audit                   audit                           -               alice adam sam
    sharing                 sharing                         -               adam sam edda
    organization            organization                    -               adam
    account                 account                         -               alice mona
    account-sessions        sessions                        -               alice
    account-password        account_change_password         -               alice
    account-password-errors account_change_password         -               alice
    account-confirm         account_reauthenticate          -               alice
    account-confirm-code    mfa_reauthenticate              -               mona
    account-sign-out        account_logout                  -               alice
    two-factor              mfa_index                       -               alice mona
    two-factor-app          mfa_activate_totp               -               alice
    two-factor-app-errors   mfa_activate_totp               -               alice
    two-factor-app-remove   mfa_deactivate_totp             -               mona
    two-factor-key          mfa_add_webauthn                -               alice
    two-factor-key-rename   mfa_edit_webauthn               security-key    mona
    two-factor-key-remove   mfa_remove_webauthn             security-key    mona
    two-factor-codes        mfa_view_recovery_codes         -               mona
    two-factor-codes-new    mfa_generate_recovery_codes     -               mona
    menu-account            overview                        -               alice
    menu-theme              overview                        -               alice
    menu-navigation         overview                        -               adam
    sign-in                 account_login                   -               nobody
    sign-in-errors          account_login                   -               nobody
    sign-in-code            account_login                   -               nobody
    forgotten               account_reset_password          -               nobody
    forgotten-sent          account_reset_password_done     -               nobody
    reset                   account_reset_password_from_key reset           nobody
    reset-used              account_reset_password_from_key reset-used      nobody
    reset-done              account_reset_password_from_key_done -          nobody
    inactive                account_inactive                -               nobody
    invitation              invitation                      invitation      nobody
    invitation-errors       invitation                      invitation      nobody
    invitation-not-open     invitation                      not-open        nobody
    invitation-signed-in    invitation                      invitation      alice
    not-found               -nowhere/                       -               alice nobody
    refused                 members                         -               alice
"""

# What has an address and is no page: it only takes posts, sends elsewhere, answers machines, or is shut.
_NO_PAGE = """
    refresh_now connector_export connector_refresh connector_follow senders_check bulk_new bulk_retry
    operation_check operation_choose error_snooze incident_acknowledge incident_wake channel_test
    channel_test_saved delivery_replay invitation_revoke single_sign_on single_sign_on_callback
    sessions_end_others session_end mfa_reauthenticate_webauthn audit_export theme healthz readyz metrics
    account_signup account_email account_email_verification_sent account_set_password
    account_confirm_login_code account_confirm_email mfa_authenticate mfa_download_recovery_codes
    mfa_list_webauthn socialaccount_login_cancelled socialaccount_login_error socialaccount_signup
    socialaccount_connections openid_connect_login openid_connect_callback usersessions_list
"""
NO_PAGE = set(_NO_PAGE.split())


class Look(NamedTuple):
    """A page as one person sees it."""

    picture: str
    name: str
    query: str
    about: str
    who: str
    is_first: bool


def looks() -> list[Look]:
    """One for each page and person."""
    found = []
    for picture, address, about, *people in map(str.split, TABLE.strip().splitlines()):
        name, mark, query = address.partition("?")
        for who in people:
            named = picture if who == people[0] else f"{picture}-{who}"
            found.append(Look(named, name, mark + query, about, who, who == people[0]))
    return found
