"""Claims and evidence to grades: how well an incident is borne out, and what evidence says of each claim.

Decides the evidence level and status of incidents, the identification and evidence level of objects, the
verdict of claims, and who denies, admits or contradicts them. It works on the published columns alone, so
that ``load(..., as_of=...)`` can do it again for what was published by a day.

Refuses to look at which side speaks: sides are only ever compared, so swapping their labels changes nothing.
Refuses to let repetition count: copies stand for their original, outlets for whom they quote. Refuses to let
words outweigh evidence, or a wrong type, owner or cause touch the question whether something was lost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from lossclaims.claims import NO_SIDE, bloc_of, date_precision, root_sources

if TYPE_CHECKING:
    import pandas as pd

Tables = Mapping[str, "pd.DataFrame"]

IDENTIFIED = frozenset({"named", "anonymous_of", "bloc"})
# what a denial must dispute to stand against a loss, and a retraction to take a statement back
LOSS_OR_COUNT = frozenset({"loss", "count", ""})
LOSS = frozenset({"loss", ""})
SHOWS_TYPE = frozenset({"type", "type_and_owner"})
SHOWS_OWNER = frozenset({"owner", "type_and_owner"})
# evidence levels from which a loss counts as shown
SHOWN = ("E4", "E5")

# columns of the graded tables in the order of their schemas
INCIDENT_COLUMNS = (
    "incident_id", "collection_id", "label", "date_start", "date_end", "date_precision", "place_id",
    "place_precision", "evidence_level", "status", "grade_reason", "status_override", "override_reason",
    "n_claims", "n_origins", "distinct_from", "distinct_basis", "basis",
)  # fmt: skip
ITEM_COLUMNS = (
    "item_id", "incident_id", "equipment_id", "equipment_class", "lost_by_id", "lost_by_bloc", "outcome",
    "evidence_level", "note",
)  # fmt: skip


class Claim(NamedTuple):
    """What grading needs of one claim; missing text is empty."""

    claim_id: str
    incident: str
    item: str
    domain: str
    stance: str
    disputes: str
    responds_to: str
    claimant: str
    identified: bool
    outlet: bool
    """The claimant is a publisher: it has no access of its own and speaks for no side."""
    bloc: str
    """Side of the claimant, empty where it has none."""
    body: str
    """Topmost body of which the claimant is a part."""
    word: str
    """Side whose word it is: the claimant's, or the opponent's who alone relays an admission."""
    own: bool
    """Voice ``own``: the word of the losing side."""
    admits: bool
    """An admission that does not come through opponents or a publisher alone."""
    loser: str
    """Side, else topmost body, that lost; empty where nobody in particular."""
    against: str
    """Side that lost, else the side accused; empty where neither."""
    owner: str
    lost_by_bloc: str
    equipment: str
    kind: str
    """Class of the thing, empty where not even that is clear."""
    category: str
    group: str
    """Outcome group, empty where it is joint or unspecified."""
    single: bool
    day: int | None
    relays: frozenset[str]
    """Who relays the claim, where nobody reports it at first hand."""
    families: frozenset[str]
    """Families of its mentions that hold mentions of other claims too."""
    origins: frozenset[str]


class Evidence(NamedTuple):
    """What grading needs of one evidence row; missing text is empty."""

    evidence_id: str
    incident: str
    item: str
    kind: str
    domain: str
    """Empty where it may show things or people."""
    outlet: str
    """Publisher of the original document."""
    bloc: str
    viewed: bool
    preferred: bool
    shows: str
    equipment: str
    owner: str
    loser: str
    loser_bloc: str
    category: str


class Grade(NamedTuple):
    """Evidence level of an incident or object, and which rows led to it."""

    level: int
    reason: str

    @property
    def word(self) -> str:
        return f"E{self.level}"


def natural(text: str) -> list[tuple[int, str]]:
    """Sort key of an id, under which LY0001.10 follows LY0001.9."""
    return [(len(part), part) for part in text.split(".")]


def texts(frame: pd.DataFrame, *columns: str) -> Iterator[tuple[str, ...]]:
    """Rows of some columns as text; what is missing, a whole column included, is empty."""
    if not len(frame):
        return iter(())
    listed = []
    for name in columns:
        if name in frame:
            column = frame[name].astype("object")
            listed.append(column.where(column.notna(), "").tolist())
        else:
            listed.append([""] * len(frame))
    return zip(*listed, strict=True)


def lookup(frame: pd.DataFrame, key: str, value: str) -> dict[str, str]:
    """One column by another, as text."""
    return {row: found for row, found in texts(frame, key, value)}


def real(bloc: str | None) -> str:
    """Side of a war, empty for words that are none."""
    return "" if bloc is None or bloc in NO_SIDE else bloc


class Tree:
    """A table whose rows name their broader row.

    Parameters
    ----------
    frame : DataFrame
        With `key` and ``parent_id``; a cycle ends where it closes.
    key : str
        Name of the id column.
    """

    def __init__(self, frame: pd.DataFrame, key: str) -> None:
        self._parents = {row: parent for row, parent in texts(frame, key, "parent_id") if parent}
        self._lines: dict[str, tuple[str, ...]] = {}

    def line(self, row: str) -> tuple[str, ...]:
        """The row and those above it, upwards."""
        if row not in self._lines:
            seen = [row]
            while (parent := self._parents.get(seen[-1])) is not None and parent not in seen:
                seen.append(parent)
            self._lines[row] = tuple(seen)
        return self._lines[row]

    def top(self, row: str) -> str:
        """Topmost row above this one; empty for none."""
        return self.line(row)[-1] if row else ""

    def one_branch(self, a: str, b: str) -> bool:
        """Whether one row is the other or lies above it."""
        return a in self.line(b) or b in self.line(a)

    def narrowest(self, rows: Collection[str]) -> str:
        """The lowest row where all lie on one line, else nothing."""
        if not rows:
            return ""
        lowest = max(rows, key=lambda row: (len(self.line(row)), row))
        return lowest if set(rows) <= set(self.line(lowest)) else ""


class Docket:
    """Claims, evidence and objects by incident, with the relations between them.

    Parameters
    ----------
    tables : Mapping
        Published tables: claims, mentions, sources, outlets, actors, blocs, equipment, incidents, items and
        evidence; ``terms`` where outcomes are to be compared by their groups.
    """

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self.equipment = Tree(tables["equipment"], "equipment_id")
        self.actors = Tree(tables["actors"], "actor_id")
        # rows that fit any type, and stand-ins for nobody in particular
        self._any_type = {
            row for row, level in texts(tables["equipment"], "equipment_id", "level") if level == "unknown"
        }
        self._stand_ins = {row for row, kind in texts(tables["actors"], "actor_id", "kind") if kind == "collective"}
        self._outlets = {row for (row,) in texts(tables["outlets"], "outlet_id")}
        self._blocs: dict[tuple[str, str], str] = {}
        incidents = tables["incidents"]
        self.collection = lookup(incidents, "incident_id", "collection_id")
        self.items: dict[str, list[str]] = {incident: [] for incident in self.collection}
        for item, incident in texts(tables["items"], "item_id", "incident_id"):
            if incident in self.items:
                self.items[incident].append(item)
        self._read_channels()
        self._read_claims()
        self._read_evidence()
        self._read_withdrawals()

    def _read_channels(self) -> None:
        """Per claim and original document: who relays it there, who published it."""
        sources = self._tables["sources"]
        known = sources["source_id"].astype("object")
        links = sources.assign(
            republication_of=sources["republication_of"].where(sources["republication_of"].isin(known))
        )
        roots = dict(zip(known, root_sources(known, links).astype("object"), strict=True))
        self._side(sources["collection_id"], sources["outlet_id"])
        where = {
            row: (collection, outlet)
            for row, collection, outlet in texts(sources, "source_id", "collection_id", "outlet_id")
        }
        self._publisher = {row: where[root] for row, root in roots.items()}
        mentions = self._tables["mentions"]
        relayed = mentions[mentions["via_id"].notna()]
        home = dict(zip(known, sources["collection_id"].astype("object"), strict=True))
        self._side(relayed["source_id"].astype("object").map(home), relayed["via_id"])
        self._channels: dict[str, dict[str, tuple[bool, str, str]]] = defaultdict(dict)
        self._families: dict[str, set[str]] = defaultdict(set)
        shared: dict[str, set[str]] = defaultdict(set)
        rows = texts(mentions, "mention_id", "claim_id", "source_id", "via_id", "family_id")
        for mention, claim, source, via, family in sorted(rows, key=lambda row: natural(row[0])):
            root = roots.get(source, source)
            # what a copy says counts only where its original carries no mention of the claim
            channels = self._channels[claim]
            if root not in channels or (source == root and not channels[root][0]):
                channels[root] = (source == root, via, source)
            self._families[claim].add(family or mention)
            shared[family or mention].add(claim)
        self._shared = {family for family, claims in shared.items() if len(claims) > 1}

    def _side(self, collection: pd.Series[str], actor: pd.Series[str]) -> None:
        """Look up sides of actors, for ``bloc``."""
        import pandas as pd

        pairs = pd.DataFrame({"c": collection.astype("object"), "a": actor.astype("object")}).dropna().drop_duplicates()
        tables = self._tables
        found = bloc_of(pairs["c"], pairs["a"], tables["blocs"], tables["actors"], tables["outlets"])
        self._blocs.update(zip(zip(pairs["c"], pairs["a"], strict=True), found.astype("object"), strict=True))

    def bloc(self, collection: str, actor: str) -> str:
        """Word of the vocabulary ``bloc`` for an actor; empty for none."""
        return self._blocs.get((collection, actor), "")

    def _loser(self, actor: str, bloc: str) -> str:
        if side := real(bloc):
            return side
        nobody = not actor or bloc == "mixed" or actor in self._stand_ins
        # an id of a body is no side, whatever it is called
        return "" if nobody else "=" + self.actors.top(actor)

    def _read_claims(self) -> None:
        import pandas as pd

        frame = self._tables["claims"]
        self._side(frame["collection_id"], frame["accused_id"])
        groups: dict[tuple[str, str], str] = {}
        if "terms" in self._tables:
            words = texts(self._tables["terms"], "vocabulary", "term", "outcome_group")
            groups = {(vocabulary, term): group for vocabulary, term, group in words if group}
        said = pd.to_datetime(frame["said_on"]).fillna(pd.to_datetime(frame["first_published"]))
        known = said.notna().tolist()
        days = [
            day if there else None
            for day, there in zip(said.astype("datetime64[s]").astype("int64"), known, strict=True)
        ]
        single = ((frame["count_low"] == 1) & (frame["count_high"] == 1)).fillna(False).astype(bool).tolist()
        rows = texts(
            frame, "claim_id", "collection_id", "incident_id", "item_id", "domain", "stance", "disputes", "responds_to",
            "claimant_id", "claimant_bloc", "attribution", "voice", "lost_by_id", "lost_by_bloc", "accused_id",
            "equipment_id", "equipment_class", "personnel_category", "outcome",
        )  # fmt: skip
        self.claims: dict[str, Claim] = {}
        for (
            claim_id, collection, incident, item, domain, stance, disputes, responds_to, claimant, bloc, attribution,
            voice, owner, lost_by_bloc, accused, equipment, kind, category, outcome,
        ), day, one in zip(rows, days, single, strict=True):  # fmt: skip
            side, identified = real(bloc), attribution in IDENTIFIED and bool(claimant)
            outlet, own = claimant in self._outlets, voice == "own"
            channels = [*self._channels.get(claim_id, {}).values()]
            if len(channels) > 1:
                channels.sort(key=lambda channel: natural(channel[2]))
            relays = [via for _, via, _ in channels]
            opponents = [self._opponent(side, via, source) for _, via, source in channels]
            relayed = own and bool(opponents) and all(opponents)
            families = self._families.get(claim_id, {claim_id})
            origins = families if not claimant else {claimant}
            group = groups.get((f"{domain}_outcome", outcome), "")
            self.claims[claim_id] = Claim(
                claim_id=claim_id,
                incident=incident,
                item=item,
                domain=domain,
                stance=stance,
                disputes=disputes,
                responds_to=responds_to,
                claimant=claimant,
                identified=identified,
                outlet=outlet,
                bloc=side,
                body=self.actors.top(claimant),
                word=opponents[0] if relayed else side,
                own=own,
                admits=own and identified and not outlet and not relayed,
                loser=self._loser(owner, lost_by_bloc),
                against=real(lost_by_bloc) or real(self.bloc(collection, accused)),
                owner=owner,
                lost_by_bloc=lost_by_bloc,
                equipment=equipment,
                kind="" if equipment in self._any_type else kind,
                category=category,
                group="" if group == "constraint" else group,
                single=one,
                day=day,
                relays=frozenset(relays) if all(relays) else frozenset(),
                families=frozenset(families) if self._shared and families <= self._shared else frozenset(),
                origins=frozenset(("claimant " if claimant else "family ") + origin for origin in origins),
            )
        self.spoken: dict[str, list[Claim]] = {incident: [] for incident in self.collection}
        self._answers: dict[str, list[Claim]] = defaultdict(list)
        # an order of its own, so that reasons do not depend on that of the rows
        for claim in sorted(self.claims.values(), key=lambda c: natural(c.claim_id)):
            if claim.incident in self.spoken:
                self.spoken[claim.incident].append(claim)
            if claim.responds_to:
                self._answers[claim.responds_to].append(claim)

    def _opponent(self, side: str, via: str, source: str) -> str:
        """Opposing side through which alone a mention comes, by its relayer or its publisher."""
        if not side or source not in self._publisher:
            return ""
        collection, outlet = self._publisher[source]
        for channel in (via, outlet):
            if (heard := real(self.bloc(collection, channel))) and heard != side:
                return heard
        return ""

    def _read_evidence(self) -> None:
        frame = self._tables["evidence"]
        incidents = frame["incident_id"].astype("object").map(self.collection)
        self._side(incidents, frame["lost_by_id"])
        self.evidence: dict[str, list[Evidence]] = {incident: [] for incident in self.collection}
        rows = texts(
            frame, "evidence_id", "incident_id", "item_id", "kind", "source_id", "viewed", "equipment_id", "lost_by_id",
            "personnel_category", "outcome", "rank", "shows",
        )  # fmt: skip
        for row in sorted(rows, key=lambda r: natural(r[0])):
            evidence_id, incident, item, kind, source, viewed, equipment, owner, category, outcome, rank, shows = row
            if incident not in self.evidence or rank == "deprecated":
                continue
            collection, outlet = self._publisher.get(source, ("", ""))
            lost_by_bloc = self.bloc(self.collection[incident], owner)
            things, people = bool(equipment or item), bool(category or outcome)
            self.evidence[incident].append(
                Evidence(
                    evidence_id=evidence_id,
                    incident=incident,
                    item=item,
                    kind=kind,
                    domain="equipment" if things else "personnel" if people else "",
                    outlet=outlet,
                    bloc=real(self.bloc(collection, outlet)),
                    viewed=viewed == "coder",
                    preferred=rank == "preferred",
                    shows=shows,
                    equipment=equipment,
                    owner=owner,
                    loser=self._loser(owner, lost_by_bloc),
                    loser_bloc=lost_by_bloc,
                    category=category,
                )
            )

    def _read_withdrawals(self) -> None:
        """Which statements were taken back."""
        self.withdrawn: set[str] = set()
        for taking in self.claims.values():
            if taking.stance != "retracts" or taking.disputes not in LOSS_OR_COUNT:
                continue
            target = self.claims.get(taking.responds_to)
            if target is not None:
                same = taking.claimant == target.claimant or (taking.bloc and taking.bloc == target.bloc)
                if same and (target.stance == "denies" or (target.stance == "asserts" and taking.disputes in LOSS)):
                    self.withdrawn.add(target.claim_id)
            elif not taking.responds_to and taking.claimant and taking.disputes in LOSS:
                for claim in self.spoken.get(taking.incident, ()):
                    if claim.stance == "asserts" and claim.claimant == taking.claimant and _meet(taking, claim):
                        later = claim.day is not None and taking.day is not None and claim.day > taking.day
                        if not later:
                            self.withdrawn.add(claim.claim_id)
        # who asserts a loss after denying it takes the denial back
        for denial in self.claims.values():
            if denial.stance == "denies" and denial.disputes in LOSS and denial.claimant and denial.day is not None:
                for claim in self.asserted(denial.incident):
                    later = claim.day is not None and claim.day > denial.day
                    if later and claim.claimant == denial.claimant and _meet(denial, claim):
                        self.withdrawn.add(denial.claim_id)
                        break

    # -- relations between claims

    def asserted(self, incident: str, withdrawn: bool = False) -> list[Claim]:
        """Assertions on an incident that stand, or all ever made."""
        return [
            c
            for c in self.spoken.get(incident, ())
            if c.stance == "asserts" and (withdrawn or c.claim_id not in self.withdrawn)
        ]

    def voices(self, incident: str) -> list[Claim]:
        """Standing assertions by identified claimants, the first of each that say the same."""
        return _voices(c for c in self.asserted(incident) if c.identified)

    def _denial_stands(self, denial: Claim) -> bool:
        return denial.stance == "denies" and denial.disputes in LOSS_OR_COUNT and denial.claim_id not in self.withdrawn

    def denials(self, claim: Claim) -> list[Claim]:
        """Denials of loss or count that stand against an assertion."""
        answers = [d for d in self._answers.get(claim.claim_id, ()) if self._denial_stands(d)]
        answered = {d.claim_id for d in answers}
        around = self._denials_on.get(claim.incident, ())
        return answers + [d for d in around if d.claim_id not in answered and _meet(d, claim)]

    @cached_property
    def _denials_on(self) -> dict[str, list[Claim]]:
        standing = {i: [d for d in spoken if self._denial_stands(d)] for i, spoken in self.spoken.items()}
        return {incident: denials for incident, denials in standing.items() if denials}

    def admissions(self, claim: Claim) -> list[Claim]:
        """Standing assertions by the losing side that admit what another side or the press asserts."""
        if claim.own or not claim.against:
            return []
        return [
            a for a in self._admissions_on.get(claim.incident, ()) if a.bloc == claim.against and same_loss(a, claim)
        ]

    @cached_property
    def _admissions_on(self) -> dict[str, list[Claim]]:
        standing = {incident: [c for c in self.asserted(incident) if c.admits] for incident in self.spoken}
        return {incident: admissions for incident, admissions in standing.items() if admissions}

    def apart(self, a: Claim, b: Claim) -> bool:
        """Whether identified claimants are of different sides or bodies, and neither relays the other."""
        if a.outlet or b.outlet or a.claimant == b.claimant:
            return False
        if a.bloc and b.bloc:
            if a.bloc == b.bloc or a.word == b.word:
                return False
        elif a.body == b.body:
            return False
        return not self._derived(a, b) and not self._derived(b, a)

    def _derived(self, a: Claim, b: Claim) -> bool:
        """Whether the first is known only through the second's claimant, its side or its texts."""
        if a.families and a.families <= b.families:
            return True
        if not a.relays:
            return False
        collection = self.collection.get(a.incident, "")
        for via in a.relays:
            heard = real(self.bloc(collection, via))
            if via != b.claimant and not (heard and heard == b.bloc) and self.actors.top(via) != b.body:
                return False
        return True

    # -- relations between evidence and claims

    def speaks_to(self, row: Evidence, claim: Claim) -> bool:
        """Whether an evidence row is about what a claim is about."""
        if row.domain and row.domain != claim.domain:
            return False
        if row.category and claim.category != row.category:
            return False
        if row.item and claim.item:
            return row.item == claim.item
        if row.item == claim.item or len(self.items.get(claim.incident, ())) <= 1:
            return True
        # one row for the whole incident says what each object was only when it says that there was none
        return not row.item and row.shows == "no_loss"

    def conflicts(self, row: Evidence, claim: Claim) -> bool:
        """Whether an evidence row that speaks to a claim shows another type or owner."""
        if claim.domain != "equipment":
            return False
        return self._other_type(row, claim) or self._other_owner(row, claim)

    def _other_type(self, row: Evidence, claim: Claim) -> bool:
        if row.shows not in SHOWS_TYPE or not row.equipment or not claim.equipment:
            return False
        return not self._fit_type(row.equipment, claim.equipment)

    def _fit_type(self, a: str, b: str) -> bool:
        return a in self._any_type or b in self._any_type or self.equipment.one_branch(a, b)

    def _other_owner(self, row: Evidence, claim: Claim) -> bool:
        return row.shows in SHOWS_OWNER and "" not in (row.loser, claim.loser) and row.loser != claim.loser

    def against(self, claim: Claim) -> list[Evidence]:
        """Evidence that shows another type or owner than a claim, or no loss."""
        rows = self.evidence.get(claim.incident, ())
        return [e for e in rows if self.speaks_to(e, claim) and (e.shows == "no_loss" or self.conflicts(e, claim))]

    def verdict(self, claim: Claim) -> str:
        """What the preferred evidence says of a claim's type and owner."""
        if claim.stance != "asserts":
            return "open"
        rows = [e for e in self.evidence.get(claim.incident, ()) if e.preferred and self.speaks_to(e, claim)]
        if any(e.shows == "no_loss" for e in rows):
            return "contradicted"
        if claim.domain != "equipment":
            # a record of other people says nothing of these
            return "consistent" if any(not self._other_owner(e, claim) for e in rows) else "open"
        for shown, other in ((SHOWS_TYPE, self._other_type), (SHOWS_OWNER, self._other_owner)):
            telling = [e for e in rows if e.shows in shown]
            if telling and all(other(e, claim) for e in telling):
                return "misidentified"
        return "consistent" if rows else "open"

    def counts(self, row: Evidence, heard: Sequence[Claim]) -> bool:
        """Whether evidence of a loss was viewed, or comes from a source independent of those who claim it.

        Parameters
        ----------
        row : Evidence
        heard : sequence of Claim
            Assertions on the same incident or object, withdrawn ones included.
        """
        if row.shows == "no_loss":
            return False
        if row.viewed:
            return True
        heard = [c for c in heard if (not row.domain or c.domain == row.domain) and _items_meet(row.item, c.item)]
        speakers = [c for c in heard if c.identified] or heard
        if speakers and all(c.claimant == row.outlet or (row.bloc and c.word == row.bloc) for c in speakers):
            return False
        if not row.bloc:
            return True
        losers = {real(row.loser_bloc)} if real(row.loser_bloc) else {c.against for c in heard if c.against}
        admitting = {c.bloc for c in heard if c.admits and c.claim_id not in self.withdrawn}
        return all(loser == row.bloc or loser in admitting for loser in losers)

    def grade(self, heard: Sequence[Claim], rows: Sequence[Evidence]) -> Grade:
        """Evidence level of what some claims and evidence are about.

        Parameters
        ----------
        heard : sequence of Claim
            Assertions, withdrawn ones included, in the order of their ids.
        rows : sequence of Evidence
            In the order of their ids.
        """
        shown = [e for e in rows if self.counts(e, heard)]
        if shown:
            best = min(shown, key=lambda e: not e.preferred)
            whence = "viewed by the coder" if best.viewed else "from a source independent of the claimants"
            what = f"{best.evidence_id} ({best.kind}) {whence}"
            if settling := self._settling(shown):
                return Grade(5, f"E5: {what}, type and owner settled by {listed(settling)}")
            return Grade(4, f"E4: {what}")
        standing = [c for c in heard if c.claim_id not in self.withdrawn]
        named = [c for c in standing if c.identified]
        if not standing:
            return Grade(0, "E0: no assertion stands")
        if not named:
            return Grade(0, f"E0: {listed(c.claim_id for c in standing)}, by narrators or unnamed voices only")
        pair = ""
        for a, b in combinations(_voices(named), 2):
            if not (same_loss(a, b) and self.apart(a, b)):
                continue
            for admission, claim in ((a, b), (b, a)):
                if admission.admits and claim.bloc and not claim.own and _losers_meet(a, b):
                    return Grade(3, f"E3: {admission.claim_id} admits the loss that {claim.claim_id} claims")
            whose = (
                "claimants of different sides"
                if a.bloc and b.bloc
                else "independent claimants, a third party among them"
            )
            pair = pair or f"E2: {a.claim_id} and {b.claim_id}, by {whose}"
        if pair:
            return Grade(2, pair)
        relayed = [c.claim_id for c in named if c.own and not c.admits and not c.outlet]
        note = f"; {listed(relayed)} known only through the opponent" if relayed else ""
        return Grade(1, f"E1: {listed(c.claim_id for c in named)}, by one claimant or side{note}")

    def _settling(self, shown: Sequence[Evidence]) -> list[str]:
        """Rows that settle type and owner of one object together, or of people one by one."""
        objects: dict[str, list[Evidence]] = defaultdict(list)
        for row in shown:
            objects[row.item if len(self.items[row.incident]) > 1 else ""].append(row)
        for rows in objects.values():
            people = [e for e in rows if e.domain == "personnel"]
            things = [e for e in rows if e.domain != "personnel"]
            types = _ranked([e for e in things if e.shows in SHOWS_TYPE])
            owners = _ranked([e for e in things if e.shows in SHOWS_OWNER])
            if self.narrowest_type(e.equipment for e in types) and len({e.loser for e in owners}) == 1:
                return sorted({e.evidence_id for e in (*types[:1], *owners[:1])}, key=natural)
            both = [e for e in people if e.shows == "type_and_owner"]
            if both:
                return [both[0].evidence_id]
        return []

    def narrowest_type(self, rows: Iterable[str]) -> str:
        """The narrowest of types that agree; those that fit any type give way."""
        known = {row for row in rows if row}
        return self.equipment.narrowest({row for row in known if row not in self._any_type} or known)

    # -- incidents and objects

    def refuting(self, incident: str) -> list[str]:
        """Evidence that no loss happened, where it speaks against every assertion that stands."""
        rows = [e for e in self.evidence[incident] if e.shows == "no_loss"]
        if not rows:
            return []
        spoken = self.asserted(incident)
        losing = {c.against for c in spoken if c.against}
        showing = [e for e in self.evidence[incident] if e.preferred and e.shows != "no_loss"]

        def decisive(row: Evidence) -> bool:
            if row.preferred:
                return True
            outranked = any(e.item == row.item or not row.item or not e.item for e in showing)
            return not outranked and (row.viewed or not row.bloc or row.bloc not in losing)

        rows = [e for e in rows if decisive(e)]
        items = set(self.items[incident])
        every = bool(items) and items <= {e.item for e in rows}
        if spoken:
            settled = all(
                any(self.speaks_to(e, c) for e in rows) or (every and not c.item and c.domain == "equipment")
                for c in spoken
            )
        else:
            settled = every or any(not e.item for e in rows)
        return [e.evidence_id for e in rows] if settled else []

    def status(self, incident: str, grade: Grade) -> tuple[str, str]:
        """Status of an incident before any override, and why."""
        refuting = self.refuting(incident)
        if refuting:
            return "refuted", f"refuted: {listed(refuting)} shows that nothing was lost"
        if grade.level >= 4:
            return "confirmed", "confirmed"
        standing, ever = self.asserted(incident), self.asserted(incident, withdrawn=True)
        if ever and not standing:
            return "refuted", f"refuted: every assertion retracted ({listed(c.claim_id for c in ever)})"
        denials = {d.claim_id for c in standing for d in self.denials(c)}
        if not standing:
            denials = {d.claim_id for d in self._denials_on.get(incident, ())}
        if denials:
            return "contested", f"contested by {listed(sorted(denials, key=natural))}"
        word = "corroborated" if grade.level >= 2 else "claimed"
        return word, word

    def of_item(self, incident: str, item: str) -> tuple[list[Claim], list[Evidence]]:
        """Assertions and evidence on one object; those on the whole incident too where it has no other object."""
        alone = len(self.items[incident]) == 1
        heard = [c for c in self.asserted(incident, withdrawn=True) if c.domain == "equipment"]
        rows = [e for e in self.evidence[incident] if e.domain != "personnel"]
        return (
            [c for c in heard if c.item == item or (alone and not c.item)],
            [e for e in rows if e.item == item or (alone and not e.item)],
        )

    def identify(self, heard: Sequence[Claim], rows: Sequence[Evidence]) -> tuple[str, str, str, str]:
        """Type, class, owner and side of an object: from the preferred evidence, else where all others agree."""
        rows = [e for e in rows if e.shows != "no_loss"]
        preferred = [e for e in rows if e.preferred]
        claims = [
            c for c in heard if c.claim_id not in self.withdrawn and not any(self.conflicts(e, c) for e in preferred)
        ]
        types = [e.equipment for e in preferred if e.shows in SHOWS_TYPE and e.equipment]
        if not types:
            types = [e.equipment for e in rows if e.shows in SHOWS_TYPE] + [c.equipment for c in claims]
        owners = [(e.owner, e.loser, e.loser_bloc) for e in preferred if e.shows in SHOWS_OWNER and e.owner]
        if not owners:
            owners = [(e.owner, e.loser, e.loser_bloc) for e in rows if e.shows in SHOWS_OWNER and e.owner]
            owners += [(c.owner, c.loser, c.lost_by_bloc) for c in claims]
        equipment = self.narrowest_type(types)
        known = {t for t in types if t}
        classes = {self.equipment.top(t) for t in known if t not in self._any_type} or known
        owners = [o for o in owners if o[1]] or owners
        owner = self.actors.narrowest({o[0] for o in owners}) if len({o[1] for o in owners}) == 1 else ""
        blocs = {o[2] for o in owners}
        return equipment, classes.pop() if len(classes) == 1 else "", owner, blocs.pop() if len(blocs) == 1 else ""


def _items_meet(a: str, b: str) -> bool:
    return not a or not b or a == b


def _meet(a: Claim, b: Claim) -> bool:
    """Whether a denial or retraction is about what a claim of the same incident asserts."""
    if a.domain != b.domain or not _items_meet(a.item, b.item):
        return False
    return _losers_meet(a, b) or bool(a.item and b.item)


def _losers_meet(a: Claim, b: Claim) -> bool:
    return a.loser == b.loser or "" in (a.loser, b.loser)


def _voices(claims: Iterable[Claim]) -> list[Claim]:
    """The first of each of the claims that are alike in all that bears on independence and agreement."""
    found: dict[tuple[object, ...], Claim] = {}
    for c in claims:
        alike = (
            c.item, c.domain, c.claimant, c.outlet, c.bloc, c.word, c.own, c.admits, c.loser, c.kind, c.group, c.single,
            c.relays, c.families,
        )  # fmt: skip
        found.setdefault(alike, c)
    return list(found.values())


def _ranked(rows: list[Evidence]) -> list[Evidence]:
    """The preferred rows, else all."""
    return [e for e in rows if e.preferred] or rows


def same_loss(a: Claim, b: Claim) -> bool:
    """Whether two assertions on one incident speak of the same loss.

    Parameters
    ----------
    a, b : Claim

    Returns
    -------
    bool
        Two that name an object of the incident do when it is the same one. Otherwise the groups of their
        outcomes must not differ. Figures for people must then be of one loser; things agree when two of three
        hold: same loser, same class, each speaks of a single object. Two sides that each admit a loss of
        their own never speak of the same one so. What is not stated differs from nothing.
    """
    if a.domain != b.domain:
        return False
    if a.item and b.item:
        return a.item == b.item
    if a.group and b.group and a.group != b.group:
        return False
    if a.domain != "equipment":
        return a.loser == b.loser
    loser = _losers_meet(a, b)
    if a.own and b.own and not loser:
        return False
    return loser + (a.kind == b.kind or "" in (a.kind, b.kind)) + (a.single and b.single) >= 2


def listed(ids: Iterable[str], most: int = 3) -> str:
    """Ids for a reason, the first few and how many more."""
    given = list(ids)
    more = f" and {len(given) - most} more" if len(given) > most else ""
    return ", ".join(given[:most]) + more


def _column(values: Iterable[str], index: pd.Index[int]) -> pd.Series[str]:
    import pandas as pd

    return pd.Series([value or None for value in values], index=index, dtype="string")


def _ordered(frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """The columns in order, what else the frame has after them."""
    return frame[[c for c in columns if c in frame] + [c for c in frame if c not in columns]]


def grade(tables: Tables, docket: Docket | None = None) -> dict[str, pd.DataFrame]:
    """Grade incidents, identify objects and judge claims.

    Parameters
    ----------
    tables : Mapping
        The tables claims, mentions, sources, outlets, actors, blocs, equipment, incidents, items and evidence,
        or the rows of them that were published by a day. Columns that are derived here need not be there;
        what they hold is ignored. ``terms``, where given, lets outcomes be compared by their groups.
    docket : Docket, optional
        Made of the same tables before, to save time.

    Returns
    -------
    dict of DataFrame
        ``claims`` with ``verdict``; ``incidents`` with date_precision, evidence_level, status, grade_reason,
        n_claims and n_origins; ``items`` with equipment_id, equipment_class, lost_by_id, lost_by_bloc and
        evidence_level. Rows and their index stay as they were.
    """
    import pandas as pd

    docket = docket or Docket(tables)
    claims = tables["claims"].copy()
    verdicts = _column((docket.verdict(docket.claims[c]) for (c,) in texts(claims, "claim_id")), claims.index)
    if "verdict" in claims:
        claims["verdict"] = verdicts
    else:
        before = [*claims.columns].index("note") if "note" in claims else claims.shape[1]
        claims.insert(before, "verdict", verdicts)

    incidents = tables["incidents"].copy()
    levels, statuses, reasons, n_claims, n_origins = [], [], [], [], []
    for incident, override in texts(incidents, "incident_id", "status_override"):
        found = docket.grade(docket.asserted(incident, withdrawn=True), docket.evidence[incident])
        status, why = docket.status(incident, found)
        levels.append(found.word)
        statuses.append(override or status)
        reasons.append(f"{found.reason}; {why}" + (f"; set by hand to {override}" if override else ""))
        n_claims.append(len(docket.spoken[incident]))
        n_origins.append(len({origin for c in docket.asserted(incident) for origin in c.origins}))
    index = incidents.index
    start, end = (pd.to_datetime(incidents[c]).astype("datetime64[s]") for c in ("date_start", "date_end"))
    incidents["date_precision"] = date_precision(start, end)
    incidents["evidence_level"] = _column(levels, index)
    incidents["status"] = _column(statuses, index)
    incidents["grade_reason"] = _column(reasons, index)
    incidents["n_claims"] = pd.Series(n_claims, index=index, dtype="Int64")
    incidents["n_origins"] = pd.Series(n_origins, index=index, dtype="Int64")

    items = tables["items"].copy()
    made: list[tuple[str, str, str, str, str]] = []
    for item, incident in texts(items, "item_id", "incident_id"):
        if incident in docket.items:
            heard, rows = docket.of_item(incident, item)
            made.append((*docket.identify(heard, rows), docket.grade(heard, rows).word))
        else:
            made.append(("", "", "", "", "E0"))
    names = ("equipment_id", "equipment_class", "lost_by_id", "lost_by_bloc", "evidence_level")
    for i, name in enumerate(names):
        items[name] = _column((row[i] for row in made), items.index)
    return {
        "claims": claims,
        "incidents": _ordered(incidents, INCIDENT_COLUMNS),
        "items": _ordered(items, ITEM_COLUMNS),
    }


def _by_claim(docket: Docket, said: Callable[[Claim], Iterable[str]]) -> pd.Series[str]:
    """What is said of each asserted claim, joined; missing where nothing is."""
    import pandas as pd

    joined = [";".join(said(c)) or None if c.stance == "asserts" else None for c in docket.claims.values()]
    return pd.Series(joined, index=pd.Index([*docket.claims], dtype="string", name="claim_id"), dtype="string")


def _names(tables: Tables) -> Callable[[Iterable[Claim]], list[str]]:
    """Function that gives the names of who makes some claims, each once, sorted."""
    names = lookup(tables["actors"], "actor_id", "name")
    return lambda claims: sorted({names.get(c.claimant, c.claimant) for c in claims if c.claimant})


def denied_by(tables: Tables, docket: Docket | None = None) -> pd.Series[str]:
    """Who denies each asserted claim.

    Parameters
    ----------
    tables : Mapping
        As for ``grade``.
    docket : Docket, optional
        Made of the same tables before, to save time.

    Returns
    -------
    Series of string
        By claim_id: names of identified claimants and outlets whose denial of the loss or its count answers the
        claim, or stands on the same incident against the same loser, with semicolons between. Missing where
        there are none; a denial taken back does not stand.
    """
    found, names = docket or Docket(tables), _names(tables)
    return _by_claim(found, lambda claim: names(found.denials(claim)))


def admitted_by(tables: Tables, docket: Docket | None = None) -> pd.Series[str]:
    """Who of the losing side admits what each claim of others asserts.

    Parameters
    ----------
    tables : Mapping
        As for ``grade``.
    docket : Docket, optional
        Made of the same tables before, to save time.

    Returns
    -------
    Series of string
        By claim_id: names with semicolons between. Missing where there are none, for claims by the losing side
        itself, and for admissions known only through the opponent.
    """
    found, names = docket or Docket(tables), _names(tables)
    return _by_claim(found, lambda claim: names(found.admissions(claim)))


def contradicted_by(tables: Tables, docket: Docket | None = None) -> pd.Series[str]:
    """Which evidence shows another type or owner than each asserted claim, or that nothing was lost.

    Parameters
    ----------
    tables : Mapping
        As for ``grade``.
    docket : Docket, optional
        Made of the same tables before, to save time.

    Returns
    -------
    Series of string
        By claim_id: ids of evidence that is not deprecated, with semicolons between. Missing where there is none.
    """
    found = docket or Docket(tables)
    return _by_claim(found, lambda claim: [row.evidence_id for row in found.against(claim)])
