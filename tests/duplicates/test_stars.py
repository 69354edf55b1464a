"""The laws: one kept text in each star, no chains, whatever the order of the input."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpuskit.duplicates.candidates import keys_of, within
from corpuskit.duplicates.dedup import Deduped, dedup
from corpuskit.duplicates.index import Rooms, members
from corpuskit.duplicates.options import DEFAULTS
from corpuskit.duplicates.sketch import sketch_batch
from corpuskit.duplicates.stars import Standing, components, ranks, settle
from corpuskit.duplicates.verify import COPIES, verify

VOCABULARY = [f"w{at}" for at in range(400)]


def prose(seed: int, words: int = 120) -> list[str]:
    """Words drawn at random: no two seeds share a passage."""
    return random.Random(seed).choices(VOCABULARY, k=words)


@st.composite
def families(draw: st.DrawFn) -> dict[str, str]:
    """Texts of a few works, each a chain of copies in which every link changes, cuts or adds a little, so
    that neighbours are copies of one another and the ends of the chain are not."""
    texts: dict[str, str] = {}
    for work in range(draw(st.integers(1, 3))):
        words = prose(work)
        for link in range(draw(st.integers(1, 6))):
            change = draw(st.sampled_from(["same", "cut", "add", "edit"]))
            at = draw(st.integers(0, 80))
            new = prose(1000 + 100 * work + link, 15)
            if change == "cut":
                words = words[:at] + words[at + 15 :]
            elif change == "add":
                words = words[:at] + new + words[at:]
            elif change == "edit":
                words = words[:at] + new[:5] + words[at + 5 :]
            texts[f"{draw(st.integers(0, 99)):02d}-{work}-{link}"] = " ".join(words)
    return texts


def run(texts: dict[str, str], **states: str) -> Deduped:
    """Dedup texts by id; `states` names those that are not new."""
    standings = [Standing(id_, state=states.get(id_, "new")) for id_ in texts]  # type: ignore[arg-type]
    return dedup(list(texts.values()), standings)


@given(families())
@settings(max_examples=60, deadline=None)
def test_each_text_that_goes_is_a_copy_of_one_that_stays(texts: dict[str, str]) -> None:
    """Stars, no chains; nothing is lost from the account; a work keeps at least one text."""
    result = run(texts)
    assert set(texts) == set(result.kept) | {copy.id for copy in result.copies}
    assert len(texts) == len(result.kept) + len(result.copies)
    for copy in result.copies:
        assert copy.kept in result.kept
        assert verify(texts[copy.id], texts[copy.kept]).kind in COPIES
        assert copy.kept not in copy.also
        for other in copy.also:
            assert other in result.kept
            assert verify(texts[copy.id], texts[other]).kind in COPIES
    assert {id_[3] for id_ in texts} == {id_[3] for id_ in result.kept}


@given(families(), st.randoms())
@settings(max_examples=40, deadline=None)
def test_the_order_of_the_input_does_not_matter(texts: dict[str, str], shuffler: random.Random) -> None:
    """The same texts in another order give the same result to the last score."""
    items = list(texts.items())
    shuffler.shuffle(items)
    assert run(texts) == run(dict(items))


@given(families())
@settings(max_examples=40, deadline=None)
def test_what_stays_stays_when_the_rest_is_taken_away_first(texts: dict[str, str]) -> None:
    """Idempotent: the kept texts alone are all kept, so it does not matter when the copies are removed."""
    kept = run(texts).kept
    assert kept == run({id_: texts[id_] for id_ in kept}).kept


@given(families(), st.data())
@settings(max_examples=40, deadline=None)
def test_removing_some_copies_beforehand_changes_nothing(texts: dict[str, str], data: st.DataObject) -> None:
    """A text that would go anyway has no say in what stays."""
    result = run(texts)
    gone = [copy.id for copy in result.copies]
    before = data.draw(st.sets(st.sampled_from(gone)) if gone else st.just(set()))
    assert result.kept == run({id_: text for id_, text in texts.items() if id_ not in before}).kept


@given(st.lists(st.integers(0, 500), unique=True, min_size=1, max_size=12))
@settings(max_examples=30, deadline=None)
def test_a_text_without_a_copy_is_never_touched(seeds: list[int]) -> None:
    """Strangers all stay."""
    texts = {f"{seed:03d}": " ".join(prose(seed, 60)) for seed in seeds}
    assert tuple(sorted(texts)) == run(texts).kept


@given(families(), st.data())
@settings(max_examples=40, deadline=None)
def test_a_release_does_not_move(texts: dict[str, str], data: st.DataObject) -> None:
    """What was published stays published; new copies of it are attached to it or to what they resemble
    more."""
    old = data.draw(st.sets(st.sampled_from(sorted(texts))))
    result = run(texts, **dict.fromkeys(old, "released"))
    assert old <= set(result.kept)
    assert not old & {copy.id for copy in result.copies}


@given(families(), st.data())
@settings(max_examples=40, deadline=None)
def test_releases_one_after_the_other_never_take_back(texts: dict[str, str], data: st.DataObject) -> None:
    """What one release kept the next keeps, however the texts arrive; a release built again with nothing new is itself,
    and what hangs on a released text is a copy of it."""
    order = data.draw(st.permutations(sorted(texts)))
    kept: tuple[str, ...] = ()
    for start in range(0, len(order), 3):
        new = order[start : start + 3]
        result = run({id_: texts[id_] for id_ in (*kept, *new)}, **dict.fromkeys(kept, "released"))
        assert set(kept) <= set(result.kept)
        assert all(verify(texts[copy.id], texts[copy.kept]).kind in COPIES for copy in result.copies)
        kept = result.kept
    assert kept == run({id_: texts[id_] for id_ in kept}, **dict.fromkeys(kept, "released")).kept


@given(families(), st.data())
@settings(max_examples=40, deadline=None)
def test_what_is_withdrawn_stays_out_in_every_shape(texts: dict[str, str], data: st.DataObject) -> None:
    """Neither the text, nor a copy of it, nor what holds it is kept, released or not; all others are accounted for."""
    out = data.draw(st.sampled_from(sorted(texts)))
    old = data.draw(st.sets(st.sampled_from(sorted(texts))))
    result = run(texts, **{**dict.fromkeys(old, "released"), out: "withdrawn"})
    for id_ in result.kept:
        assert verify(texts[id_], texts[out]).kind not in COPIES
        assert verify(texts[out], texts[id_]).kind not in COPIES
    assert set(texts) == {out} | set(result.kept) | {copy.id for copy in result.copies}


def test_a_chain_does_not_pull_in_what_only_a_dropped_text_resembles() -> None:
    """A~B and B~C, but C lacks too much of A: C stays beside A."""
    a = prose(7, 200)
    b = a[:190]
    c = b[:100] + prose(8, 6) + b[106:180] + prose(9, 6)
    texts = {"a": " ".join(a), "b": " ".join(b), "c": " ".join(c)}
    assert verify(texts["b"], texts["a"]).kind in COPIES
    c_in_a = verify(texts["c"], texts["a"]).kind in COPIES
    assert not c_in_a
    assert run(texts).kept == ("a", "c")


def test_the_fullest_text_stays_then_the_best_known_then_the_oldest_then_the_smallest_id() -> None:
    """Keep order is total and does not depend on the input's order."""
    standings = [
        Standing("e", passages=10, fields=2, date="2001"),
        Standing("d", passages=10, fields=2, date="2001"),
        Standing("c", passages=10, fields=2),
        Standing("b", passages=10, fields=1, date="1999"),
        Standing("a", passages=9, fields=9, date="1999"),
        Standing("new", passages=99),
        Standing("old", passages=1, state="released"),
        Standing("out", passages=1, state="withdrawn"),
    ]
    order = sorted(zip(ranks(standings).tolist(), (s.id for s in standings), strict=True))
    assert [id_ for _, id_ in order] == ["out", "old", "new", "d", "e", "c", "b", "a"]


def test_a_text_that_repeats_itself_is_no_fuller_for_it() -> None:
    """Glued on twice, a text has more words than a copy with one sentence more, and says less."""
    work = prose(3, 200)
    texts = {"twice": " ".join(work + work), "fuller": " ".join(work + prose(5, 12))}
    assert [(copy.id, copy.kept) for copy in run(texts).copies] == [("twice", "fuller")]


def test_a_text_is_attached_to_the_best_kept_one() -> None:
    """Of two kept texts that hold it, the one of which it says more."""
    work = prose(3, 200)
    texts = {
        "book": " ".join(prose(4, 900) + work + prose(5, 300)),
        "essay": " ".join(work + prose(6, 20)),
        "stub": " ".join(work[:190]),
    }
    assert [(c.id, c.kept, c.edge.kind) for c in run(texts).copies] == [("stub", "essay", "near")]


def test_all_texts_that_stay_and_hold_a_copy_are_named() -> None:
    """It hangs on one of them; that the others hold it too is told, and holds."""
    work = prose(3, 200)
    texts = {
        "book": " ".join(prose(4, 900) + work + prose(5, 300)),
        "essay": " ".join(work + prose(6, 60)),
        "stub": " ".join(work[:190]),
        "copy": " ".join(work[:190]).upper(),
    }
    found = {copy.id: (copy.kept, copy.also) for copy in run(texts).copies}
    assert found == {"stub": ("essay", ("book",)), "copy": ("essay", ("book",))}


def test_a_copy_of_a_withdrawn_text_is_told_of_no_other() -> None:
    """Another text holds it more closely, and still it is the list that keeps it out."""
    work = prose(3, 200)
    texts = {
        "list": " ".join(prose(4, 900) + work + prose(5, 300)),
        "essay": " ".join(work + prose(6, 60)),
        "stub": " ".join(work[:190]),
    }
    result = run(texts, list="withdrawn")
    assert [(copy.id, copy.kept, copy.also) for copy in result.copies] == [("stub", "list", ())]
    assert result.kept == ("essay",)


def test_settling_holds_as_many_texts_as_it_is_told() -> None:
    """With room for two texts at a time the result is the same, it only takes longer."""
    texts = [" ".join(prose(3, 200 - at)) for at in range(30)]
    sketches = sketch_batch(texts)
    rows = within(keys := keys_of(sketches), np.zeros(len(keys.keys), dtype=np.int64))
    asked = np.bincount(sketches.anchor_texts[sketches.probes])
    rooms = Rooms(rows.keys.copy(), DEFAULTS.bucket)
    wide, narrow = (
        settle(texts.__getitem__, members([rows], rooms), rooms, asked, 0, 0, DEFAULTS, characters=room)
        for room in (1 << 23, 1500)
    )
    assert wide == narrow
    assert len(wide.drops) == 29


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=40))
def test_components_are_what_pairs_connect(pairs: list[tuple[int, int]]) -> None:
    """The label is the smallest rank that can be reached."""
    expected = list(range(31))
    for _ in range(31):
        for a, b in pairs:
            expected[a] = expected[b] = min(expected[a], expected[b])
    columns = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    assert expected == components(31, columns[:, 0], columns[:, 1]).tolist()


def test_a_withdrawn_text_takes_out_its_copies_and_what_holds_it() -> None:
    """The takedown list: the text is not published, nor a copy, nor a longer text that contains it, even when
    they were published before."""
    work = prose(3, 150)
    texts = {
        "list": " ".join(work),
        "again": " ".join(work).upper(),
        "shorter": " ".join(work[:120]),
        "book": " ".join(prose(4, 400) + work + prose(5, 400)),
        "stranger": " ".join(prose(6, 150)),
    }
    result = run(texts, list="withdrawn", book="released")
    assert result.kept == ("stranger",)
    assert {"again", "shorter", "book"} == {copy.id for copy in result.copies}


def test_a_withdrawn_text_is_found_in_a_crowd_that_holds_it() -> None:
    """However many anthologies have it: each is asked, not the first few."""
    work = prose(3, 150)
    texts = {f"{at:03d}": " ".join(prose(2000 + at, 500) + work + prose(4000 + at, 300)) for at in range(150)}
    assert run({"list": " ".join(work), **texts}, list="withdrawn").kept == ()


def test_ids_must_be_distinct() -> None:
    """An order over equal ids would depend on the input's order."""
    with pytest.raises(ValueError, match="distinct"):
        dedup(["one", "two"], [Standing("a"), Standing("a")])


def test_a_crowd_of_near_copies_leaves_one() -> None:
    """Two thousand copies, each with its own byline and cut, all go to the fullest one."""
    work = prose(11, 150)
    texts = {f"{at:04d}": f"by author{at} " + " ".join(work[: 150 - at % 12]) for at in range(2000)}
    result = run(texts)
    assert len(result.kept) == 1


def test_a_template_in_every_text_joins_none_of_them() -> None:
    """Forty words of furniture in each of four hundred texts are not a common work."""
    frame = prose(12, 40)
    texts = {f"{at:04d}": " ".join(frame + prose(2000 + at, 40)) for at in range(400)}
    assert len(run(texts).kept) == 400


def test_all_strangers_that_say_nothing_are_exact_copies_only_when_equal() -> None:
    """Texts without a word are compared as they are."""
    assert run({"a": "!!!", "b": "!!!", "c": "???"}).kept == ("a", "c")
