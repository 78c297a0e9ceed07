"""Device profiles: the shipped ones are sound; names become UIDs."""

from __future__ import annotations

import pytest

from dicomtest.dicom.objects import KINDS
from dicomtest.errors import UsageError
from dicomtest.spec import names
from dicomtest.spec.profile import load_profile, profile_names

CT = "1.2.840.10008.5.1.4.1.1.2"
EXPLICIT, IMPLICIT = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2"
HEAD = "profile: p\nactor: pacs\nae_title: P\nport: 104\n"


def test_the_shipped_profiles_load_and_are_named_like_their_files():
    assert {"ct", "cr", "mr", "us", "modality", "pacs", "workstation"} <= set(profile_names())
    for name in profile_names():
        profile = load_profile(name)
        assert profile.name == name
        assert profile.title.zh and profile.title.en


@pytest.mark.parametrize(
    ("actor", "port", "ae_title"),
    [("pacs", 11112, "DT_PACS"), ("modality", 11113, "DT_MOD"), ("workstation", 11114, "DT_WS")],
)
def test_default_ports_and_titles(actor, port, ae_title):
    profile = load_profile(actor)

    assert (profile.actor, profile.port, profile.ae_title) == (actor, port, ae_title)


def test_the_pacs_provides_storage_and_query_retrieve_and_sends_what_is_retrieved():
    classes = {each.uid: each for each in load_profile("pacs").sop_classes}

    assert classes[CT].roles == {"scp", "scu"}
    assert classes[CT].transfer_syntaxes[:2] == (EXPLICIT, IMPLICIT)
    assert classes["1.2.840.10008.5.1.4.1.2.2.1"].roles == {"scp"}
    assert classes["1.2.840.10008.5.1.4.1.2.2.1"].transfer_syntaxes == (EXPLICIT, IMPLICIT)


def test_every_kind_of_synthetic_object_can_be_named_and_sent_by_some_modality():
    sent = {each.uid for each in load_profile("modality").in_role("scu")}

    for kind in KINDS.values():
        assert names.sop_class_uid(kind.name) == kind.sop_class
        assert kind.sop_class in sent


def test_all_storage_leaves_out_other_industries_and_media_directories():
    classes = names.storage_classes()

    assert CT in classes
    assert len(classes) > 150
    assert not {"1.2.840.10008.1.3.10", "1.2.840.10008.5.1.4.1.1.501.1"} & set(classes)


def test_groups_of_transfer_syntaxes_are_spelt_out_once_each():
    uids = names.transfer_syntax_uids(["uncompressed", "RLELossless", "lossless"])

    assert uids[:3] == (EXPLICIT, IMPLICIT, "1.2.840.10008.1.2.5")
    assert len(uids) == len(set(uids))


def test_a_later_entry_for_a_class_replaces_an_earlier_one(write):
    text = (
        HEAD + "sop_classes:\n  - {storage: all, roles: scp}\n"
        "  - {class: ct, roles: [scu], transfer_syntaxes: ImplicitVRLittleEndian}\n"
    )

    profile = load_profile(write(text))

    (ct,) = (each for each in profile.sop_classes if each.uid == CT)
    assert (ct.roles, ct.transfer_syntaxes) == ({"scu"}, (IMPLICIT,))


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        ("{class: CTImageStore, roles: scp}", 'did you mean "CTImageStorage"'),
        ("{class: ct, roles: spc}", 'did you mean "scp"'),
        ("{class: ct, roles: []}", "at least 1"),
        ("{roles: scp}", "name the SOP classes"),
        ("{class: ct, roles: scp, transfer_syntaxes: [RLE]}", 'did you mean "RLELossless"'),
        ("{class: ct, role: scp}", 'did you mean "roles"'),
    ],
)
def test_a_bad_claim_is_refused_with_its_place(write, problems, entry, what):
    (found,) = problems(load_profile, write(f"{HEAD}sop_classes:\n  - {entry}\n"))

    assert what in found.what
    assert found.line == 6


def test_a_profile_that_does_not_exist_is_refused_with_a_suggestion():
    with pytest.raises(UsageError, match='did you mean "workstation"'):
        load_profile("workstaton")
