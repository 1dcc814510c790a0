import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {request as rawRequest} from 'node:http';
import {createInterface} from 'node:readline';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {standin} from './testing.js';

const it = standin({extraUsers: 60});
const viewer = {query: '{ viewer { username } }'};
const roots = {project_id: 'alice/support-bot',
               filter: {trace_roots_only: true}};
const basic = (text) => ({
  authorization: `Basic ${Buffer.from(text).toString('base64')}`});

/// Asks until the stand-in says what is wanted; no fixed waits.
async function eventually(ask, wanted) {
  for (let i = 0; i < 500; ++i) {
    const got = await ask();
    if (wanted(got))
      return got;
    await new Promise(setImmediate);
  }
  assert.fail('it never came to that');
}

test('a key opens as the password of api or of nobody', async () => {
  const key = it.by.alice.api_key;
  assert.match(key, /^[A-Za-z0-9]{40}$/);
  const cases = [
    [basic(`api:${key}`), 200], [basic(`:${key}`), 200],
    [basic(`alice:${key}`), 401], [basic(key), 401], [basic(`${key}:`), 401],
    [basic(`api:${key.slice(1)}x`), 401], [basic('api:'), 401],
    [{authorization: `Bearer ${key}`}, 401], [{}, 401],
  ];
  for (const [headers, status] of cases)
    for (const [path, body] of [['/graphql', viewer],
                                ['/traces/calls/query_stats', roots]]) {
      const response = await it.post(path, body, {headers});
      assert.equal(response.status, status, JSON.stringify(headers));
      assert.equal(typeof await response.json(), 'object');
    }
});

test('sixty tenants each see their own project and no other', async () => {
  const users = it.users().filter((u) => u.username.startsWith('tenant-'));
  assert.equal(users.length, 60);
  assert.equal(new Set(users.map((u) => u.api_key)).size, 60);
  const query = `query ($entity: String!, $project: String!) {
    project(name: $project, entityName: $entity) {
      runs { edges { node { config } } } } }`;
  for (const [i, user] of users.entries()) {
    const other = users[(i + 1) % users.length];
    const of = (u) => ({entity: u.entity, project: u.projects[0]});
    const own = JSON.stringify(
      (await it.graphql(query, of(user), user.username)).data);
    assert.ok(own.includes(user.canary) && !own.includes(other.canary));
    const theirs = await it.graphql(query, of(other), user.username);
    assert.equal(theirs.data.project, null);
    const calls = await it.calls(
      {project_id: `${user.entity}/${user.projects[0]}`, limit: 2},
      user.username);
    assert.ok(JSON.stringify(calls).includes(user.canary));
    assert.equal((await it.calls(
      {project_id: `${other.entity}/${other.projects[0]}`}, user.username))
      .status, 404);
  }
});

test('two of the standing users share no entity', () => {
  const of = (u) => new Set([u.username, u.entity, ...u.teams]);
  const alice = of(it.by.alice);
  assert.ok([...of(it.by.carol)].every((name) => !alice.has(name)));
  assert.ok([...of(it.by.bob)].some((name) => alice.has(name)));
});

test('the journal shows what was asked, and never a key', async () => {
  await it.post('/graphql', viewer, {as: 'alice'});
  await it.count(roots, 'alice');
  await it.post('/graphql', {query: '{ viewer { id } }', variables: {
    oops: it.by.bob.api_key}}, {as: 'bob'});
  const all = await it.requests();
  assert.deepEqual(all.map((e) => [e.method, e.path, e.user, e.status]), [
    ['POST', '/graphql', 'alice', 200],
    ['POST', '/traces/calls/query_stats', 'alice', 200],
    ['POST', '/graphql', 'bob', 200]]);
  assert.deepEqual(all[0].body, viewer);
  assert.equal(all[0].headers['content-type'], 'application/json');
  assert.equal(all[2].key_in_body, true);
  const text = JSON.stringify(all);
  for (const user of it.users())
    assert.ok(!text.includes(user.api_key));
  assert.ok(!/authorization|Basic /i.test(text));
  assert.equal((await it.requests('?user=bob')).length, 1);
  assert.equal((await it.requests('?path=/traces')).length, 1);
});

test('delays add to other faults, and a count of times runs out', async () => {
  await it.control({target: 'graphql', fault: 'delay', ms: 30});
  await it.control({target: 'graphql', fault: 'status', status: 503,
                    retry_after: 2, times: 1});
  const begun = performance.now();
  const first = await it.post('/graphql', viewer, {as: 'alice'});
  assert.equal(first.status, 503);
  assert.equal(first.headers.get('retry-after'), '2');
  assert.ok(performance.now() - begun >= 28);
  const second = await it.post('/graphql', viewer, {as: 'alice'});
  assert.equal(second.status, 200);
});

test('a limit is 429 and says when to return', async () => {
  await it.control({target: 'traces', fault: 'limit', retry_after: 7});
  const response = await it.post('/traces/calls/query_stats', roots,
                                 {as: 'alice'});
  assert.equal(response.status, 429);
  assert.equal(response.headers.get('retry-after'), '7');
  const other = await it.post('/graphql', viewer, {as: 'alice'});
  assert.equal(other.status, 200);
});

test('a fault may be for one user or for matching requests', async () => {
  await it.control({fault: 'status', status: 500, user: 'bob'});
  await it.control({fault: 'status', status: 502, match: 'roots_only'});
  const status = async (path, body, as) =>
    (await it.post(path, body, {as})).status;
  assert.equal(await status('/graphql', viewer, 'bob'), 500);
  assert.equal(await status('/graphql', viewer, 'alice'), 200);
  assert.equal(await status('/traces/calls/query_stats', roots, 'alice'), 502);
  await it.control({fault: 'off'});
  assert.equal(await status('/graphql', viewer, 'bob'), 200);
});

test('garbage is 200 and no JSON', async () => {
  await it.control({target: 'graphql', fault: 'garbage'});
  const response = await it.post('/graphql', viewer, {as: 'alice'});
  assert.equal(response.status, 200);
  await assert.rejects(response.json());
});

test('a cut ends the connection after whole lines or some bytes', async () => {
  const cases = [[{after_lines: 3}, 3], [{after_bytes: 0}, 0]];
  for (const [order, wanted] of cases) {
    await it.control({fault: 'off'});
    await it.control({target: 'traces', fault: 'cut', ...order});
    let text = '';
    await assert.rejects(async () => {
      const response = await it.post('/traces/calls/stream_query', roots,
                                     {as: 'alice'});
      assert.equal(response.status, 200);
      for await (const part of response.body)
        text += Buffer.from(part).toString('utf8');
    });
    assert.equal(text.split('\n').length - 1, wanted);
  }
  assert.ok((await it.requests('?path=/traces')).every((e) => !e.aborted));
});

test('a hanging request is open until its client leaves', async () => {
  await it.control({target: 'graphql', fault: 'hang'});
  const client = new AbortController();
  const asked = it.post('/graphql', viewer,
                        {as: 'alice', signal: client.signal});
  asked.catch(() => {});
  const open = () => it.requests('?open=1');
  await eventually(open, ({open: n}) => n === 1);
  const [waiting] = await it.requests();
  assert.deepEqual([waiting.status, waiting.aborted], [null, false]);
  client.abort();
  await assert.rejects(asked);
  await eventually(open, ({open: n}) => n === 0);
  const [gone] = await it.requests();
  assert.deepEqual([gone.status, gone.aborted], [null, true]);
});

test('a bomb is small on the wire and keeps unpacking', async () => {
  await it.control({target: 'graphql', fault: 'gzip_bomb', bytes: 64 << 20});
  let size = 0;
  const response = await it.post('/graphql', viewer, {as: 'alice'});
  for await (const part of response.body)
    size += part.length;
  assert.ok(size > 64 << 20);
});

test('a long answer is compressed for those who accept it', async () => {
  const ask = (encoding) => new Promise((resolve, reject) => {
    const request = rawRequest(`${it.url}/traces/calls/stream_query`, {
      method: 'POST', headers: {
        'content-type': 'application/json', 'accept-encoding': encoding,
        ...basic(`api:${it.by.alice.api_key}`)}}, (response) => {
      let bytes = 0;
      response.on('data', (part) => { bytes += part.length; });
      response.on('end', () => resolve({
        bytes, encoding: response.headers['content-encoding']}));
    });
    request.on('error', reject);
    request.end(JSON.stringify(roots));
  });
  const plain = await ask('identity');
  const packed = await ask('gzip');
  assert.equal(plain.encoding, undefined);
  assert.equal(packed.encoding, 'gzip');
  assert.ok(packed.bytes < plain.bytes / 3);
});

test('a nonsensical control is refused', async () => {
  assert.equal(await it.control({fault: 'melt'}), 400);
  assert.equal(await it.control({fault: 'delay', target: 'moon'}), 400);
  assert.equal((await it.post('/__control', '{')).status, 400);
});

test('a reset forgets faults, the journal and what was written', async () => {
  await it.graphql('mutation { upsertModel(input: {entityName: "alice",'
    + ' name: "new"}) { inserted } }');
  await it.control({fault: 'status', status: 500});
  await it.post('/__reset', null);
  const {status, data} = await it.graphql(
    '{ project(entityName: "alice", name: "new") { id } }');
  assert.deepEqual([status, data.project], [200, null]);
  assert.equal((await it.requests()).length, 1);
});

test('documentation search speaks MCP, as JSON and as an event', async () => {
  const call = (method, params) => ({jsonrpc: '2.0', id: 1, method, params});
  const search = call('tools/call', {
    name: 'search_weights_biases_documentation',
    arguments: {query: 'how do I start a sweep'}});
  const {result} = await (await it.post('/docs', search)).json();
  assert.match(result.content[0].text, /Sweeps/);
  const event = await it.post('/docs', search, {
    headers: {accept: 'application/json, text/event-stream'}});
  assert.match(await event.text(), /^event: message\ndata: \{.*\}\n\n$/);
  const {result: {tools}} = await (await it.post(
    '/docs', call('tools/list'))).json();
  assert.equal(tools.length, 1);
  const {error} = await (await it.post('/docs', call('no/such'))).json();
  assert.equal(error.code, -32601);
});

test('the process prints one line and leaves when told to', async () => {
  const main = fileURLToPath(new URL('main.js', import.meta.url));
  const child = spawn(process.execPath, [main, '--port', '0', '--users', '2']);
  const lines = createInterface({input: child.stdout});
  const [line] = await once(lines, 'line');
  const ready = JSON.parse(line);
  assert.match(ready.url, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.equal(ready.trace_url, `${ready.url}/traces`);
  assert.equal(ready.docs_url, `${ready.url}/docs`);
  assert.equal(ready.users.length, 7);
  // A connection that stays open must not keep it alive.
  await fetch(`${ready.url}/__requests`);
  child.kill('SIGTERM');
  const [code] = await once(child, 'exit');
  assert.equal(code, 0);
});
