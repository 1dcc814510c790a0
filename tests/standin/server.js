// The stand-in as one HTTP server: controls, then credentials, then faults,
// then the service that the path names.

import {createServer} from 'node:http';
import {Faults, Journal, recordable} from './controls.js';
import {buildWorld} from './data/seed.js';
import {docs} from './docs.js';
import {filestream, storage} from './files.js';
import {runGraphql} from './graphql/execute.js';
import {cut, gzipBomb, json, pause, readBody, send} from './http.js';
import {traces} from './traces/routes.js';

const targetOf = (path) =>
  path === '/graphql' ? 'graphql'
    : path.startsWith('/files/') || path.startsWith('/storage/') ? 'files'
      : path.startsWith('/traces/') ? 'traces'
        : /^\/docs(\/|$)/.test(path) ? 'docs' : null;

/// Basic credentials: the user name is `api` or empty, the password a key.
function userOf(world, header) {
  const match = /^Basic\s+(\S+)$/i.exec(header ?? '');
  if (!match)
    return null;
  const text = Buffer.from(match[1], 'base64').toString('utf8');
  const colon = text.indexOf(':');
  const name = text.slice(0, colon);
  return colon >= 0 && (name === '' || name === 'api')
    ? (world.keys.get(text.slice(colon + 1)) ?? null) : null;
}

async function serve(context) {
  const {target, user, raw, path} = context;
  // Documentation is public, and a signed URL is its own credential.
  const open = target === 'docs' || path.startsWith('/storage/');
  if (!user && !open)
    return json(401, target === 'traces'
      ? {detail: 'Unauthorized: the API key is missing or not valid'}
      : {errors: [{message: 'user is not logged in', path: null}],
         error: 'invalid or missing API key'},
    {'www-authenticate': 'Basic realm="standin"'});
  if (target === 'docs')
    return docs(context);
  if (path.startsWith('/storage/'))
    return storage(context);
  if (target === 'files')
    return filestream(context);
  if (target === 'traces')
    return traces(context);
  let request;
  try {
    request = JSON.parse(raw.toString('utf8'));
  } catch {
    return json(400, {errors: [{message: 'the body is not JSON'}]});
  }
  const {status, body} = await runGraphql(request, context);
  return json(status, body, {'ratelimit-limit': '1000',
                             'ratelimit-remaining': '999',
                             'ratelimit-reset': '60'});
}

/// Answers in the way that the active faults demand.
async function answer(context, faults) {
  const {request, response} = context;
  const stream = context.path.endsWith('/calls/stream_query');
  for (const {ms = 1000} of faults.filter((f) => f.fault === 'delay'))
    if (!await pause(response, ms))
      return;
  const drip = faults.find((f) => f.fault === 'drip')?.ms;
  const spoil = faults.find((f) => !['delay', 'drip'].includes(f.fault));
  switch (spoil?.fault) {
    case 'hang':
      return;
    case 'status': {
      const status = spoil.status ?? 500;
      const message = spoil.message ?? `the stand-in was told to say ${status}`;
      return send(request, response, json(
        status, context.target === 'traces' ? {detail: message}
          : {errors: [{message}]},
        spoil.retry_after === undefined ? {}
          : {'retry-after': String(spoil.retry_after)}));
    }
    case 'limit':
      return send(request, response, json(
        429, context.target === 'traces' ? {detail: 'rate limit exceeded'}
          : {errors: [{message: 'rate limit exceeded'}]}, {
          'retry-after': String(spoil.retry_after ?? 1),
          'ratelimit-limit': '1000', 'ratelimit-remaining': '0',
          'ratelimit-reset': String(spoil.retry_after ?? 1)}));
    case 'garbage':
      return send(request, response, {
        status: 200,
        headers: {'content-type': stream ? 'application/jsonl'
          : 'application/json'},
        body: spoil.body ?? '<html><body>It works!</body></html>\n'});
    case 'gzip_bomb':
      return gzipBomb(response, stream ? 'application/jsonl'
        : 'application/json', spoil.bytes ?? 512 * 1024 * 1024);
  }
  const result = await serve(context);
  if (spoil?.fault === 'cut')
    return cut(response, result, {bytes: spoil.after_bytes,
                                  lines: spoil.after_lines});
  return send(request, response, result, {drip});
}

/// Starts a stand-in; {url, users, close()} when it listens.
export async function startStandin({port = 0, extraUsers = 0} = {}) {
  let world = buildWorld({extraUsers});
  const journal = new Journal();
  const faults = new Faults();
  const started = Date.now();
  let url;

  async function control(request, response, path, query) {
    if (path === '/__requests' && request.method === 'GET')
      return send(request, response, json(200, query.has('open')
        ? {open: journal.open}
        : journal.find({user: query.get('user'), path: query.get('path')})));
    if (request.method !== 'POST')
      return send(request, response, json(405, {error: 'POST it'}));
    const raw = await readBody(request);
    if (path === '/__reset') {
      faults.clear();
      journal.clear();
      world = buildWorld({extraUsers});
      return send(request, response, json(200, {ok: true}));
    }
    if (path !== '/__control')
      return send(request, response, json(404, {error: 'no such control'}));
    let wrong;
    try {
      wrong = faults.set(JSON.parse(raw.toString('utf8')));
    } catch {
      wrong = 'the body is not JSON';
    }
    return send(request, response, wrong ? json(400, {error: wrong})
      : json(200, {ok: true, active: faults.active.length}));
  }

  async function handle(request, response) {
    const {pathname: path, searchParams: query} = new URL(request.url, url);
    if (path.startsWith('/__'))
      return control(request, response, path, query);
    const target = targetOf(path);
    if (!target)
      return send(request, response, json(404, {error: 'no such path'}));
    const user = userOf(world, request.headers.authorization);
    const entry = {
      method: request.method, path, body: null, user: user?.username ?? null,
      at_ms: Date.now() - started, status: null, aborted: false,
      headers: Object.fromEntries(
        ['content-type', 'accept', 'accept-encoding', 'user-agent']
          .filter((h) => request.headers[h])
          .map((h) => [h, request.headers[h]])),
    };
    journal.add(entry);
    ++journal.open;
    let told = false; // a fault, not the client, ended the connection
    response.once('close', () => {
      --journal.open;
      entry.status = response.headersSent ? response.statusCode : null;
      entry.aborted = !told && !response.writableFinished;
    });
    const raw = await readBody(request);
    if (raw === null)
      return send(request, response, json(413, {error: 'body too large'}));
    Object.assign(entry, recordable(raw, world.keys));
    const taken = faults.take(target, user?.username,
                              `${path}\n${raw.toString('utf8')}`);
    told = taken.some((f) => f.fault === 'cut');
    return answer({world, user, url, target, path, raw, request, response},
                  taken);
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error) => {
      if (response.destroyed || request.destroyed && !request.complete)
        return; // the client has left
      console.error(error);
      if (response.headersSent)
        response.socket?.destroy();
      else
        send(request, response, json(500, {
          errors: [{message: `the stand-in failed: ${error.message}`}]}));
    });
  });
  // A load test keeps connections busy, and idle ones should live long enough
  // that a client never races with their end.
  server.keepAliveTimeout = 120_000;
  server.requestTimeout = 0;
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  url = `http://127.0.0.1:${server.address().port}`;
  return {
    url,
    users: () => world.userLines(),
    close: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
  };
}
