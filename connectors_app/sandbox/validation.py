"""Checks of request bodies against the contract. Secrets are looked at here and go no further."""

import json
import re
from datetime import date
from typing import Any, NoReturn

from connectors_app.sandbox.answers import FieldsRefusedError, Json, RefusedError
from connectors_app.sandbox.stories import LOGIN_REFUSED, SESSION_EXPIRED

UUID_TEXT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)
_EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z0-9-]{2,}"
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_UNFIT = re.compile("[\x00\ud800-\udfff]")
# The texts of each type's config besides email's list; "wrong" and "expired" never work.
_CONFIG_TEXTS = {"investment_research": ("user_id", "user_password"), "sharepoint": ("session_id",)}
_TROUBLE = {"user_password": ("wrong", LOGIN_REFUSED), "session_id": ("expired", SESSION_EXPIRED)}
TYPES = ("email", *_CONFIG_TEXTS)
# Not in the contract's words: an unknown parameter is refused, so that a misspelt one does not go unnoticed.
UNKNOWN_PARAMETER = "is not a parameter of this operation"

Errors = dict[tuple[str, ...], str]


def unfit(value: object) -> bool:
    """Whether there is a NUL or half a character pair in any text of a JSON value."""
    if isinstance(value, str):
        return _UNFIT.search(value) is not None
    if isinstance(value, dict):
        return any(unfit(key) or unfit(item) for key, item in value.items())
    return isinstance(value, list) and any(map(unfit, value))


def parse_object(body: bytes) -> Json:
    """A request body as a JSON object; 400 for anything else."""
    try:
        data = json.loads(body, parse_constant=_not_json)
        bad_text = unfit(data)
    except (ValueError, RecursionError):
        raise RefusedError(400, "The request body is not valid JSON") from None
    if not isinstance(data, dict):
        raise RefusedError(400, "The request body must be a JSON object")
    if bad_text:
        raise RefusedError(400, "The request body holds characters that are not text")
    return data


def check_create(data: Json) -> tuple[Json, str]:
    """The fields of a new connector (its config as it will be shown), and the error of every sync, '' for none."""
    errors: Errors = {}
    kind = data.get("type")
    if kind not in TYPES:
        errors["body", "type"] = "must be one of " + ", ".join(TYPES)
    fields = {"type": kind} | _check_common(data, errors)
    config, trouble = _check_config(kind, data.get("config"), errors)
    _raise_if_any(errors)
    return fields | {"config": config, "description": data.get("description")}, trouble


def check_update(kind: str, data: Json) -> Json:
    """The fields of a full replacement: what is left out is cleared. Config is for email connectors only."""
    errors: Errors = {}
    fields = _check_common(data, errors)
    if kind == "email":
        fields["allowed_emails"] = _allowed_emails(data["config"], errors) if "config" in data else []
    elif "config" in data:
        errors["body", "config"] = "cannot be changed for this type of connector"
    _raise_if_any(errors)
    return fields


def check_sync(kind: str, data: Json) -> str | None:
    """The date_limit, which investment_research needs and sharepoint refuses."""
    if kind not in _CONFIG_TEXTS:
        raise RefusedError(400, "Connectors of this type cannot be synced")
    given = data.get("date_limit")
    if kind == "investment_research" and not _is_date(given):
        raise FieldsRefusedError({("body", "date_limit"): "must be a calendar date, such as 2026-01-31"})
    if kind == "sharepoint" and "date_limit" in data:
        raise FieldsRefusedError({("body", "date_limit"): "is not taken by sharepoint connectors"})
    return given


def _check_common(data: Json, errors: Errors) -> Json:
    if not _is_text(data.get("label")):
        errors["body", "label"] = "must be a text that is not empty"
    if not isinstance(data.get("description", ""), str):
        errors["body", "description"] = "must be a text"
    if not isinstance(data.get("share_with_org", False), bool):
        errors["body", "share_with_org"] = "must be true or false"
    return {
        "label": data.get("label"),
        "description": data.get("description", ""),
        "share_with_org": data.get("share_with_org", False),
    }


def _check_config(kind: Any, config: Any, errors: Errors) -> tuple[Json, str]:
    if kind == "email":
        return {"allowed_emails": _allowed_emails(config, errors)}, ""
    if not isinstance(config, dict):
        errors["body", "config"] = "must be an object"
        return {}, ""
    names = _CONFIG_TEXTS.get(kind, ()) if isinstance(kind, str) else ()
    for name in names:
        if not _is_text(config.get(name)):
            errors["body", "config", name] = "must be a text that is not empty"
    shown = {"user_id": config.get("user_id")} if "user_id" in names else {}
    return shown, _trouble(names, config)


def _trouble(names: tuple[str, ...], config: Json) -> str:
    for name in names:
        if name in _TROUBLE and config.get(name) == _TROUBLE[name][0]:
            return _TROUBLE[name][1]
    return ""


def _allowed_emails(config: Any, errors: Errors) -> list[str]:
    emails = config.get("allowed_emails") if isinstance(config, dict) else None
    if not isinstance(config, dict):
        errors["body", "config"] = "must be an object"
    elif not isinstance(emails, list) or not emails:
        errors["body", "config", "allowed_emails"] = "must be a list of at least one email address"
    elif bad := [n for n, email in enumerate(emails, 1) if not _is_email(email)]:
        errors["body", "config", "allowed_emails"] = f"entry {bad[0]} is not an email address"
    return emails if isinstance(emails, list) else []


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _is_email(value: object) -> bool:
    return isinstance(value, str) and len(value) <= 254 and _EMAIL.fullmatch(value) is not None


def _is_date(value: object) -> bool:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _not_json(_: str) -> NoReturn:
    raise ValueError


def _raise_if_any(errors: Errors) -> None:
    if errors:
        raise FieldsRefusedError(errors)
