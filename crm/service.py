"""Assembles the crm package, for `hotline/app/composition.py`."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from crm.cases.routes import case_routes
from crm.cases.service import CaseService
from crm.enterprises.directory import EnterpriseDirectory
from crm.enterprises.numbers import NumberPlan
from crm.enterprises.routes import enterprise_routes
from crm.enterprises.service import EnterpriseService
from crm.ports import CallHistory, InternalNumbers
from crm.screenpop.service import ScreenPops, ScreenPopService
from crm.settings import CrmSettings
from crm.units.routes import unit_routes
from crm.units.service import UnitService
from crm.units.trunk import TrunkNumbers
from hotline.kernel.bus import Bus
from hotline.kernel.clock import Clock
from hotline.kernel.db import Database
from hotline.kernel.http import Routes


class CrmService:
    """Builds the features. `pops` is cti's `ScreenPopReader`.

    `start()` loads the directory and may be called with the database away; `close()` may be called twice.
    """

    def __init__(
        self,
        database: Database,
        bus: Bus,
        clock: Clock,
        calls: CallHistory,
        settings: CrmSettings,
        *,
        directory: EnterpriseDirectory,
        numbers: InternalNumbers,
        trunk: TrunkNumbers,
    ) -> None:
        plan = NumberPlan(settings.area_code)
        self.enterprises = EnterpriseService(clock, plan)
        self.directory = directory
        self.units = UnitService(numbers, trunk, fewest=settings.specialists_min, most=settings.specialists_max)
        self.cases = CaseService(clock, plan, calls, ZoneInfo(settings.time_zone))
        self.pops = ScreenPops(database, ScreenPopService(directory, calls))

    @property
    def routes(self) -> list[Routes]:
        return [
            enterprise_routes(self.enterprises),
            unit_routes(self.units),
            case_routes(self.cases),
        ]

    async def start(self) -> None:
        await self.directory.start()

    async def close(self) -> None:
        await self.directory.close()
