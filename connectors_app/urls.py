"""Every page of the dashboard."""

from django.urls import include, path

from connectors_app.views import (
    actions,
    api_keys,
    bulk,
    bulk_new,
    bundle,
    connector_list,
    connectors,
    create,
    documents,
    edit,
    export,
    history,
    operations,
    overview,
    replace,
    shell,
)

connector_patterns = [
    path("", connectors.connector_detail, name="connector_detail"),
    path("refresh/", connectors.connector_refresh, name="connector_refresh"),
    path("created/", create.connector_created, name="connector_created"),
    path("edit/", edit.connector_edit, name="connector_edit"),
    path("sync/", actions.connector_sync, name="connector_sync"),
    path("archive/", actions.connector_archive, name="connector_archive"),
    path("delete/", actions.connector_delete, name="connector_delete"),
    path("replace/", replace.connector_replace, name="connector_replace"),
    path("history/", history.connector_history, name="connector_history"),
    path("documents/", documents.connector_documents, name="connector_documents"),
    path("documents/intake/", documents.connector_intake, name="connector_intake"),
    path("bundle/", bundle.connector_bundle, name="connector_bundle"),
]

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("connectors/", connector_list.connector_list, name="connector_list"),
    path("connectors/export.csv", export.connector_export, name="connector_export"),
    path("connectors/new/", create.connector_new, name="connector_new"),
    path("connectors/new/<slug:type_key>/", create.connector_create, name="connector_create"),
    path("connectors/<uuid:connector_id>/", include(connector_patterns)),
    path("senders/check/", documents.senders_check, name="senders_check"),
    path("bulk/", bulk.bulk_list, name="bulk_list"),
    path("bulk/new/", bulk_new.bulk_new, name="bulk_new"),
    path("bulk/<uuid:bulk_id>/", bulk.bulk_detail, name="bulk_detail"),
    path("bulk/<uuid:bulk_id>/retry/", bulk.bulk_retry, name="bulk_retry"),
    path("operations/<uuid:operation_id>/", operations.operation, name="operation"),
    path("operations/<uuid:operation_id>/check/", operations.operation_check, name="operation_check"),
    path("operations/<uuid:operation_id>/choose/", operations.operation_choose, name="operation_choose"),
    path("keys/", api_keys.api_keys, name="api_keys"),
    path("keys/remove/", api_keys.api_key_remove, name="api_key_remove"),
    path("theme/", shell.theme, name="theme"),
    path("healthz", shell.healthz, name="healthz"),
    path("readyz", shell.readyz, name="readyz"),
]
