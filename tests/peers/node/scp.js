// A DICOM server with dcmjs-dimse: Verification, Storage, MPPS, whatever is reported to it, and
// Storage Commitment that reports on the association of the request.
//   node scp.js PORT AE_TITLE JOURNAL
// Every request is noted in JOURNAL, one JSON object a line.
'use strict';
const fs = require('fs');
const { Dataset, Scp, Server, constants, requests, responses } = require('dcmjs-dimse');

const [port, aeTitle, journal] = process.argv.slice(2);
const { PresentationContextResult, Status, TransferSyntax } = constants;
const MPPS = constants.SopClass.ModalityPerformedProcedureStep;
const UNCOMPRESSED = [TransferSyntax.ExplicitVRLittleEndian, TransferSyntax.ImplicitVRLittleEndian];
const steps = new Map(); // SOP Instance UID -> Performed Procedure Step Status
const stored = new Map(); // SOP Instance UID -> SOP Class UID

const SERVICES = new Map([ // the names of the classes are not kept in the package
  [responses.CEchoResponse, 'C-ECHO'], [responses.CStoreResponse, 'C-STORE'],
  [responses.NCreateResponse, 'N-CREATE'], [responses.NSetResponse, 'N-SET'],
  [responses.NActionResponse, 'N-ACTION'], [responses.NEventReportResponse, 'N-EVENT-REPORT'],
]);

function note(what) {
  fs.appendFileSync(journal, `${JSON.stringify(what)}\n`);
}

function answer(type, request, status, callback) {
  const response = type.fromRequest(request);
  response.setStatus(status);
  note({
    service: SERVICES.get(type), status,
    sop_class: request.getAffectedSopClassUid() || request.getRequestedSopClassUid(),
    sop_instance: request.getAffectedSopInstanceUid() || request.getRequestedSopInstanceUid(),
    event: request.getEventTypeId ? request.getEventTypeId() : undefined,
    data: request.getDataset() && type !== responses.CStoreResponse
      ? request.getDataset().getElements() : null,
  });
  callback(response);
}

class PeerScp extends Scp {
  associationRequested(association) {
    this.association = association;
    if (association.getCalledAeTitle().trim() !== aeTitle) {
      this.sendAssociationReject(
        constants.RejectResult.Permanent,
        constants.RejectSource.ServiceUser,
        constants.RejectReason.CalledAeNotRecognized,
      );
      return;
    }
    for (const { id } of association.getPresentationContexts()) {
      const context = association.getPresentationContext(id);
      const syntax = context.getTransferSyntaxUids().find((each) => UNCOMPRESSED.includes(each));
      if (syntax) context.setResult(PresentationContextResult.Accept, syntax);
      else context.setResult(PresentationContextResult.RejectTransferSyntaxesNotSupported);
    }
    this.sendAssociationAccept();
  }

  cEchoRequest(request, callback) {
    answer(responses.CEchoResponse, request, Status.Success, callback);
  }

  cStoreRequest(request, callback) {
    stored.set(request.getAffectedSopInstanceUid(), request.getAffectedSopClassUid());
    answer(responses.CStoreResponse, request, Status.Success, callback);
  }

  nCreateRequest(request, callback) {
    const uid = request.getAffectedSopInstanceUid();
    const begun = request.getDataset().getElement('PerformedProcedureStepStatus');
    let status = Status.Success;
    if (request.getAffectedSopClassUid() !== MPPS) status = Status.NoSuchSopClass;
    else if (steps.has(uid)) status = Status.DuplicateSOPInstance;
    else if (begun !== 'IN PROGRESS') status = Status.InvalidAttributeValue;
    else steps.set(uid, begun);
    answer(responses.NCreateResponse, request, status, callback);
  }

  nSetRequest(request, callback) {
    const uid = request.getRequestedSopInstanceUid();
    const wanted = request.getDataset().getElement('PerformedProcedureStepStatus');
    let status = Status.Success;
    if (!steps.has(uid)) status = Status.NoSuchObjectInstance;
    else if (steps.get(uid) !== 'IN PROGRESS') status = Status.ProcessingFailure;
    else if (wanted) steps.set(uid, wanted);
    answer(responses.NSetResponse, request, status, callback);
  }

  nActionRequest(request, callback) {
    const asked = request.getDataset().getElements();
    answer(responses.NActionResponse, request, Status.Success, callback);
    const referenced = [].concat(asked.ReferencedSOPSequence);
    const kept = (item) => stored.get(item.ReferencedSOPInstanceUID) === item.ReferencedSOPClassUID;
    const failed = referenced.filter((item) => !kept(item));
    const report = new requests.NEventReportRequest(
      constants.SopClass.StorageCommitmentPushModel, '1.2.840.10008.1.20.1.1', failed.length ? 2 : 1,
    );
    const outcome = { TransactionUID: asked.TransactionUID };
    if (failed.length < referenced.length) outcome.ReferencedSOPSequence = referenced.filter(kept);
    if (failed.length) {
      outcome.FailedSOPSequence = failed.map((item) => ({
        ...item, FailureReason: Status.NoSuchObjectInstance,
      }));
    }
    report.setDataset(new Dataset(outcome));
    this.sendRequests(report);
  }

  nEventReportRequest(request, callback) {
    answer(responses.NEventReportResponse, request, Status.Success, callback);
  }

  associationReleaseRequested() {
    this.sendAssociationReleaseResponse();
  }
}

const server = new Server(PeerScp);
server.on('networkError', (error) => console.log('network error:', error.message));
server.listen(Number(port));
