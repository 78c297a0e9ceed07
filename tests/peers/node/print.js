// Print with dcmjs-dimse, on one association:
//   node print.js print '{"host": ..., "port": ..., "calling": ..., "called": ...}' RESULT.json
// and what else its JSON holds, all optional:
//   meta    UID of the Meta SOP Class (grayscale)
//   also    [SOP Class UID, ...] to negotiate beside it
//   lut     {keyword: value} of a Presentation LUT to create first
//   film    {keyword: value} beside the format and the reference to the film session
//   session {keyword: value} of the film session; absent: no data set
//   format  Image Display Format
//   images  [{keyword: value}, ...] items of the image sequence, box by box; `pixels` is a file
//   erase   true: erase the first image again
//   action  Action Type ID (1)
// The result is that of scu.js: one response for each request, in order, with its service.
'use strict';
const fs = require('fs');
const { Client, Dataset, association, constants, requests } = require('dcmjs-dimse');

const [, json, resultPath] = process.argv.slice(2);
const asked = JSON.parse(json);
const result = { responses: [], stores: [], errors: [] };
const GRAYSCALE = '1.2.840.10008.5.1.1.9';
const COLOR = '1.2.840.10008.5.1.1.18';
const FILM_SESSION = '1.2.840.10008.5.1.1.1';
const FILM_BOX = '1.2.840.10008.5.1.1.2';
const LUT = '1.2.840.10008.5.1.1.23';
const PRINTER = '1.2.840.10008.5.1.1.16';
const PRINTER_INSTANCE = '1.2.840.10008.5.1.1.17';
const META = asked.meta || GRAYSCALE;
const IMAGE_BOX = META === COLOR ? '1.2.840.10008.5.1.1.4.1' : '1.2.840.10008.5.1.1.4';
const IMAGES = META === COLOR ? 'BasicColorImageSequence' : 'BasicGrayscaleImageSequence';

function reference(sopClass, sopInstance) {
  return [{ ReferencedSOPClassUID: sopClass, ReferencedSOPInstanceUID: sopInstance }];
}

function imageBox(image, position) {
  const elements = { ImageBoxPosition: position };
  if (image === null) {
    elements[IMAGES] = [];
  } else {
    const { pixels, ...item } = image;
    const bytes = fs.readFileSync(pixels);
    item.PixelData = [bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)];
    item._vrMap = { PixelData: item.BitsAllocated === 16 ? 'OW' : 'OB' };
    elements[IMAGES] = [item];
  }
  return elements;
}

const client = new Client();
let open = 0;
function add(service, request, elements, then) {
  open += 1;
  if (elements) request.setDataset(new Dataset(elements));
  request.on('response', (response) => {
    const data = response.getDataset();
    const found = data ? data.getElements() : null;
    result.responses.push({
      service, status: response.getStatus(), data: found, comment: response.getErrorComment(),
    });
    if (then) then(found || {});
  });
  request.on('done', () => { open -= 1; });
  client.addRequest(request);
}

const uid = Dataset.generateDerivedUid;
const [session, box, lut] = [uid(), uid(), uid()];
const film = {
  ImageDisplayFormat: asked.format || 'STANDARD\\1,1',
  ReferencedFilmSessionSequence: reference(FILM_SESSION, session),
  ...(asked.film || {}),
};
add('N-GET', new requests.NGetRequest(PRINTER, PRINTER_INSTANCE, [], META));
if (asked.lut) {
  add('N-CREATE', new requests.NCreateRequest(LUT, lut), asked.lut);
  film.ReferencedPresentationLUTSequence = reference(LUT, lut);
}
add('N-CREATE', new requests.NCreateRequest(FILM_SESSION, session, META), asked.session);
const images = asked.images || [];
const places = images.map((_, index) => index).concat(asked.erase ? [0] : []);
const sets = places.map(() => new requests.NSetRequest(IMAGE_BOX, uid(), META));
add('N-CREATE', new requests.NCreateRequest(FILM_BOX, box, META), film, (reply) => {
  const boxes = [].concat(reply.ReferencedImageBoxSequence || []);
  sets.forEach((request, index) => {
    const named = boxes[places[index]];
    if (named) request.setRequestedSopInstanceUid(named.ReferencedSOPInstanceUID);
  });
});
sets.forEach((request, index) => {
  const image = index < images.length ? images[index] : null;
  add('N-SET', request, imageBox(image, places[index] + 1));
});
add('N-ACTION', new requests.NActionRequest(FILM_BOX, box, asked.action || 1, META));
add('N-DELETE', new requests.NDeleteRequest(FILM_BOX, box, META));
add('N-DELETE', new requests.NDeleteRequest(FILM_SESSION, session, META));
if (asked.lut) add('N-DELETE', new requests.NDeleteRequest(LUT, lut));

(asked.also || []).forEach((sopClass, index) => {
  const syntax = constants.TransferSyntax.ImplicitVRLittleEndian;
  const context = new association.PresentationContext(101 + 2 * index, sopClass, syntax);
  client.addAdditionalPresentationContext(context, true);
});
client.on('associationRejected', (why) => result.errors.push(`rejected: ${JSON.stringify(why)}`));
client.on('abort', (why) => result.errors.push(`aborted: ${JSON.stringify(why)}`));
client.on('networkError', (error) => result.errors.push(`network: ${error.message}`));
client.on('closed', () => {
  fs.writeFileSync(resultPath, JSON.stringify(result));
  process.exit(open === 0 ? 0 : 1);
});
client.send(asked.host, asked.port, asked.calling, asked.called);
