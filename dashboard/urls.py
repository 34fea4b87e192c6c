from django.urls import include, path, re_path

from connectors_app import admin
from connectors_app.views.shell import closed

urlpatterns = [
    # A member's address is the one they were invited with: allauth's page for adding others is closed.
    path("account/email/", closed),
    path("account/confirm-email/", closed),
    path("account/confirm-email/<str:key>/", closed),
    # Codes are shown once, on their page; a file of them would be a second time.
    path("account/2fa/recovery-codes/download/", closed),
    path("account/2fa/webauthn/", closed),  # The two-factor page lists them.
    # Single sign-on has pages of its own (views/single_sign_on.py).
    re_path("^account/(?:oidc|3rdparty|social)/", closed),
    path("", include("connectors_app.urls")),
    path("account/", include("allauth.urls")),
    path("backoffice/", admin.site.urls),
]

handler400 = "connectors_app.views.shell.bad_request"
handler403 = "connectors_app.views.shell.forbidden"
handler404 = "connectors_app.views.shell.not_found"
handler500 = "connectors_app.views.unavailable.server_error"
