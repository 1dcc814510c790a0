// What the tests of the stand-in share: one in this process, and requests.

import {after, before, beforeEach} from 'node:test';
import {startStandin} from './server.js';

/// Starts one for the tests of a file and resets it before each of them.
export function standin(options) {
  const it = {};
  before(async () => {
    Object.assign(it, await startStandin(options));
    it.by = Object.fromEntries(it.users().map((u) => [u.username, u]));
  });
  beforeEach(() => it.post('/__reset', null));
  after(() => it.close());

  const basic = (name) =>
    `Basic ${Buffer.from(`api:${it.by[name].api_key}`).toString('base64')}`;

  /// Posts `body`; `as` is a user name, or nothing for no credentials.
  it.post = (path, body, {as, headers, signal} = {}) =>
    fetch(it.url + path, {
      method: 'POST', signal,
      headers: {'content-type': 'application/json',
                ...(as && {authorization: basic(as)}), ...headers},
      body: body === null ? undefined
        : typeof body === 'string' ? body : JSON.stringify(body)});

  it.graphql = async (query, variables, as = 'alice') => {
    const response = await it.post('/graphql', {query, variables}, {as});
    return {status: response.status, ...await response.json()};
  };

  /// Rows of a trace query, or {status, detail} when it was refused.
  it.calls = async (body, as = 'alice') => {
    const response = await it.post('/traces/calls/stream_query', body, {as});
    const text = await response.text();
    return response.status === 200
      ? text.split('\n').filter(Boolean).map((line) => JSON.parse(line))
      : {status: response.status, ...JSON.parse(text)};
  };

  it.count = async (body, as = 'alice') => {
    const response = await it.post('/traces/calls/query_stats', body, {as});
    return {status: response.status, ...await response.json()};
  };

  it.control = async (order) => (await it.post('/__control', order)).status;
  it.requests = async (query = '') =>
    (await fetch(`${it.url}/__requests${query}`)).json();
  return it;
}
