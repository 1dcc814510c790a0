// Many users at once over few shared connections: each sees what is theirs, and
// nobody's key is ever seen at all.

import assert from 'node:assert/strict';
import http from 'node:http';
import {after, describe, test} from 'node:test';
import {bearer, call, exchange, initialize, openSession, request}
  from './support/mcp.js';
import {structured} from './support/tools.js';
import {world} from './support/world.js';

const it = await world({
  extraUsers: 60, env: {MCP_SERVER_LOG_LEVEL: 'debug'}});
const agent = new http.Agent({keepAlive: true, maxSockets: 6});
after(() => agent.destroy());
const tenants = it.standin.userList.filter(
  (u) => u.username.startsWith('tenant-'));
const said = []; // every response, to be searched for keys in the end

/// What one user asks. All use the same JSON-RPC ids.
function questions(user) {
  const project = {entity_name: user.username, project_name: user.projects[0]};
  return [
    ['list_entities_tool', {}],
    ['query_wandb_entity_projects', {}],
    ['query_wandb_tool', {
      query: 'query Q { viewer { username entity } }'}],
    ['query_wandb_tool', {
      query: `query Q($e: String!, $p: String!) {
        project(entityName: $e, name: $p) {
          runs { edges { node { name displayName config } } 
                 pageInfo { endCursor hasNextPage } } } }`,
      variables: {e: user.username, p: user.projects[0]}}],
    ['get_run_history_tool', {...project, run_id: 'healthy1', samples: 20}],
    ['count_weave_traces_tool', project],
    ['query_weave_traces_tool', {...project, limit: 3,
                                 filters: {trace_roots_only: true}}],
  ];
}

/// Asserts that `text` names no other tenant than `user`.
function assertOwn(text, user) {
  for (const [name] of text.matchAll(/tenant-\d{5}/g))
    assert.equal(name, user.username);
  assert.doesNotMatch(text, /canary-(alice|bob|carol|dave|team)/);
}

describe('sixty users over six connections', () => {
  const sessions = new Map();

  test('each sees exactly what is theirs', async () => {
    assert.ok(tenants.length >= 50);
    await Promise.all(tenants.map(async (user) => {
      const session = await openSession(it.url, user.api_key, {agent});
      sessions.set(user.username, session);
      await Promise.all(questions(user).map(async ([name, args]) => {
        const answer = await session.ask(call(2, name, args));
        said.push(answer.text);
        assert.equal(answer.status, 200);
        const {id, result} = answer.messages[0];
        assert.equal(id, 2);
        assert.ok(!result.isError, answer.text);
        assert.ok(answer.text.includes(user.username)
                  || name === 'count_weave_traces_tool', answer.text);
        assertOwn(answer.text, user);
      }));
    }));
  });

  test('W&B was asked with the right key each time', async () => {
    const requests = await it.standin.requests();
    const asked = requests.filter((r) => r.user?.startsWith('tenant-'));
    assert.ok(asked.length >= 5 * tenants.length);
    for (const r of asked) {
      assertOwn(JSON.stringify(r.body), {username: r.user});
      assert.ok(!r.key_in_body);
    }
    assert.ok(requests.every((r) => r.user !== null));
  });

  test("a neighbour's project looks like one that does not exist", async () => {
    await Promise.all(tenants.slice(0, 10).map(async (user, i) => {
      const neighbour = tenants[i + 10];
      const session = sessions.get(user.username);
      for (const [name, args] of questions(neighbour).slice(3)) {
        const [theirs, missing] = await Promise.all([
          session.call(name, args),
          session.call(name, JSON.parse(JSON.stringify(args).replaceAll(
            neighbour.username, 'tenant-none0')))]);
        assert.equal(theirs.isError, missing.isError, name);
        const text = JSON.stringify(theirs);
        assert.ok(!text.includes(neighbour.canary), text);
        assert.equal(text.replaceAll(neighbour.username, 'tenant-none0'),
                     JSON.stringify(missing), name);
      }
    }));
  });

  test("another's session id is like an unknown one, on any connection",
       async () => {
    const answers = new Set();
    await Promise.all(tenants.map(async (user, i) => {
      const foreign = sessions.get(tenants[(i + 1) % tenants.length].username);
      for (const id of [foreign.id, 'unknown', `${foreign.id}x`]) {
        const answer = await exchange(it.url, {
          agent, body: call(2, 'list_entities_tool'),
          headers: {...bearer(user.api_key), 'mcp-session-id': id}});
        said.push(answer.text);
        const {date, ...headers} = answer.headers;
        answers.add(JSON.stringify([answer.status, headers, answer.text]));
      }
    }));
    assert.equal(answers.size, 1, [...answers].join('\n'));
    assert.match([...answers][0], /^\[404/);
  });

  test("another's DELETE ends nothing", async () => {
    await Promise.all(tenants.slice(0, 10).map(async (user, i) => {
      const foreign = sessions.get(tenants[i + 1].username);
      const answer = await exchange(it.url, {
        method: 'DELETE', agent,
        headers: {...bearer(user.api_key), 'mcp-session-id': foreign.id}});
      assert.equal(answer.status, 404);
      assert.equal((await foreign.ask(request(2, 'ping'))).status, 200);
    }));
  });

  test("a cancellation reaches only one's own call", async () => {
    const [mine, theirs] = tenants.slice(-2);
    await it.standin.fault({target: 'traces', fault: 'delay', ms: 1000,
                            user: mine.username});
    const asking = sessions.get(mine.username).ask(
      call(77, 'count_weave_traces_tool',
           {entity_name: mine.username, project_name: mine.projects[0],
            filters: {trace_roots_only: true}}));
    await it.standin.request(
      (r) => r.user === mine.username && r.status === null
        && r.path.startsWith('/traces/'), 'the call to reach W&B');
    const told = await sessions.get(theirs.username).ask({
      jsonrpc: '2.0', method: 'notifications/cancelled',
      params: {requestId: 77}});
    assert.equal(told.status, 202);
    assert.ok((await asking).messages[0].result);
    await it.standin.fault({target: 'traces', fault: 'off'});
  });
});

describe('a key that W&B does not know', () => {
  const wrong = 'unknownkey'.repeat(4);

  test('gets an error with the cure, and nothing that was read before',
       async () => {
    const session = await openSession(it.url, wrong, {agent});
    const user = tenants[0];
    // The very requests that were answered for their owner a moment ago.
    for (const [name, args] of questions(user)) {
      const answer = await session.ask(call(2, name, args));
      said.push(answer.text);
      const {result} = answer.messages[0];
      assert.equal(result.isError, true, name);
      assert.equal(structured(result).error, 'unauthorized', answer.text);
      assert.match(answer.text, /wandb\.ai\/authorize/);
      assert.doesNotMatch(answer.text, /canary/);
    }
    assert.ok((await session.ask(request(3, 'tools/list'))).messages[0].result);
  });

  test('does not open the session of a good key', async () => {
    const good = await openSession(it.url, tenants[1].api_key, {agent});
    const answer = await exchange(it.url, {
      agent, body: request(2, 'ping'),
      headers: {...bearer(wrong), 'mcp-session-id': good.id}});
    assert.equal(answer.status, 404);
  });

  test('never appears, nor does any other', async () => {
    const refused = await exchange(it.url, {
      agent, body: initialize(),
      headers: bearer(`${tenants[2].api_key}!`)});
    assert.equal(refused.status, 401);
    said.push(refused.text);
    const everything = said.join('\n') + it.server.log() + it.server.out();
    assert.ok(said.length > 400);
    assert.match(it.server.log(), /debug/);
    for (const {api_key: key} of [...it.standin.userList, {api_key: wrong}]) {
      assert.ok(!everything.includes(key));
      const basic = Buffer.from(`api:${key}`).toString('base64');
      assert.ok(!everything.includes(basic));
    }
  });
});
