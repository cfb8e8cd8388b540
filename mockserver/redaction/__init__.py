"""What must never reach the disk: secrets by value and by pattern, and personal data on request."""

from mockserver.redaction.personal_data import Pseudonyms, replace_personal_data
from mockserver.redaction.sanitiser import Sanitiser
from mockserver.redaction.secret_patterns import REDACTED, client_secrets

__all__ = ["REDACTED", "Pseudonyms", "Sanitiser", "client_secrets", "replace_personal_data"]
