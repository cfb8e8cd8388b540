"""What must never reach the disk: secrets by value and by shape, and personal data on request."""

from mockserver.redaction.known import forms
from mockserver.redaction.personal import Pseudonyms, personal
from mockserver.redaction.sanitiser import Sanitiser
from mockserver.redaction.sent import secrets_sent
from mockserver.redaction.shapes import REDACTED

__all__ = ["REDACTED", "Pseudonyms", "Sanitiser", "forms", "personal", "secrets_sent"]
