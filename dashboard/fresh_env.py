"""Prints a `.env` for trying the dashboard on this machine, with fresh secrets. Needs only Python itself."""

import base64
import secrets

print(f"""\
# Made for trying the dashboard on this machine; README.md explains every variable.
SECRET_KEY={secrets.token_urlsafe(50)}
FIELD_ENCRYPTION_KEYS=k1:{base64.b64encode(secrets.token_bytes(32)).decode()}
REQUIRE_MFA=none
LOG_FORMAT=line

# The built-in sandbox. For the real API: https://api.bigdata.com, then add your own key on the API keys page.
BIGDATA_API_BASE_URL=http://127.0.0.1:8900
# The demo members' password.
DEMO_PASSWORD={secrets.token_urlsafe(9)}
""")
