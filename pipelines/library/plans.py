"""Plans in the lake: `playlists/plans/<id>.json`, and the same for a person to read beside it.

Add here what concerns a stored plan. What has been written of it is `writing.py`.
"""

import logging
from dataclasses import dataclass

import msgspec

from pipelines.errors import CorruptFile, RefusedPlan
from pipelines.listening.playlists.plan import Plan
from pipelines.listening.playlists.plan import plan_id as plan_id_of
from pipelines.resources.lake.lakes import ListenerLake

FOLDER = "playlists/plans/"

log = logging.getLogger("playledger")


@dataclass(frozen=True)
class Plans:
    """The plans of one listener.

    Attributes:
        lake: the listener's.
    """

    lake: ListenerLake

    def save(self, plan: Plan, markdown: str) -> str:
        """Store a plan; returns the address of the page for a person.

        Args:
            plan: the same one may be there already.
            markdown: the page.
        """
        store, path = self.lake.store, f"{FOLDER}{plan.id}"
        store.put(f"{path}.md", markdown.encode())
        store.put(f"{path}.json", msgspec.json.encode(plan))
        return store.url(f"{path}.md")

    def every(self) -> list[Plan]:
        """All stored plans, in order of their ids; one that is damaged is named in the log."""
        plans = []
        for key in sorted(entry.key for entry in self.lake.store.list(FOLDER)):
            if key.endswith(".json"):
                try:
                    plans.append(self.load(key.removeprefix(FOLDER).removesuffix(".json")))
                except CorruptFile as problem:
                    log.warning("left aside: %s", problem)
        return plans

    def load(self, plan_id: str) -> Plan:
        """A stored plan.

        Raises:
            RefusedPlan: where there is none of this id.
            CorruptFile: where its file is damaged, or says something else than its id stands for.
        """
        path = f"{FOLDER}{plan_id}.json"
        stored = self.lake.store.get(path) if plan_id.isalnum() else None
        if stored is None:
            raise RefusedPlan(
                f"{self.lake.listener} has no plan {plan_id!r}: "
                f"`playledger playlists plan {self.lake.listener} …` makes one"
            )
        where = self.lake.store.url(path)
        try:
            plan = msgspec.json.decode(stored.body, type=Plan)
        except msgspec.DecodeError as problem:
            raise CorruptFile(
                f"{where} is not a plan ({problem}): delete it and plan again"
            ) from None
        own_id = plan_id_of(self.lake.listener, plan.options, plan.sources, plan.parts)
        if plan_id != own_id or plan.id != own_id or plan.listener != self.lake.listener:
            raise CorruptFile(
                f"{where} is not the plan that was made under this id: delete it and plan again"
            )
        return plan
