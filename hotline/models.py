"""Every table of the service, so that `Base.metadata` is whole; migrations compare against it."""

from __future__ import annotations

import hotline.accounts.models
import hotline.kernel.models  # noqa: F401  # imported for its tables alone
from hotline.kernel.db import Base

metadata = Base.metadata
