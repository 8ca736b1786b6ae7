"""Every table of the service, so that `Base.metadata` is whole; migrations compare against it."""

from __future__ import annotations

import callflow.announcements.models
import callflow.sessions
import callflow.versions.models
import crm.attachments.models
import crm.cases.models
import crm.cases.search_index
import crm.catalogue.models
import crm.enterprises.models
import crm.enterprises.search_index
import crm.knowledge.models
import crm.knowledge.search_index
import crm.knowledge_attachments.models
import crm.knowledge_quick.models
import crm.knowledge_requests.models
import crm.limits.models
import crm.notes.models
import crm.savedviews.models
import crm.similar.models
import crm.supervision.models
import crm.units.models
import cti.calls.models
import cti.presence.models
import cti.replay.models
import hotline.accounts.models
import hotline.calendars.models
import hotline.kernel.imports.models
import hotline.kernel.models
import hotline.notices.models
from hotline.kernel.db import Base

metadata = Base.metadata
