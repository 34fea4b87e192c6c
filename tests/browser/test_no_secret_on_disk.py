"""After a whole session of real processes, no secret is found in the database file, the logs or a page."""

import re
import sqlite3

import psycopg
import requests
from psycopg import sql

from connectors_app.sandbox import SandboxServer
from tests.browser.conftest import Site

SECRETS = {
    "api_key": "canary-key-5f1c77aa09",
    "user_password": "canary-password-é-8812",
    "session_id": "canary-session-77ab31",
}
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
OPERATION = re.compile(r'name="operation_id" value="([^"]+)"')


class Visitor:
    """A person without JavaScript who keeps every page that was served."""

    def __init__(self, site: Site) -> None:
        self.site, self.session, self.served = site, requests.Session(), []

    def get(self, path: str) -> str:
        return self._keep(self.session.get(self.site.url + path))

    def post(self, path: str, **fields: str) -> str:
        form = self.get(path)
        fields["csrfmiddlewaretoken"] = TOKEN.findall(form)[-1]
        if operation := OPERATION.search(form):
            fields["operation_id"] = operation[1]
        return self._keep(self.session.post(self.site.url + path, data=fields))

    def _keep(self, response: requests.Response) -> str:
        for each in (*response.history, response):
            self.served.append(f"{each.url}\n{each.headers}\n{each.text}")
        return response.text


def test_a_whole_session_leaves_no_secret_behind(site: Site) -> None:
    sandbox = site.sandbox
    if sandbox is None:
        return
    sandbox.add_key(SECRETS["api_key"], "user_canary", "org_id_001")
    visitor = Visitor(site)
    visitor.post("/account/login/", login="bob@example.com", password=site.password)
    visitor.post("/keys/", api_key=f" {SECRETS['api_key']}\n")
    create_everything(visitor, sandbox)
    for path in ("/", "/connectors/", "/keys/", "/keys/remove/"):
        visitor.get(path)
    visitor.post("/keys/remove/")

    assert "Broker canary" in "".join(visitor.served)
    stored = everything_stored(site)
    assert b"Broker canary" in stored
    haystack = "".join(visitor.served).encode() + stored
    for name, secret in SECRETS.items():
        assert secret.encode() not in haystack, name


def create_everything(visitor: Visitor, sandbox: SandboxServer) -> None:
    broker = {"label": "Broker canary", "user_id": "bob.k", "user_password": SECRETS["user_password"]}
    library = {"label": "Library canary", "session_id": SECRETS["session_id"]}
    for fault in (None, "429", "500", "502-html", "malformed", "reset-before", "reset-after", "redirect"):
        for path, fields in (("investment_research", broker), ("sharepoint", library)):
            if fault:
                sandbox.fault("createConnector", fault)
            visitor.post(f"/connectors/new/{path}/", **fields)
    sandbox.clear_faults()
    visitor.post("/connectors/new/investment_research/", **{**broker, "label": ""})


def everything_stored(site: Site) -> bytes:
    """The database and the logs: every file of the site's folder, and every row of a database server."""
    assert site.folder is not None
    database = site.folder / "browser.sqlite3"
    if database.exists():
        # What still stands in the write-ahead log only belongs to the database too.
        sqlite3.connect(database).execute("PRAGMA wal_checkpoint(TRUNCATE)")
    files = b"".join(path.read_bytes() for path in sorted(site.folder.rglob("*")) if path.is_file())
    return files if database.exists() else files + every_row(site.database_url)


def every_row(database_url: str) -> bytes:
    with psycopg.connect(database_url) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        queries = (sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(name)) for [name] in tables)
        return "\n".join(row for query in queries for [row] in connection.execute(query)).encode()
