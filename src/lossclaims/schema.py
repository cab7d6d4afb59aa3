"""The compiler of ``schemas/tables/*.yaml``, the only place where a column is defined.

It turns them into casts of text, pandas dtypes, pyarrow schemas, pandera checks and Frictionless schemas.
It refuses what it does not know: another key, type or constraint in a schema file is an error.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from lossclaims._names import TableName
from lossclaims.house import House
from lossclaims.problems import Place, Problems
from lossclaims.yamltext import Map, Node, Scalar, Seq, read_yaml

if TYPE_CHECKING:
    import pandera.pandas as pa_pandas
    import pyarrow as pa

Value = str | int | float | bool | dt.date

PANDAS_DTYPES = {
    "string": "string",
    "integer": "Int64",
    "number": "Float64",
    "boolean": "boolean",
    "date": "datetime64[s]",
}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_DIGITS = re.compile(r"([0-9]+)")
CONSTRAINTS = frozenset({"required", "unique", "pattern", "minimum", "maximum", "enum"})
FIELD_KEYS = frozenset(
    {"name", "use", "title", "description", "type", "example", "constraints", "coded", "terms", "references", "unit"}
)
TABLE_KEYS = frozenset({"name", "title", "description", "primaryKey", "identity", "fields"})


@dataclass(frozen=True)
class Field:
    """One column.

    Parameters
    ----------
    name, title, description, type, example : str
        As in the schema file; `type` is a key of ``PANDAS_DTYPES``.
    constraints : Mapping
        Frictionless constraints; ``enum`` is filled in from `terms`.
    coded : str
        ``""`` derived, ``"true"`` written by a coder, ``"optional"`` written by a coder and never required
        of one.
    terms : tuple of str
        Vocabularies of ``terms.csv`` whose words the column takes.
    references : str
        ``table.column`` that the column points to, or ``""``.
    unit : str
        Unit of measure, or ``""``.
    """

    name: str
    title: str
    description: str
    type: str
    example: str
    constraints: Mapping[str, Any] = field(default_factory=dict)
    coded: str = ""
    terms: tuple[str, ...] = ()
    references: str = ""
    unit: str = ""

    @property
    def required(self) -> bool:
        return bool(self.constraints.get("required"))

    @property
    def enum(self) -> list[str]:
        return list(self.constraints.get("enum", ()))

    @cached_property
    def pattern(self) -> re.Pattern[str] | None:
        text = self.constraints.get("pattern")
        return re.compile(text) if text else None

    @property
    def dtype(self) -> str:
        """pandas dtype; controlled columns are categories."""
        return "category" if self.enum and self.type == "string" else PANDAS_DTYPES[self.type]

    def cast(self, text: str) -> Value:
        """Turn a text into a value of the column.

        Raises
        ------
        ValueError
            With what would be accepted.
        """
        value: Value
        if self.type == "integer":
            if not re.fullmatch(r"-?(0|[1-9][0-9]*)", text):
                raise ValueError("a whole number in digits, such as " + self.example)
            value = int(text)
        elif self.type == "number":
            if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text):
                raise ValueError("a number in digits with a point, such as " + self.example)
            value = float(text)
        elif self.type == "boolean":
            if text not in ("true", "false"):
                raise ValueError("true or false")
            value = text == "true"
        elif self.type == "date":
            # fromisoformat alone would take 20200524 and 2020-W21-7
            if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
                raise ValueError("a day as YYYY-MM-DD, such as " + self.example)
            try:
                value = dt.date.fromisoformat(text)
            except ValueError:
                raise ValueError("a day that the calendar has, as YYYY-MM-DD") from None
        else:
            if text != text.strip() or _CONTROL.search(text):
                raise ValueError("text without blanks at its ends, line breaks or control characters")
            value = text
        self._hold(value)
        return value

    def _hold(self, value: Value) -> None:
        if self.enum and value not in self.enum:
            vocabulary = " or ".join(self.terms)
            raise ValueError(f"one of {', '.join(self.enum)}, the {vocabulary} words of datasets/vocabulary/terms.csv")
        if self.pattern and not self.pattern.search(str(value)):
            raise ValueError(f"text of the form {self.pattern.pattern}, such as {self.example}")
        low, high = self.constraints.get("minimum"), self.constraints.get("maximum")
        if low is not None and isinstance(value, (int, float)) and value < low:
            raise ValueError(f"at least {low}")
        if high is not None and isinstance(value, (int, float)) and value > high:
            raise ValueError(f"at most {high}")


@dataclass(frozen=True)
class Table:
    """One table: its columns in order, its primary key, and what its ids stand for.

    A published id whose `identity` columns all differ has come to mean something else.
    """

    name: str
    title: str
    description: str
    primary_key: tuple[str, ...]
    fields: tuple[Field, ...]
    identity: tuple[str, ...] = ()

    @cached_property
    def by_name(self) -> dict[str, Field]:
        return {f.name: f for f in self.fields}

    @property
    def columns(self) -> list[str]:
        return [f.name for f in self.fields]

    @property
    def coded(self) -> list[Field]:
        """Columns that a coder writes in a record."""
        return [f for f in self.fields if f.coded]

    def arrow(self) -> pa.Schema:
        """pyarrow schema with title, description and unit as field metadata."""
        import pyarrow as pa

        kinds: dict[str, pa.DataType] = {
            "string": pa.string(),
            "integer": pa.int64(),
            "number": pa.float64(),
            "boolean": pa.bool_(),
            "date": pa.date32(),
        }
        columns = []
        for f in self.fields:
            kind = pa.dictionary(pa.int32(), pa.string()) if f.dtype == "category" else kinds[f.type]
            about = {"title": f.title, "description": f.description} | ({"unit": f.unit} if f.unit else {})
            columns.append(pa.field(f.name, kind, nullable=not f.required, metadata=about))
        return pa.schema(columns)

    def pandera(self) -> pa_pandas.DataFrameSchema:
        """pandera checks of every constraint, and of the primary key."""
        import pandera.pandas as pa

        columns = {}
        for f in self.fields:
            checks = []
            if f.enum:
                checks.append(pa.Check.isin(f.enum, error="enum"))
            if f.pattern:
                checks.append(pa.Check.str_matches(f.pattern.pattern, error="pattern"))
            if "minimum" in f.constraints:
                checks.append(pa.Check.ge(f.constraints["minimum"], error="minimum"))
            if "maximum" in f.constraints:
                checks.append(pa.Check.le(f.constraints["maximum"], error="maximum"))
            # the words of an enum are checked by value, so that a stray word is named and not a dtype
            columns[f.name] = pa.Column(
                None if f.dtype == "category" else f.dtype,
                checks,
                nullable=not f.required,
                unique=bool(f.constraints.get("unique")),
            )
        return pa.DataFrameSchema(columns, strict=True, ordered=True, unique=list(self.primary_key))

    def frictionless(self, *, foreign_keys: bool = True) -> dict[str, Any]:
        """Frictionless Table Schema.

        Parameters
        ----------
        foreign_keys : bool
            False for the Parquet twin, whose keys the CSV resource already states.
        """
        fields = []
        for f in self.fields:
            about: dict[str, Any] = {"name": f.name, "type": f.type, "title": f.title}
            about |= {"description": f.description, "example": f.example}
            if f.unit:
                about["unit"] = f.unit
            if f.constraints:
                about["constraints"] = dict(f.constraints)
            fields.append(about)
        schema: dict[str, Any] = {"fields": fields, "primaryKey": list(self.primary_key), "missingValues": [""]}
        keys = []
        for f in self.fields if foreign_keys else ():
            if f.references:
                table, column = f.references.split(".")
                # an empty resource means the table itself
                resource = "" if table == self.name else table
                keys.append({"fields": [f.name], "reference": {"resource": resource, "fields": [column]}})
        return schema | ({"foreignKeys": keys} if keys else {})


@dataclass(frozen=True)
class Schema:
    """All tables by name, with the place of each column's definition."""

    tables: Mapping[str, Table]
    places: Mapping[tuple[str, str], Place]

    def __getitem__(self, table: str) -> Table:
        return self.tables[table]


def natural_key(text: str) -> tuple[str, ...]:
    """Sort key under which LY0003.10 comes after LY0003.9."""
    return tuple(part.zfill(9) if i % 2 else part for i, part in enumerate(_DIGITS.split(text)))


def load_schema(house: House, problems: Problems) -> Schema:
    """Read every table schema and fill in the controlled words.

    Parameters
    ----------
    house : House
    problems : Problems
        Faults are added here; a column with a fault is left out.

    Returns
    -------
    Schema
    """
    words = _words(house.vocabulary / "terms.csv")
    raw: dict[str, tuple[str, Map]] = {}
    for path in sorted(house.table_schemas.glob("*.yaml")):
        top = read_yaml(path, house.name(path), problems)
        if isinstance(top, Map):
            raw[path.stem] = (house.name(path), top)
    reader = _Reader(raw, words, problems)
    tables = {name: table for name in raw if (table := reader.table(name)) is not None}
    for name in sorted(set(get_args(TableName)) - set(raw)):
        problems.add(
            Place(house.name(house.table_schemas / f"{name}.yaml")), "", "", "published_table_has_a_schema",
            "the schema of every published table; a table is withdrawn in _names.py first",
        )  # fmt: skip
    for table in tables.values():
        for f in table.fields:
            target, _, column = f.references.partition(".")
            if f.references and column not in (tables[target].by_name if target in tables else {}):
                problems.add(
                    reader.places[table.name, f.name],
                    "references",
                    f.references,
                    "reference_points_to_a_column",
                    "table.column of another schema file",
                )
    return Schema(tables, reader.places)


def _words(path: Path) -> dict[str, list[str]]:
    """Terms by vocabulary; the file's own faults are found when it is read as a table."""
    words: dict[str, list[str]] = {}
    if path.is_file():
        with path.open(encoding="utf-8", errors="replace", newline="") as stream:
            for row in list(csv.reader(stream))[1:]:
                if len(row) >= 2:
                    words.setdefault(row[0], []).append(row[1])
    return words


class _Reader:
    """Schema files to tables, with every fault named at its line."""

    def __init__(self, raw: Mapping[str, tuple[str, Map]], words: Mapping[str, list[str]], problems: Problems) -> None:
        self.raw, self.words, self.problems = raw, words, problems
        self.places: dict[tuple[str, str], Place] = {}
        self.done: dict[tuple[str, str], Field | None] = {}

    def table(self, name: str) -> Table | None:
        file, top = self.raw[name]
        self._known(file, top, TABLE_KEYS)
        texts = {key: self._text(file, top, key) for key in ("name", "title", "description")}
        if None in texts.values():
            return None
        if texts["name"] != name:
            self._fault(file, top.line, "name", texts["name"], "table_is_named_as_its_file", name)
        listed = top.get("fields")
        if not isinstance(listed, Seq) or not listed.items:
            self._fault(file, top.line, "fields", "", "table_has_columns", "a list of columns")
            return None
        fields = []
        for node in listed.items:
            column = self._column_name(file, node)
            if column and (name, column) in self.places:
                self._fault(file, node.line, "name", column, "column_is_defined_once", "another name")
            elif column:
                self.places[name, column] = Place(file, node.line)
                made = self.field(name, column)
                fields += [made] if made else []
        keys = self._columns(file, top, "primaryKey", fields)
        if not keys:
            self._fault(file, top.line, "primaryKey", "", "table_has_a_primary_key", "a list of columns")
        identity = self._columns(file, top, "identity", fields)
        return Table(name, texts["title"] or "", texts["description"] or "", keys, tuple(fields), identity)

    def _columns(self, file: str, top: Map, key: str, fields: list[Field]) -> tuple[str, ...]:
        """Columns that a key of a table lists; one that the table lacks is a fault."""
        value = top.get(key)
        found = [n.text for n in value.items if isinstance(n, Scalar)] if isinstance(value, Seq) else []
        names = [f.name for f in fields]
        rule = {"primaryKey": "primary_key_is_a_column", "identity": "identity_is_a_column"}[key]
        for column in found:
            if column not in names:
                self._fault(file, top.line_of(key), key, column, rule, ", ".join(names))
        return tuple(found)

    def field(self, table: str, column: str) -> Field | None:
        if (table, column) not in self.done:
            self.done[table, column] = None  # a definition that leads back to itself ends here
            self.done[table, column] = self._make(table, column)
        return self.done[table, column]

    def _column_name(self, file: str, node: Node) -> str:
        if isinstance(node, Map):
            for key in ("name", "use"):
                if isinstance(value := node.get(key), Scalar) and value.text:
                    return value.text.rpartition(".")[2]
        self._fault(file, node.line, "fields", "", "column_has_a_name", "a mapping with name, or use: table.column")
        return ""

    def _make(self, table: str, column: str) -> Field | None:
        file, top = self.raw[table]
        listed = top.get("fields")
        nodes = listed.items if isinstance(listed, Seq) else []
        node = next((n for n in nodes if isinstance(n, Map) and self._quiet_name(n) == column), None)
        if node is None:
            return None
        self._known(file, node, FIELD_KEYS)
        base = None
        use = node.get("use")
        if isinstance(use, Scalar):
            source, _, name = use.text.rpartition(".")
            base = self.field(source, name) if source in self.raw else None
            if base is None:
                self._fault(file, use.line, "use", use.text, "used_column_is_defined", "table.column of a schema file")
                return None
        texts: dict[str, str] = {}
        for key in ("title", "description", "type", "example", "references", "unit", "coded"):
            default = getattr(base, key) if base and key != "coded" else ""
            texts[key] = (self._text(file, node, key, default) or "") if key in node.keys else default
        for key in ("title", "description", "type", "example"):
            if not texts[key]:
                self._fault(file, node.line, key, "", f"column_has_a_{key}", "a text")
                return None
        if texts["type"] not in PANDAS_DTYPES:
            self._fault(file, node.line_of("type"), "type", texts["type"], "type_is_known", ", ".join(PANDAS_DTYPES))
            return None
        if texts["coded"] not in ("", "true", "optional"):
            self._fault(file, node.line_of("coded"), "coded", texts["coded"], "coded_is_known", "true, optional")
        last = re.split(r"(?<=\.) ", texts["description"])[-1]
        if last != "Never empty." and not last.startswith("Empty, "):
            self._fault(
                file,
                node.line_of("description") or node.line,
                "description",
                last,
                "description_ends_in_what_an_empty_cell_means",
                "a last sentence 'Never empty.' or 'Empty, ....'",
            )
        constraints = self._constraints(file, node, texts["type"], base)
        terms = base.terms if base else ()
        if (listed := node.get("terms")) is not None:
            terms = tuple(n.text for n in listed.items if isinstance(n, Scalar)) if isinstance(listed, Seq) else ()
        constraints.pop("enum", None)
        for vocabulary in terms:
            if vocabulary not in self.words:
                self._fault(
                    file, node.line_of("terms") or node.line, "terms", vocabulary, "vocabulary_has_terms",
                    "a vocabulary of datasets/vocabulary/terms.csv: " + ", ".join(sorted(self.words)),
                )  # fmt: skip
        if terms:
            constraints["enum"] = sorted({w for v in terms for w in self.words.get(v, [])})
        made = Field(column, constraints=constraints, terms=terms, **texts)
        if made.required != (last == "Never empty."):
            self._fault(
                file, node.line, "constraints", "", "required_agrees_with_description",
                "required: true together with 'Never empty.'",
            )  # fmt: skip
        try:
            made.cast(made.example)
        except ValueError as error:
            self._fault(
                file, node.line_of("example") or node.line, "example", made.example, "example_is_valid", str(error)
            )
        return made

    def _constraints(self, file: str, node: Map, kind: str, base: Field | None) -> dict[str, Any]:
        given = node.get("constraints")
        if given is None:
            return dict(base.constraints) if base else {}
        if not isinstance(given, Map):
            self._fault(file, given.line, "constraints", "", "constraints_are_a_mapping", "{required: true}")
            return {}
        # stating constraints anew replaces flags, but the form of a value belongs to the column everywhere
        kept = {k: v for k, v in (base.constraints if base else {}).items() if k not in ("required", "unique")}
        made: dict[str, Any] = dict(kept)
        self._known(file, given, CONSTRAINTS, "constraint_is_known")
        for key, value in given.items():
            if key not in CONSTRAINTS or not isinstance(value, Scalar):
                continue
            try:
                if key in ("required", "unique"):
                    if value.text not in ("true", "false"):
                        raise ValueError("true or false")
                    if value.text == "true":
                        made[key] = True
                elif key in ("minimum", "maximum"):
                    if kind not in ("integer", "number"):
                        raise ValueError(f"no {key} on a column of type {kind}")
                    made[key] = int(value.text) if re.fullmatch(r"-?[0-9]+", value.text) else float(value.text)
                elif key == "pattern":
                    if kind != "string":
                        raise ValueError(f"no pattern on a column of type {kind}")
                    re.compile(value.text)
                    if not (value.text.startswith("^") and value.text.endswith("$")):
                        raise ValueError("a pattern between ^ and $")
                    made[key] = value.text
                else:
                    raise ValueError("terms: [vocabulary] instead of a list in the schema")
            except (ValueError, re.error) as error:
                self._fault(file, value.line, key, value.text, "constraint_is_valid", str(error))
        return made

    @staticmethod
    def _quiet_name(node: Map) -> str:
        for key in ("name", "use"):
            if isinstance(value := node.get(key), Scalar):
                return value.text.rpartition(".")[2]
        return ""

    def _known(self, file: str, node: Map, accepted: frozenset[str], rule: str = "key_is_known") -> None:
        for key in node.keys:
            if key not in accepted:
                self._fault(file, node.line_of(key), key, "", rule, ", ".join(sorted(accepted)))

    def _text(self, file: str, node: Map, key: str, default: str | None = None) -> str | None:
        value = node.get(key)
        if isinstance(value, Scalar) and value.text:
            return value.text
        self._fault(file, node.line_of(key) or node.line, key, "", f"{key}_is_a_text", "a text")
        return default

    def _fault(self, file: str, line: int, key: str, value: str | None, rule: str, remedy: str) -> None:
        self.problems.add(Place(file, line), key, value, rule, remedy)
