// The trace server's paths.

import {json} from '../http.js';
import {queryStats, streamQuery} from './read.js';
import {Rejected} from './rejected.js';
import {writes} from './write.js';

export function traces({world, user, request, path, raw}) {
  const route = path.slice('/traces'.length);
  if (request.method !== 'POST')
    return route === '/health' ? json(200, {status: 'ok'})
      : json(405, {detail: 'Method Not Allowed'});
  try {
    // File contents come as a form; everything else is JSON.
    const form = /^multipart\/form-data/.test(
      request.headers['content-type'] ?? '');
    const body = form ? raw : parsed(raw);
    if (route === '/calls/stream_query')
      return {status: 200, headers: {'content-type': 'application/jsonl'},
              body: streamQuery(world, user, body)};
    if (route === '/calls/query_stats')
      return json(200, queryStats(world, user, body));
    const write = writes[route];
    return write ? json(200, write({world, user, body, request}))
      : json(404, {detail: 'Not Found'});
  } catch (error) {
    if (error instanceof Rejected)
      return json(error.status, error.body);
    throw error;
  }
}

function parsed(raw) {
  try {
    return JSON.parse(raw.toString('utf8'));
  } catch {
    throw new Rejected(422, [{type: 'json_invalid', loc: ['body', 0],
                              msg: 'JSON decode error'}]);
  }
}
