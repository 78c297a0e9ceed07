"""What a site's trigger command does with independent programs: one action for each kind of step.

    python initiators.py dcmtk FOLDER       echoscu, storescu, dcmsend, findscu, movescu, getscu,
                                            dcmpsprt and dcmprscu; MPPS with odil
    python initiators.py orthanc HTTP_PORT  Orthanc by its REST interface; MPPS with dcmjs-dimse

Everything else comes from the environment, as DICOMTEST_... Ends with 1 when the program fails.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

sys.path += [str(Path(__file__).parent), str(Path(__file__).parents[1])]

from programs import (  # not from the package `support`, which takes a second to import
    NODE_SCRIPTS,
    ODIL_SCRIPTS,
    SYSTEM_PYTHON,
    dcmtk_program,
    node_modules,
    program,
)

TOLD = {
    name.removeprefix("DICOMTEST_").lower(): value
    for name, value in os.environ.items()
    if name.startswith("DICOMTEST_")
}
END = ("20260101", "120500")


def run(*command: str, **environment: str) -> int:
    """Run a program to its end."""
    return subprocess.run(command, env={**os.environ, **environment}, check=False).returncode


def dcmtk(folder: Path) -> int:
    """DCMTK's programs."""
    kind = TOLD["kind"]
    who = ["-aet", TOLD["calling"], "-aec", TOLD["ae_title"]]
    there = [TOLD["host"], TOLD["port"]]
    if kind == "verify":
        return run(dcmtk_program("echoscu"), *who, *there)
    if kind == "store" and TOLD["images"] == "2":
        return run(dcmtk_program("dcmsend"), *who, "+sd", *there, TOLD["objects"])
    if kind == "store":
        return run(dcmtk_program("storescu"), *who, "+sd", *there, TOLD["objects"])
    if kind in ("worklist", "query"):
        model = "-W" if kind == "worklist" else "-S"
        return run(dcmtk_program("findscu"), *who, model, *there, TOLD["request"])
    if kind == "move":
        receive = ["-S", "-aem", TOLD["calling"], "+P", TOLD["own_port"], "-od", TOLD["folder"]]
        return run(dcmtk_program("movescu"), *who, *receive, *there, TOLD["request"])
    if kind == "get":
        return run(dcmtk_program("getscu"), *who, "-S", "-od", TOLD["folder"], *there,
                   TOLD["request"])  # fmt: skip
    if kind == "print":
        return dcmprscu(folder)
    script = str(ODIL_SCRIPTS / "mpps_scu.py")
    ending = [] if TOLD["status"] == "IN PROGRESS" else [TOLD["status"]]
    return run(SYSTEM_PYTHON, script, *there, TOLD["calling"], TOLD["ae_title"], *ending)


def dcmprscu(folder: Path) -> int:
    """Have a print job made of the images, and print it."""
    from support.dcmtk import print_configuration

    printer = {TOLD["ae_title"]: (TOLD["host"], int(TOLD["port"]))}
    which = ["-c", str(print_configuration(folder, printer)), "-p", TOLD["ae_title"]]
    images = [str(each) for each in sorted(Path(TOLD["objects"]).iterdir())]
    made = run(dcmtk_program("dcmpsprt"), *which, *images)
    jobs = [str(each) for each in (folder / "database").glob("SP_*.dcm")]
    return made or run(dcmtk_program("dcmprscu"), *which, *jobs)


def orthanc(port: str) -> int:
    """Orthanc's REST interface, as a modality and workstation."""
    here = f"http://127.0.0.1:{port}"
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def call(path: str, body: Any, method: str = "POST", kind: str = "application/json") -> Any:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": kind}
        request = urllib.request.Request(here + path, data, headers, method=method)
        with direct.open(request, timeout=60) as answer:
            text = answer.read().decode()
            return json.loads(text) if text.strip().startswith(("{", "[")) else text

    name = TOLD["ae_title"]
    known = {"AET": name, "Host": TOLD["host"], "Port": int(TOLD["port"]),
             "AllowStorageCommitment": True}  # fmt: skip
    call(f"/modalities/{name}", known, "PUT")
    kind, study = TOLD["kind"], {"StudyInstanceUID": TOLD["study_instance_uid"]}
    if kind == "verify":
        call(f"/modalities/{name}/echo", {})
    elif kind == "store":
        for each in Path(TOLD["objects"]).iterdir():
            call("/instances", each.read_bytes(), kind="application/dicom")
        call(f"/modalities/{name}/store", studies(call))
    elif kind == "commit":
        call(f"/modalities/{name}/storage-commitment", {"Resources": studies(call)})
    elif kind == "worklist":
        keys = {"PatientID": TOLD["patient_id"], "ScheduledProcedureStepSequence": [
            {"Modality": "CT", "ScheduledProcedureStepID": ""}
        ], "StudyInstanceUID": "", "PatientName": "", "AccessionNumber": ""}  # fmt: skip
        call(f"/modalities/{name}/find-worklist", keys)
    elif kind == "query":
        call(f"/modalities/{name}/query", {"Level": "Study", "Query": study})
    elif kind == "move":
        asked = {"Level": "Study", "Resources": [study], "TargetAet": TOLD["calling"]}
        call(f"/modalities/{name}/move", asked)
    elif kind == "mpps":
        return dcmjs_mpps()
    return 0


def studies(call: Any) -> list[str]:
    """Orthanc's identifiers of its study of this patient."""
    query = {"StudyInstanceUID": TOLD["study_instance_uid"] or "*"}
    return list(call("/tools/find", {"Level": "Study", "Query": query}))


def dcmjs_mpps() -> int:
    """Send the data set that we were given, with dcmjs-dimse."""
    from pydicom import Dataset

    made = Dataset.from_json(Path(TOLD["request_json"]).read_text(encoding="utf-8"))
    asked: dict[str, Any] = {"host": TOLD["host"], "port": int(TOLD["port"]),
                             "calling": TOLD["calling"], "called": TOLD["ae_title"],
                             "uid": TOLD["sop_instance_uid"]}  # fmt: skip
    elements = by_keyword(made)
    begins = TOLD["status"] == "IN PROGRESS"
    asked |= {"create": elements} if begins else {"sets": [elements]}
    result = str(Path(TOLD["folder"]) / "result.json")
    script = str(NODE_SCRIPTS / "scu.js")
    return run(program("node"), script, "mpps", json.dumps(asked), result,
               NODE_PATH=str(node_modules()))  # fmt: skip


def by_keyword(dataset: Any) -> dict[str, Any]:
    """A data set as dcmjs takes it."""
    return {
        each.keyword: [by_keyword(item) for item in each.value] if each.VR == "SQ"
        else str(each.value or "")
        for each in dataset
    }  # fmt: skip


if __name__ == "__main__":
    who, where = sys.argv[1:]
    sys.exit(dcmtk(Path(where)) if who == "dcmtk" else orthanc(where))
