"""What the centre refuses, with the status and code that the wire says."""


class Refused(Exception):
    """Base: `status` is HTTP's, `code` the dialect's."""

    status = 400
    code = "bad.request"

    def __init__(self, message: str, retry_after: int = 0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unknown(Refused):
    """No such record."""

    status, code = 404, "not.found"


class Forbidden(Refused):
    """The token's holder may not do this."""

    status, code = 403, "not.authorized"


class MissingRight(Refused):
    """A permission is missing."""

    status, code = 403, "missing.permissions"


class Clash(Refused):
    """The state of the record does not allow this now."""

    status, code = 409, "conflict"


class NotSignedIn(Refused):
    """No token, or one that expired or was revoked."""

    status, code = 401, "bad.credentials"


class NotKept(Refused):
    """The file cannot be written: nothing was done."""

    status, code = 500, "internal.server.error"


class TooMany(Refused):
    """More than 300 requests in a minute; `retry_after` in seconds."""

    status, code = 429, "too.many.requests.retry.after"
