// Reading bodies and writing answers, plain, compressed or broken on purpose.

import {once} from 'node:events';
import {createGzip, gunzipSync, gzipSync} from 'node:zlib';

const worthCompressing = 1024;
const largestBody = 64 * 1024 * 1024;

/// The whole body, decompressed; null when it is too large or no gzip at all.
export async function readBody(request) {
  const parts = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > largestBody)
      return null;
    parts.push(part);
  }
  const raw = Buffer.concat(parts);
  if (request.headers['content-encoding'] !== 'gzip')
    return raw;
  try {
    return gunzipSync(raw, {maxOutputLength: largestBody});
  } catch {
    return null;
  }
}

export const json = (status, value, headers = {}) => ({
  status,
  headers: {'content-type': 'application/json', ...headers},
  body: JSON.stringify(value),
});

const accepts = (request) =>
  /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');

/// Sends {status, headers, body}; a body is text or an iterable of text that
/// is drawn only as fast as the client reads. `drip` pauses between its pieces.
export async function send(request, response, answer, {drip} = {}) {
  const headers = {...answer.headers};
  const whole = typeof answer.body === 'string' || Buffer.isBuffer(answer.body);
  if (whole && !drip) {
    let bytes = Buffer.from(answer.body);
    if (bytes.length > worthCompressing && accepts(request)) {
      bytes = gzipSync(bytes, {level: 1});
      headers['content-encoding'] = 'gzip';
    }
    headers['content-length'] = bytes.length;
    response.writeHead(answer.status, headers);
    response.end(bytes);
    return;
  }
  let out = response;
  if (accepts(request) && !drip) {
    headers['content-encoding'] = 'gzip';
    out = createGzip({level: 1});
    out.pipe(response);
  }
  response.writeHead(answer.status, headers);
  for (const piece of whole ? answer.body.match(/[^]{1,512}/g) ?? []
    : batches(answer.body, drip ? 1 : 64)) {
    if (!await write(response, out, piece))
      return;
    if (drip && !await pause(response, drip))
      return;
  }
  out.end();
}

/// Joins lines, because a write per line costs more than the line.
function* batches(lines, size) {
  let batch = [];
  for (const line of lines) {
    batch.push(line);
    if (batch.length === size) {
      yield batch.join('');
      batch = [];
    }
  }
  if (batch.length)
    yield batch.join('');
}

/// False when the client has left.
async function write(response, out, piece) {
  if (response.destroyed)
    return false;
  if (out.write(piece))
    return true;
  const gone = new AbortController();
  const leave = () => gone.abort();
  response.once('close', leave);
  try {
    await once(out, 'drain', {signal: gone.signal});
    return true;
  } catch {
    return false;
  } finally {
    response.off('close', leave);
  }
}

/// Waits; false when the client left before.
export function pause(response, ms) {
  if (response.destroyed)
    return Promise.resolve(false);
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      response.off('close', leave);
      resolve(true);
    }, ms);
    const leave = () => {
      clearTimeout(timer);
      resolve(false);
    };
    response.once('close', leave);
  });
}

/// Sends the first `bytes` bytes, or the first `lines` lines, of an answer,
/// and then breaks the connection. The head promises more than that.
export function cut(response, answer, {bytes, lines}) {
  let body = Buffer.isBuffer(answer.body) ? answer.body
    : Buffer.from(typeof answer.body === 'string' ? answer.body
      : [...answer.body].join(''));
  if (lines !== undefined) {
    const kept = body.toString('utf8').split('\n').slice(0, lines)
      .map((line) => `${line}\n`).join('');
    bytes = Buffer.byteLength(kept);
  }
  response.writeHead(answer.status,
                     {...answer.headers, 'content-length': body.length + 1});
  body = body.subarray(0, bytes ?? Math.floor(body.length / 2));
  response.flushHeaders();
  if (body.length === 0)
    setImmediate(() => response.socket?.destroy());
  else
    response.write(body, () => response.socket?.destroy());
}

/// A small answer that unpacks to a huge one.
export async function gzipBomb(response, contentType, bytes) {
  response.writeHead(200, {'content-type': contentType,
                           'content-encoding': 'gzip'});
  const gzip = createGzip({level: 9});
  gzip.pipe(response);
  const piece = Buffer.alloc(1024 * 1024, ' ');
  if (!await write(response, gzip, '{"data":'))
    return;
  for (let sent = 0; sent < bytes; sent += piece.length)
    if (!await write(response, gzip, piece))
      return;
  gzip.end('null}\n');
}
