"""All tables as one workbook (XLSX): the codebook first, days as days, addresses to click, nothing cut."""

from __future__ import annotations

import datetime as dt
import io
from typing import TYPE_CHECKING, Any

from lossclaims.codebook import GROUPS
from lossclaims.releases import FORMULA

if TYPE_CHECKING:
    import pandas as pd

    from lossclaims.schema import Schema

# limits of the format: characters of a cell, characters of a link, links of a sheet
CELL, LINK, LINKS = 32_767, 2_079, 65_530
WIDEST = 60


def workbook(tables: dict[str, pd.DataFrame], schema: Schema, about: dict[str, Any], first: dict[str, str]) -> bytes:
    """Bytes of the workbook.

    Parameters
    ----------
    tables : dict of DataFrame
        Every table, typed.
    schema : Schema
    about : dict
        ``title``, ``version``, ``date-released``, ``authors`` and ``abstract`` of the release.
    first : dict of str to str
        What the sheet "about" says, line by line: name to text.

    Returns
    -------
    bytes
        The same for the same tables and version of XlsxWriter.

    Raises
    ------
    ValueError
        If a text is longer than a cell of a spreadsheet can be.
    """
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    day = dt.date.fromisoformat(about["date-released"])
    book.set_properties(
        {
            "title": about["title"],
            "author": " and ".join(about["authors"]),
            "comments": f"Version {about['version']}. {about['abstract']}",
            # without a day of its own the file would hold that of its making
            "created": dt.datetime(day.year, day.month, day.day),
        }
    )
    sheets = _Sheets(book)
    first_met = [name for _, names in GROUPS for name in names]
    ordered = sorted(schema.tables.items(), key=lambda t: [*first_met, t[0]].index(t[0]))
    fields = [(name, f) for name, table in ordered for f in table.fields]
    sheets.add(
        "codebook",
        ["table", "column", "type", "unit", "meaning", "example", "words"],
        [[n, f.name, f.type, f.unit, f.description, f.example, "; ".join(f.enum)] for n, f in fields],
        wrapped=True,
    )
    sheets.add("about", ["what", "text"], [[k, v] for k, v in first.items()], wrapped=True)
    for name, table in ordered:
        frame = tables[name].astype("object").where(tables[name].notna(), None)
        sheets.add(name, table.columns, frame.itertuples(index=False, name=None))
    book.close()
    return out.getvalue()


class _Sheets:
    def __init__(self, book: Any) -> None:
        self.book = book
        self.head = book.add_format({"bold": True, "bottom": 1})
        self.day = book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
        self.text = book.add_format({"quote_prefix": True})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})

    def add(self, name: str, columns: list[str], rows: Any, wrapped: bool = False) -> None:
        sheet = self.book.add_worksheet(name)
        widths = [len(c) + 3 for c in columns]
        for i, column in enumerate(columns):
            sheet.write_string(0, i, column, self.head)
        links = count = 0
        for r, row in enumerate(rows, 1):
            count = r
            if wrapped:
                # programs do not agree on whether they fit the height themselves
                sheet.set_row(r, 15 * max(-(-len(str(v)) // (WIDEST - 8)) for v in row))
            for i, value in enumerate(row):
                if value is None or value == "":
                    continue
                widths[i] = max(widths[i], min(len(str(value)), WIDEST))
                if isinstance(value, bool):
                    sheet.write_boolean(r, i, value)
                elif isinstance(value, (int, float)):
                    sheet.write_number(r, i, value)
                elif isinstance(value, dt.date):
                    widths[i] = max(len(columns[i]) + 3, 11)
                    sheet.write_datetime(r, i, value, self.day)
                else:
                    links += self._write(sheet, r, i, str(value), links)
        for i, width in enumerate(widths):
            sheet.set_column(i, i, width, self.wrapped if wrapped else None)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(count, 1), len(columns) - 1)

    def _write(self, sheet: Any, r: int, i: int, text: str, links: int) -> int:
        if len(text) > CELL:
            raise ValueError(f"{sheet.get_name()}: a text of {len(text)} characters does not fit into a cell")
        if text.startswith(("http://", "https://")) and len(text) <= LINK and links < LINKS:
            return int(sheet.write_url(r, i, text, string=text) == 0)
        sheet.write_string(r, i, text, self.text if text.startswith(FORMULA) else None)
        return 0
