// HTTP byte by byte, for requests that no HTTP library would send.

import net from 'node:net';
import {within} from './server.js';

/// Reads one response off the front of `bytes`. Gives {response, rest}, or null
/// when it is not all there. `ended`: no more will come.
function readResponse(bytes, {head, ended}) {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0)
    return null;
  const [first, ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const headers = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  }
  const [, version, status] = /^HTTP\/(\d\.\d) (\d{3})/.exec(first);
  const response = {version, status: Number(status), headers, text: ''};
  let rest = bytes.subarray(end + 4);
  const finish = (body, length) => {
    response.text = body.toString('utf8');
    return {response, rest: rest.subarray(length)};
  };
  if (head || response.status < 200 || response.status === 204)
    return finish(Buffer.alloc(0), 0);
  if (headers['content-length'] !== undefined) {
    const length = Number(headers['content-length']);
    return rest.length < length ? null : finish(rest.subarray(0, length),
                                                length);
  }
  if (headers['transfer-encoding'] !== 'chunked')
    return ended ? finish(rest, rest.length) : null;
  const parts = [];
  for (let at = 0;;) {
    const line = rest.indexOf('\r\n', at);
    if (line < 0)
      return null;
    const size = parseInt(rest.toString('latin1', at, line), 16);
    at = line + 2 + size + 2;
    if (rest.length < at)
      return null;
    if (size === 0)
      return finish(Buffer.concat(parts), at);
    parts.push(rest.subarray(line + 2, line + 2 + size));
  }
}

/// A connection to write to at will. `next` gives the next response, or null
/// when the server closed the connection instead.
export function open(port) {
  const socket = net.connect({port, host: '127.0.0.1', noDelay: true});
  let bytes = Buffer.alloc(0);
  let ended = false;
  let wake = () => {};
  socket.on('data', (part) => {
    bytes = Buffer.concat([bytes, part]);
    wake();
  });
  // The server may close while we still write: what it said counts.
  socket.on('error', () => {});
  socket.on('close', () => {
    ended = true;
    wake();
  });
  async function take(options) {
    for (;;) {
      const found = readResponse(bytes, {...options, ended});
      if (found) {
        bytes = found.rest;
        return found.response;
      }
      if (ended)
        return null;
      await new Promise((resolve) => { wake = resolve; });
    }
  }
  return {
    socket,
    write: (text) => socket.write(text),
    next: (options = {}) => within(take(options), 'a response'),
    /// Bytes that came and belong to no response read so far.
    left: () => bytes,
    closed: () => within(new Promise((resolve) => {
      if (ended)
        resolve();
      else
        socket.once('close', resolve);
    }), 'the connection to close'),
    close: () => socket.destroy(),
  };
}

/// Sends bytes and gives the first response.
export async function send(port, text, options) {
  const connection = open(port);
  connection.write(text);
  try {
    return await connection.next(options);
  } finally {
    connection.close();
  }
}

/// A request as bytes; a header whose value is null is left out, one whose
/// value is a list is repeated.
export function format({method = 'POST', target = '/mcp', version = '1.1',
                        headers = {}, body = ''}) {
  const lines = [`${method} ${target} HTTP/${version}`];
  for (const [name, value] of Object.entries(headers))
    for (const one of [value].flat())
      if (one !== null)
        lines.push(`${name}: ${one}`);
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'),
                        Buffer.from(body)]);
}
