"""A small identity provider on 127.0.0.1: discovery, keys, tokens and facts about whoever signs in there."""

import base64
import hashlib
import html
import json
import re
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

START, BACK = "/account/single-sign-on/", "/account/single-sign-on/callback/"
CLIENT = {"id": "dashboard", "secret": "canary-client-secret"}
CODE, ACCESS_TOKEN = "canary-code", "canary-access-token"


class IdentityProvider:
    """`person` is who signs in there next: the claims of their ID token. `user_info` are facts told separately."""

    def __init__(self):
        self.key = self.signing_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.person = {"sub": "identity-1", "email": "alice@example.com", "email_verified": True}
        self.user_info = {}
        self.asked = {}  # The parameters that the browser brought, and (token_*) those that the dashboard sent.
        self.header = {"kid": "key-1"}
        self.algorithm = "RS256"
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def visit(self, url):
        """What the browser brings back after the person signed in: code and state."""
        self.asked = {name: value for name, [value] in parse_qs(urlsplit(url).query).items()}
        self.claims = {"iss": self.issuer, "aud": CLIENT["id"], "exp": time.time() + 60}
        self.claims["nonce"] = self.asked["nonce"]
        return {"code": CODE, "state": self.asked["state"]}

    def discovery(self, fields):
        endpoints = {name: f"{self.url}/{path}" for name, path in ENDPOINTS.items()}
        ways = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
        return {"issuer": self.issuer, **ways, **endpoints}

    def jwks(self, fields):
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**public, "kid": "key-1", "alg": "RS256", "use": "sig"}]}

    def token(self, fields):
        challenge = base64.urlsafe_b64encode(hashlib.sha256(fields["code_verifier"].encode()).digest())
        assert challenge.decode().rstrip("=") == self.asked["code_challenge"]
        assert (fields["code"], fields["client_secret"]) == (CODE, CLIENT["secret"])
        assert fields["redirect_uri"] == self.asked["redirect_uri"]
        claims = {**self.claims, **self.person}
        signed = jwt.encode(claims, self.signing_key, algorithm=self.algorithm, headers=self.header)
        return {"access_token": ACCESS_TOKEN, "token_type": "Bearer", "id_token": signed}

    def userinfo(self, fields):
        return self.user_info

    def _handler(self):
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self._answer({})

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self._answer({name: value for name, [value] in parse_qs(body).items()})

            def _answer(self, fields):
                name = urlsplit(self.path).path.strip("/").replace(".well-known/openid-configuration", "discovery")
                try:
                    status, content = 200, json.dumps(getattr(provider, name)(fields)).encode()
                except (AssertionError, KeyError):
                    status, content = 400, b'{"error": "invalid_grant"}'
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *arguments):
                pass

        return Handler


ENDPOINTS = {
    "authorization_endpoint": "authorize",
    "token_endpoint": "token",
    "jwks_uri": "jwks",
    "userinfo_endpoint": "userinfo",
}


def leave(client, **fields):
    """The address at the identity provider that the dashboard leads to."""
    page = client.post(START, fields)
    return html.unescape(re.search(r'<a [^>]*href="(http[^"]+)"', page.text)[1])


def come_back(client, provider, **fields):
    return client.get(BACK, provider.visit(leave(client, **fields)))
