"""Data test: is the first collection a picture of its campaign, from both sides, and can every row be followed?"""

from __future__ import annotations

import pandas as pd
import pytest

import lossclaims as lc

# incidents to what they are: events of which the sides told different things
DISPUTED = {
    "LYI2001": "Mirage F1 and its pilot, 7 May 2019",
    "LYI2016": "arms taken at Gharyan, June 2019",
    "LYI3003": "migrants at Tajoura, 2 July 2019",
    "LYI3007": "al-Jufra, 26 July 2019",
    "LYI3008": "Misrata, 27 July 2019",
    "LYI4002": "Il-76 at Misrata, 6 August 2019",
    "LYI5008": "Italian drone, 20 November 2019",
    "LYI5009": "US drone, 21 November 2019",
    "LYI6001": "military college, 4 January 2020",
    "LYI6016": "port of Tripoli, 18 February 2020",
    "LYI6017": "Turkish dead, February 2020",
    "LYI7002": "Tarhuna, 18 April 2020",
    "LYI8001": "Pantsir at al-Watiya, 16 May 2020",
    "LYI8003": "al-Watiya, 18 May 2020",
    "LYI8008": "al-Watiya, 5 July 2020",
    "LYI8019 LYI8020 LYI8021 LYI8022": "Sirte, June 2020",
    "LYI8013": "helicopter near Sukna, 23 September 2020",
}


@pytest.fixture(scope="module")
def claims() -> pd.DataFrame:
    return lc.load("claims")


def test_the_collection_is_as_large_as_it_says() -> None:
    sources = lc.load("sources")
    read = sources[sources["read_as"] != "not_read"]
    assert len(read) >= 1000 and read["language"].nunique() >= 20 and len(lc.load("mentions")) >= 2000
    months = read["published_latest"].dropna().dt.to_period("M").value_counts()
    assert (months.reindex(pd.period_range("2019-04", "2020-07", freq="M"), fill_value=0) >= 10).all()


@pytest.mark.parametrize("incidents", DISPUTED, ids=DISPUTED.get)
def test_a_dispute_has_more_than_one_voice(claims: pd.DataFrame, incidents: str) -> None:
    own = claims[claims["incident_id"].isin(incidents.split())]
    assert own["voice"].nunique() >= 2, DISPUTED[incidents]
    assert own["claimant_id"].nunique() >= 3


def test_every_row_leads_to_a_report(claims: pd.DataFrame) -> None:
    mentions, sources = lc.load("mentions"), lc.load("sources")
    told = mentions.merge(sources[["source_id", "url"]], on="source_id")
    assert set(claims["claim_id"]) == set(told["claim_id"])
    linked = told.groupby("claim_id")["url"].count()
    assert (linked > 0).mean() > 0.99


def test_nothing_lies_outside_the_campaign(claims: pd.DataFrame) -> None:
    (war,) = lc.load("collections").to_dict("records")
    incidents = lc.load("incidents")
    assert incidents["date_end"].between(war["date_start"], war["date_end"]).all()
    assert (claims["date_start"].dropna() <= war["date_end"]).all()


def test_nobody_speaks_before_the_event(claims: pd.DataFrame) -> None:
    begins = lc.load("incidents").set_index("incident_id")["date_start"]
    told = claims[claims["incident_id"].notna() & claims["said_on"].notna()]
    begin = told["incident_id"].map(begins)
    assert (told["said_on"] >= begin)[begin.notna()].all()


def test_most_of_the_campaign_was_read_twice() -> None:
    sources = lc.load("sources")
    assert sources["reviewer"].notna().sum() >= 1400
    second = set(lc.load("reliability")["n_reports"])
    assert second and min(second) >= 100


def test_coders_agree_where_conclusions_rest() -> None:
    table = lc.load("reliability").set_index("field")
    assert (table["n_reports"] >= 100).all()
    fields = ["claimant_id", "lost_by_id", "equipment_class", "outcome", "figure_kind", "count_low", "count_high"]
    assert (table.loc[fields, "alpha"] >= 0.8).all()
