"""JSON Schemas of the hand-written records, by which editors complete and check."""

from __future__ import annotations

from typing import Any

from lossclaims.records import KINDS
from lossclaims.schema import Field, Schema
from lossclaims.vocabulary import NAMED, Vocabulary

DIALECT = "http://json-schema.org/draft-07/schema#"  # the one that YAML editors know best


def record_schemas(schema: Schema, vocabulary: Vocabulary) -> dict[str, dict[str, Any]]:
    """JSON Schema of each kind of record.

    Parameters
    ----------
    schema : Schema
    vocabulary : Vocabulary
        Ids become enums; a checker accepts names and aliases too and can rewrite them as ids.

    Returns
    -------
    dict
        Kind of record to its JSON Schema (draft 7).
    """
    made = {}
    for kind in KINDS:
        top = _object(kind.top_fields(schema), vocabulary)
        for key in kind.lists:
            entry = _object(kind.list_fields(schema, key), vocabulary)
            top["properties"][key] = {"type": "array", "items": entry, "minItems": 1}
        title = f"{kind.name.capitalize()} record"
        made[kind.name] = {"$schema": DIALECT, "title": title} | top
    return made


def _object(fields: list[Field], vocabulary: Vocabulary) -> dict[str, Any]:
    required = [f.name for f in fields if f.required and f.coded == "true"]
    made: dict[str, Any] = {"type": "object", "additionalProperties": False}
    made["properties"] = {f.name: _property(f, vocabulary) for f in fields}
    return made | ({"required": required} if required else {})


def _property(f: Field, vocabulary: Vocabulary) -> dict[str, Any]:
    made: dict[str, Any] = {"title": f.title, "description": f.description}
    words = f.enum
    table = f.references.partition(".")[0]
    if table == "outlets" or table in NAMED:
        # names and aliases are accepted by the checker, ids are what the canonical form holds
        words = sorted(set(vocabulary.names[table].values()))
    if f.type in ("integer", "number"):
        made["type"] = f.type
        for key in ("minimum", "maximum"):
            if key in f.constraints:
                made[key] = f.constraints[key]
    elif f.type == "boolean":
        made["type"] = "boolean"
    else:
        made["type"] = "string"
        if words:
            made["enum"] = words
        if f.type == "date":
            made["format"] = "date"
        if "pattern" in f.constraints:
            made["pattern"] = f.constraints["pattern"]
    made["examples"] = [f.cast(f.example) if f.type in ("integer", "number", "boolean") else f.example]
    return made
