"""What catalogues and search engines read of the dataset: schema.org JSON-LD, Zenodo, Croissant, GeoJSON of incidents.

All of it comes from ``CITATION.cff``, the schemas and the tables; nothing is stated here a second time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lossclaims.releases import cell

if TYPE_CHECKING:
    import pandas as pd

    from lossclaims.schema import Schema

LICENCE = "https://creativecommons.org/licenses/by/4.0/"
_CROISSANT_TYPES = {
    "string": "sc:Text", "integer": "sc:Integer", "number": "sc:Float", "boolean": "sc:Boolean", "date": "sc:Date",
}  # fmt: skip
# the context that the format prescribes, https://docs.mlcommons.org/croissant/docs/croissant-spec.html
_CROISSANT_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}


def as_json(value: Any) -> bytes:
    """JSON as every published file has it: UTF-8, one space of indent, a line end."""
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def zenodo(about: Mapping[str, Any]) -> bytes:
    """``.zenodo.json``, which Zenodo reads of a release."""
    return as_json(
        {
            "title": about["title"],
            "description": about["abstract"],
            "upload_type": "dataset",
            "access_right": "open",
            "license": "cc-by-4.0",
            "creators": [{"name": name} for name in about["authors"]],
            "keywords": about["keywords"],
            "version": about["version"],
            "publication_date": about["date-released"],
        }
    )


def json_ld(about: Mapping[str, Any], files: Mapping[str, bytes], coverage: Mapping[str, str]) -> bytes:
    """schema.org description of the dataset.

    Parameters
    ----------
    about : Mapping
        What ``CITATION.cff`` says.
    files : Mapping of str to bytes
        Path, below the description's own folder, of each file that can be downloaded, with its content.
    coverage : Mapping
        ``start`` and ``end`` of the collections, ISO days.

    Returns
    -------
    bytes
    """
    media = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}
    return as_json(
        {
            "@context": "https://schema.org/",
            "@type": "Dataset",
            "name": about["title"],
            "description": about["abstract"],
            "version": about["version"],
            "datePublished": about["date-released"],
            "license": LICENCE,
            "isAccessibleForFree": True,
            "keywords": about["keywords"],
            "creator": [{"@type": "Organization", "name": name} for name in about["authors"]],
            "temporalCoverage": f"{coverage['start']}/{coverage['end']}",
            "distribution": [
                {
                    "@type": "DataDownload",
                    "name": path.rpartition("/")[2],
                    "contentUrl": path,
                    "encodingFormat": media[path.rpartition(".")[2]],
                    "sha256": hashlib.sha256(data).hexdigest(),
                }
                for path, data in files.items()
            ],
        }
    )


def croissant(
    about: Mapping[str, Any], schema: Schema, archive: tuple[str, bytes], files: Mapping[str, bytes], citation: str
) -> bytes:
    """Croissant description of the CSV archive.

    Parameters
    ----------
    about : Mapping
        What ``CITATION.cff`` says.
    schema : Schema
    archive : (str, bytes)
        Name and content of the zip of CSV.
    files : Mapping of str to bytes
        Table name to its CSV, as it lies in the archive below ``tables/``.
    citation : str

    Returns
    -------
    bytes
    """
    name, data = archive
    objects: list[dict[str, Any]] = [
        {
            "@type": "cr:FileObject",
            "@id": "archive",
            "name": name,
            "contentUrl": name,
            "encodingFormat": "application/zip",
            "sha256": hashlib.sha256(data).hexdigest(),
        }
    ]
    sets = []
    for table_name, table in schema.tables.items():
        objects.append(
            {
                "@type": "cr:FileObject",
                "@id": f"{table_name}.csv",
                "name": f"{table_name}.csv",
                "containedIn": {"@id": "archive"},
                "contentUrl": f"tables/{table_name}.csv",
                "encodingFormat": "text/csv",
                "sha256": hashlib.sha256(files[table_name]).hexdigest(),
            }
        )
        sets.append(
            {
                "@type": "cr:RecordSet",
                "@id": table_name,
                "name": table_name,
                "description": table.description,
                "key": [{"@id": f"{table_name}/{k}"} for k in table.primary_key],
                "field": [
                    {
                        "@type": "cr:Field",
                        "@id": f"{table_name}/{f.name}",
                        "name": f.name,
                        "description": f.description,
                        "dataType": _CROISSANT_TYPES[f.type],
                        "source": {"fileObject": {"@id": f"{table_name}.csv"}, "extract": {"column": f.name}},
                    }
                    for f in table.fields
                ],
            }
        )
    return as_json(
        {
            "@context": _CROISSANT_CONTEXT,
            "@type": "sc:Dataset",
            "name": "lossclaims",
            "description": about["abstract"],
            "conformsTo": "http://mlcommons.org/croissant/1.0",
            "version": about["version"],
            "datePublished": about["date-released"],
            "license": LICENCE,
            "url": name,
            "citeAs": citation,
            "creator": [{"@type": "sc:Organization", "name": who} for who in about["authors"]],
            "keywords": about["keywords"],
            "distribution": objects,
            "recordSet": sets,
        }
    )


def geojson(tables: Mapping[str, pd.DataFrame]) -> bytes:
    """Incidents as GeoJSON (RFC 7946): the point of the place that they name, or no point.

    Parameters
    ----------
    tables : Mapping
        Needs ``incidents`` and ``places``.

    Returns
    -------
    bytes
        One feature per incident; longitude before latitude. The point is that of the named place, ``uncertainty_km``
        wide, not of the event.
    """
    places = tables["places"].set_index("place_id")
    features = []
    for row in tables["incidents"].astype("object").to_dict("records"):
        place = places.loc[row["place_id"]] if row["place_id"] in places.index else None
        point = None
        shown = {str(k): _plain(v) for k, v in row.items()}
        if place is not None:
            shown |= {"place": _plain(place["name"]), "uncertainty_km": _plain(place["uncertainty_km"])}
            if _plain(place["longitude"]) is not None:
                point = {"type": "Point", "coordinates": [float(place["longitude"]), float(place["latitude"])]}
        features.append({"type": "Feature", "id": row["incident_id"], "geometry": point, "properties": shown})
    return as_json({"type": "FeatureCollection", "features": features})


def _plain(value: Any) -> Any:
    """A value as JSON has it; days as ISO text, missing as null."""
    import pandas as pd

    if value is None or pd.isna(value):
        return None
    return value if isinstance(value, (bool, int, float, str)) else cell(value)
