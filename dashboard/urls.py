from django.urls import include, path

from connectors_app.views.shell import closed

urlpatterns = [
    # A member's address is the one they were invited with: allauth's page for adding others is closed.
    path("account/email/", closed),
    path("account/", include("allauth.urls")),
    path("", include("connectors_app.urls")),
]

handler400 = "connectors_app.views.shell.bad_request"
handler403 = "connectors_app.views.shell.forbidden"
handler404 = "connectors_app.views.shell.not_found"
