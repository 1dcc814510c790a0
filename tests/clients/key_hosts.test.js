// A user's key goes to the user's W&B and to no other host: not to a trace
// server that nobody named, not after a redirect, not with an upload. Two
// listeners on loopback write down every header that reaches them.

import assert from 'node:assert/strict';
import http from 'node:http';
import {after, describe, test} from 'node:test';
import {initialize, openSession} from './support/mcp.js';
import {launch, startServer, until, within} from './support/server.js';
import {standIn} from './support/world.js';

const standin = await standIn();
after(() => standin.close());
const key = standin.by.alice.api_key;
const basic = Buffer.from(`api:${key}`).toString('base64');

/// A listener that notes what comes and answers as `answer` says.
async function listener(t, answer) {
  const seen = [];
  const server = http.createServer((request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      const noted = {path: request.url, headers: request.headers,
                     body: Buffer.concat(parts).toString('utf8')};
      seen.push(noted);
      answer(response, noted);
    });
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return {url: `http://127.0.0.1:${server.address().port}`, seen};
}

const holdsKey = ({path, headers, body}) => {
  const all = JSON.stringify([path, headers, body]);
  return all.includes(key) || all.includes(basic);
};
const json = (response, value) => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(value));
};

async function serve(t, env, args) {
  const server = await startServer({env, args});
  t.after(() => server.stop());
  return server;
}

const traces = ['count_weave_traces_tool',
                {entity_name: 'e', project_name: 'p'}];

test('without a trace address, traces are asked of the same W&B', async (t) => {
  const wandb = await listener(t, (response) => json(response, {count: 3}));
  const server = await serve(t, {WANDB_BASE_URL: wandb.url,
                                 WF_TRACE_SERVER_URL: ''});
  assert.match(server.log(),
               new RegExp(`traces at ${wandb.url}/traces[;,]`));
  const session = await openSession(server.url, key);
  const result = await session.call(...traces);
  assert.ok(!result.isError, JSON.stringify(result));
  assert.ok(wandb.seen.length > 0);
  assert.ok(wandb.seen.every((r) => r.path.startsWith('/traces/calls/')
    && r.headers.authorization === `Basic ${basic}`));
});

describe('a redirect does not take the key along', () => {
  for (const status of [301, 302, 303, 307, 308])
    test(String(status), async (t) => {
      const other = await listener(t, (response) => json(response, {}));
      const wandb = await listener(t, (response, {path}) => {
        response.writeHead(status, {location: other.url + path});
        response.end();
      });
      const docs = await listener(t, (response, {path}) => {
        response.writeHead(status, {location: other.url + path});
        response.end();
      });
      const server = await serve(t, {
        WANDB_BASE_URL: wandb.url, WF_TRACE_SERVER_URL: '',
        WANDB_DOCS_MCP_URL: docs.url});
      const session = await openSession(server.url, key);
      for (const [name, args] of [
        ['list_entities_tool', {}], traces,
        ['search_wandb_docs_tool', {query: 'sweeps'}],
        ['log_analysis_to_wandb', {
          entity_name: 'e', project_name: 'p', analysis_name: 'a',
          scalars: {loss: 1}}]]) {
        const result = await session.call(name, args);
        assert.ok(result.isError, `${name}: ${JSON.stringify(result)}`);
      }
      assert.ok(wandb.seen.some((r) => r.path === '/graphql'
        && r.headers.authorization === `Basic ${basic}`));
      assert.ok(wandb.seen.some((r) => r.path.startsWith('/traces/')));
      assert.ok(docs.seen.length > 0);
      assert.ok(!docs.seen.some(holdsKey));
      assert.deepEqual(other.seen, []);
    });
});

test('an internal address is called, and answers hold the public one',
     async (t) => {
  const elsewhere = await listener(t, (response) => json(response, {}));
  const server = await serve(t, {
    WANDB_BASE_URL: elsewhere.url, WANDB_INTERNAL_BASE_URL: standin.url,
    WF_TRACE_SERVER_URL: `${standin.url}/traces`});
  const {entity, projects} = standin.by.alice;
  const session = await openSession(server.url, key);
  const result = await session.call('query_wandb_tool', {
    entity_name: entity, project_name: projects[0], resource: 'runs',
    limit: 1});
  const text = JSON.stringify(result);
  assert.ok(!result.isError, text);
  assert.ok(text.includes(`${elsewhere.url}/${entity}/`), text);
  assert.ok(!text.includes(standin.url), text);
  assert.deepEqual(elsewhere.seen, []);
  assert.ok(!server.log().includes(`${standin.url} `)
    && !server.log().includes(`${standin.url},`), server.log());
});

// What the Python server's page tells people to write: a command, a key.
test('a command and a key are a server on stdio', async () => {
  const server = launch({
    env: {WANDB_API_KEY: key, WANDB_BASE_URL: standin.url}});
  try {
    server.child.stdin.write(`${JSON.stringify(initialize())}\n`);
    await until(() => server.out().includes('\n'), 'the first answer');
    assert.equal(JSON.parse(server.out().split('\n')[0]).id, 1);
    assert.match(server.log(), /ready on stdio \(stdin is a pipe/);
    server.child.stdin.end();
    assert.equal((await within(server.exited, 'the end')).code, 0);
  } finally {
    server.child.kill('SIGKILL');
  }
});

test('a port that is taken is told with what to do', async (t) => {
  const taken = await listener(t, (response) => response.end());
  const server = launch({args: ['--port', new URL(taken.url).port]});
  const {code} = await within(server.exited, 'the end')
    .finally(() => server.child.kill('SIGKILL'));
  assert.equal(code, 1);
  assert.match(server.log(), /in use.*--port.*ss -ltnp/);
});
