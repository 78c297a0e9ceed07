// One DICOM client operation with dcmjs-dimse:
//   node scu.js OPERATION '{"host": ..., "port": ..., "calling": ..., "called": ...}' RESULT.json
// OPERATION, and what else its JSON holds:
//   echo
//   store   files: [path, ...], syntaxes: [UID, ...] (offered besides the file's own)
//   find    root: "patient"|"study"|"worklist", keys: {keyword: value}, cancelAfter: n
//   get     root, keys, refuse: n (answers every n-th sub-operation with A700)
//   move    root, keys, destination: AE title, cancelAfter: n
//   mpps    uid, create: {keyword: value}, sets: [{keyword: value}, ...]
//   commit  uid, references: [[SOP Class UID, SOP Instance UID], ...], linger: ms
// Exit code 0: every request was answered, whatever the status.
'use strict';
const fs = require('fs');
const { Client, Dataset, association, constants, requests, responses } = require('dcmjs-dimse');

const [operation, json, resultPath] = process.argv.slice(2);
const asked = JSON.parse(json);
const result = { responses: [], stores: [], errors: [] };

const MODELS = {
  patient: '1.2.840.10008.5.1.4.1.2.1.',
  study: '1.2.840.10008.5.1.4.1.2.2.',
};
const MPPS = constants.SopClass.ModalityPerformedProcedureStep;
const COMMITMENT = constants.SopClass.StorageCommitmentPushModel;
const COMMITMENT_INSTANCE = '1.2.840.10008.1.20.1.1';

function model(service) {
  return MODELS[asked.root || 'study'] + service;
}

function find() {
  const request = new requests.CFindRequest();
  const worklist = constants.SopClass.ModalityWorklistInformationModelFind;
  request.setAffectedSopClassUid(asked.root === 'worklist' ? worklist : model(1));
  request.setDataset(new Dataset(asked.keys));
  return [request];
}

function move() {
  const request = requests.CMoveRequest.createStudyMoveRequest(asked.destination, '');
  request.setAffectedSopClassUid(model(2));
  request.setDataset(new Dataset(asked.keys));
  return [request];
}

function get() {
  const request = requests.CGetRequest.createStudyGetRequest('');
  request.setAffectedSopClassUid(model(3));
  request.setDataset(new Dataset(asked.keys));
  return [request];
}

function store() {
  return asked.files.map((file) => {
    const request = new requests.CStoreRequest(file);
    request.setAdditionalTransferSyntaxes(asked.syntaxes || []);
    return request;
  });
}

function mpps() {
  const created = new requests.NCreateRequest(MPPS, asked.uid);
  created.setDataset(new Dataset(asked.create));
  const sets = (asked.sets || []).map((elements) => {
    const request = new requests.NSetRequest(MPPS, asked.uid);
    request.setDataset(new Dataset(elements));
    return request;
  });
  return asked.create ? [created, ...sets] : sets;
}

function commit() {
  const request = new requests.NActionRequest(COMMITMENT, COMMITMENT_INSTANCE, 1);
  request.setDataset(new Dataset({
    TransactionUID: asked.uid,
    ReferencedSOPSequence: asked.references.map(([sopClass, sopInstance]) => ({
      ReferencedSOPClassUID: sopClass, ReferencedSOPInstanceUID: sopInstance,
    })),
  }));
  return [request];
}

function plain(dataset) {
  return dataset ? dataset.getElements() : null;
}

function answered(request, response) {
  const seen = { status: response.getStatus(), data: plain(response.getDataset()) };
  if (operation === 'move' || operation === 'get') {
    Object.assign(seen, {
      remaining: response.getRemaining(), completed: response.getCompleted(),
      warning: response.getWarnings(), failed: response.getFailures(),
    });
  }
  seen.comment = response.getErrorComment();
  result.responses.push(seen);
  if (asked.cancelAfter && result.responses.length === asked.cancelAfter) client.cancel(request);
}

const makers = { echo: () => [new requests.CEchoRequest()], store, find, get, move, mpps, commit };
const client = new Client();
const made = makers[operation]();
let open = made.length;
for (const request of made) {
  request.on('response', (response) => answered(request, response));
  request.on('done', () => { open -= 1; });
  client.addRequest(request);
}
client.on('cStoreRequest', (request, callback) => {
  const data = request.getDataset();
  result.stores.push({
    sop_class: request.getAffectedSopClassUid(),
    sop_instance: request.getAffectedSopInstanceUid(),
    transfer_syntax: data.getTransferSyntaxUid(),
    patient_name: data.getElement('PatientName'),
    pixel_bytes: ((data.getElement('PixelData') || [])[0] || { byteLength: 0 }).byteLength,
  });
  const response = responses.CStoreResponse.fromRequest(request);
  const refused = asked.refuse && result.stores.length % asked.refuse === 0;
  response.setStatus(refused ? 0xa700 : constants.Status.Success);
  callback(response);
});
client.on('nEventReportRequest', (request, callback) => {
  result.responses.push({ event: request.getEventTypeId(), data: plain(request.getDataset()) });
  const response = responses.NEventReportResponse.fromRequest(request);
  response.setStatus(constants.Status.Success);
  callback(response);
});
client.on('associationRejected', (why) => result.errors.push(`rejected: ${JSON.stringify(why)}`));
client.on('abort', (why) => result.errors.push(`aborted: ${JSON.stringify(why)}`));
client.on('networkError', (error) => result.errors.push(`network: ${error.message}`));
client.on('closed', () => {
  fs.writeFileSync(resultPath, JSON.stringify(result));
  process.exit(open === 0 ? 0 : 1);
});
client.send(asked.host, asked.port, asked.calling, asked.called, {
  associationLingerTimeout: asked.linger || 0,
});
