// W&B and clients at their worst: what the caller is told, what it costs, and
// that the next healthy call succeeds.
//
// Each test is another user, because a user's own failures make the server
// leave W&B alone for a while, for that user.

import assert from 'node:assert/strict';
import {once} from 'node:events';
import {createServer} from 'node:http';
import net from 'node:net';
import {after, before, describe, test} from 'node:test';
import {call, openSession, request} from './support/mcp.js';
import {format, open} from './support/raw_http.js';
import {startServer, until, usage} from './support/server.js';
import {structured} from './support/tools.js';
import {standIn, world} from './support/world.js';

const it = await world({extraUsers: 80});
let lastUser = 0;

/// A user that no other test is, with a session. `fault` sets a fault for this
/// user alone, `seen` gives what W&B was asked by them.
async function somebody() {
  const name = `tenant-${String(++lastUser).padStart(5, '0')}`;
  const user = it.by[name];
  const session = await openSession(it.url, user.api_key);
  return {
    ...user, session,
    fault: (order) => it.standin.fault({...order, user: name}),
    seen: () => it.standin.requests(`?user=${name}`),
    /// One request to /graphql each.
    viewer: () => session.call('query_wandb_tool',
                               {query: '{ viewer { username } }'}),
    projects: () => session.call('query_wandb_entity_projects',
                                 {entity: name}),
    count: () => session.call('count_weave_traces_tool', {
      entity_name: name, project_name: user.projects[0],
      filters: {trace_roots_only: true}}),
    traces: (args = {}) => session.call('query_weave_traces_tool', {
      entity_name: name, project_name: user.projects[0], limit: 50, ...args}),
  };
}

async function assertHealthy(user) {
  const viewer = await user.viewer();
  assert.ok(!viewer.isError, JSON.stringify(viewer));
  assert.equal(structured(viewer).viewer.username, user.username);
  const count = await user.count();
  assert.equal(structured(count).root_traces_count, 12, JSON.stringify(count));
}

function assertError(result, code) {
  assert.equal(result.isError, true, JSON.stringify(result).slice(0, 500));
  const body = structured(result);
  assert.equal(body.error, code, JSON.stringify(body));
  assert.ok(body.message.length > 10);
  return body;
}

// The longest: begun first, so that the others run while it waits.
const slow = await somebody();
await slow.fault({target: 'graphql', fault: 'hang', times: 1});
const slowAnswer = slow.session.ask(
  call('slow', 'query_wandb_entity_projects', {entity: slow.username}));
slowAnswer.catch(() => {});

describe('W&B', () => {
  for (const status of [500, 502, 503, 504])
    test(`answers ${status} once: the call tries again and succeeds`,
         async () => {
      const user = await somebody();
      await user.fault({target: 'all', fault: 'status', status, times: 1});
      const answer = await user.projects();
      assert.ok(!answer.isError, JSON.stringify(answer));
      assert.deepEqual((await user.seen()).map((r) => r.status), [status, 200]);
    });

  for (const [status, code] of [[500, 'upstream_unavailable'],
                                [503, 'upstream_unavailable'],
                                [504, 'upstream_timeout']])
    test(`answers ${status} again and again: the call gives up`, async () => {
      const user = await somebody();
      await user.fault({target: 'all', fault: 'status', status, times: 3});
      assertError(await user.projects(), code);
      assert.equal((await user.seen()).length, 3);
      await assertHealthy(user);
    });

  for (const [status, code, ofTraces = code] of [
    [401, 'unauthorized'], [403, 'not_permitted'],
    [400, 'upstream_error', 'query_failed'],
    [422, 'upstream_error', 'query_failed']])
    test(`answers ${status}: the call says so and does not insist`,
         async () => {
      for (const target of ['graphql', 'traces']) {
        const user = await somebody();
        await user.fault({target, fault: 'status', status, times: 2,
                          message: 'what W&B says'});
        const answer = await (target === 'graphql' ? user.viewer()
          : user.traces({metadata_only: true}));
        const body = assertError(answer, target === 'traces' ? ofTraces : code);
        assert.equal(body.http_status, status);
        assert.match(body.message, /what W&B says/);
        await it.standin.fault({target, fault: 'off'});
        await assertHealthy(user);
      }
    });

  test('limits for a second: the call waits and succeeds', async () => {
    const user = await somebody();
    await user.fault({target: 'graphql', fault: 'limit', retry_after: 1,
                      times: 1});
    assert.ok(!(await user.projects()).isError);
    const [first, second] = await user.seen();
    assert.deepEqual([first.status, second.status], [429, 200]);
    assert.ok(second.at_ms - first.at_ms >= 990,
              `${second.at_ms - first.at_ms} ms`);
    await assertHealthy(user);
  });

  test('limits for an hour: the caller learns when to come back', async () => {
    const user = await somebody();
    const other = await somebody();
    await user.fault({target: 'graphql', fault: 'limit', retry_after: 3600,
                      times: 1});
    for (let i = 0; i < 2; ++i) {
      const body = assertError(await user.projects(), 'rate_limited');
      assert.ok(body.retry_after_ms > 3_500_000
                && body.retry_after_ms <= 3_600_000, `${body.retry_after_ms}`);
    }
    assert.equal((await user.seen()).length, 1,
                 'W&B is not asked again before its time');
    assert.equal(structured(await user.count()).root_traces_count, 12,
                 'the trace server set no limit');
    await assertHealthy(other);
  });

  test('keeps failing: it is left alone, and only for that user', async () => {
    const user = await somebody();
    await user.fault({target: 'graphql', fault: 'status', status: 500});
    assertError(await user.projects(), 'upstream_unavailable');
    assertError(await user.viewer(), 'upstream_unavailable');
    const asked = (await user.seen()).length;
    const body = assertError(await user.projects(), 'upstream_unavailable');
    assert.ok(body.retry_after_ms > 0);
    assert.equal((await user.seen()).length, asked);
    await assertHealthy(await somebody());
    await it.standin.fault({target: 'graphql', fault: 'off'});
  });

  test('breaks off once: the call tries again and succeeds', async () => {
    const user = await somebody();
    await user.fault({target: 'graphql', fault: 'cut', times: 1});
    assert.ok(!(await user.projects()).isError);
    assert.equal((await user.seen()).length, 2);
    await assertHealthy(user);
  });

  test('always breaks off: the call says so', async () => {
    const user = await somebody();
    await user.fault({target: 'graphql', fault: 'cut', times: 3,
                      after_bytes: 0});
    assertError(await user.projects(), 'upstream_unavailable');
    await assertHealthy(user);
  });

  test('breaks off a stream of rows: what came is given, and marked',
       async () => {
    const user = await somebody();
    const whole = structured(await user.traces()).metadata.total_traces;
    await user.fault({target: 'traces', fault: 'cut', after_lines: 7,
                      match: 'stream_query'});
    const answer = await user.traces();
    await it.standin.fault({target: 'traces', fault: 'off'});
    assert.ok(!answer.isError, JSON.stringify(answer));
    const {metadata} = structured(answer);
    assert.equal(metadata.total_traces, 7);
    assert.equal(metadata.partial, true);
    assert.ok(whole > 7);
    await assertHealthy(user);
  });

  for (const [what, body] of [
    ['a web page', undefined], ['nothing', ''], ['null', 'null'],
    ['a list', '[]'], ['a text', '"data"'], ['half an object', '{"data":{"v'],
    ['no data', '{}'], ['null data', '{"data":null}'],
    ['data of another kind', '{"data":[1,2]}'],
    ['another viewer', '{"data":{"viewer":5}}'],
    ['depth', `{"data":${'['.repeat(100_000)}`],
    ['a bare control character', '{"data":{"viewer":{"username":"\u0001"}}}'],
  ])
    test(`answers ${what}: an error, and the server lives`, async () => {
      const user = await somebody();
      for (const target of ['graphql', 'traces'])
        await user.fault({target, fault: 'garbage', body, times: 6});
      // A stream of rows may well be empty.
      const asked = ['projects', 'count', ...body === '' ? [] : ['traces']];
      for (const name of asked) {
        const answer = await user[name]();
        assert.equal(answer.isError, true,
                     `${name}: ${JSON.stringify(answer).slice(0, 500)}`);
        assert.match(structured(answer).error, /^[a-z_]+$/);
      }
      for (const target of ['graphql', 'traces'])
        await it.standin.fault({target, fault: 'off'});
      await assertHealthy(user);
    });

  test('sends a gzip bomb: it is refused, and memory stays bounded',
       async () => {
    for (const [target, ask] of [['graphql', 'projects'], ['traces', 'traces'],
                                 ['traces', 'count']]) {
      const user = await somebody();
      await user.fault({target, fault: 'gzip_bomb', bytes: 1 << 30});
      const answer = await user[ask]();
      assert.equal(answer.isError, true);
      assert.equal(structured(answer).error, 'response_too_large',
                   JSON.stringify(answer));
      await it.standin.fault({target, fault: 'off'});
      await assertHealthy(user);
    }
    const {peakBytes} = usage(it.server.pid);
    assert.ok(peakBytes < 300 << 20, `${peakBytes >> 20} MiB`);
  });
});

describe('an upstream that is not W&B', () => {
  const key = 'somebodyskey'.repeat(4);

  test('redirects: the key does not follow', async (t) => {
    const arrived = [];
    const thief = createServer((req, res) => {
      arrived.push(req.headers);
      res.end('{"data":{"viewer":{"username":"thief"}}}');
    });
    const asked = [];
    const upstream = createServer((req, res) => {
      asked.push(req.url);
      req.resume();
      res.writeHead(Number(/s=(\d+)/.exec(req.url)?.[1] ?? 302), {
        location: `http://127.0.0.1:${thief.address().port}/stolen`});
      res.end();
    });
    for (const server of [thief, upstream]) {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      t.after(() => {
        server.close();
        server.closeAllConnections();
      });
    }
    const server = await startServer({
      standin: {url: `http://127.0.0.1:${upstream.address().port}`}});
    t.after(() => server.stop());
    const session = await openSession(server.url, key);
    for (const [name, args] of [
      ['list_entities_tool', {}],
      ['count_weave_traces_tool', {entity_name: 'a', project_name: 'b'}]]) {
      const answer = await session.call(name, args);
      assert.equal(answer.isError, true);
      assert.ok(!JSON.stringify(answer).includes(key));
    }
    assert.ok(asked.length >= 2);
    assert.ok(!asked.join().includes(key));
    assert.deepEqual(arrived, []);
  });

  test('is not there: an error; is back: all is well', async (t) => {
    let standin = await standIn();
    const {port} = new URL(standin.url);
    const server = await startServer({standin});
    t.after(() => server.stop());
    const {api_key: mine} = standin.by.carol;
    const session = await openSession(server.url, mine);
    assert.ok(!(await session.call('list_entities_tool', {})).isError);
    await standin.close();
    const answer = await session.call('query_wandb_entity_projects',
                                      {entity: 'carol'});
    assert.equal(assertError(answer, 'upstream_unavailable').cause, 'refused');
    standin = await standIn({port: Number(port)});
    t.after(() => standin.close());
    const back = await session.call('query_wandb_entity_projects',
                                    {entity: 'carol'});
    assert.ok(!back.isError, JSON.stringify(back));
  });

  // What only the operator can cure says so, to the client and in the log.
  const closed = async () => {
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const {port} = server.address();
    server.close();
    await once(server, 'close');
    return port;
  };
  const plain = async (t) => {
    const server = createServer((req, res) => res.end('{}'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => {
      server.close();
      server.closeAllConnections();
    });
    return server.address().port;
  };
  for (const [what, cause, address, says] of [
    // Too long for a name, so that nobody has to be asked.
    ['has a name that is none', 'dns',
     () => `http://${'a'.repeat(70)}.invalid`,
     /name a+\.invalid can't be resolved/],
    ['has a port where nobody listens', 'refused',
     async () => `http://127.0.0.1:${await closed()}`,
     /127\.0\.0\.1:\d+ refuses connections/],
    ['speaks no TLS', 'tls', async (t) => `https://127.0.0.1:${await plain(t)}`,
     /TLS connection to 127\.0\.0\.1:\d+ fails/],
  ])
    test(`${what}: the operator is told, not the model`, async (t) => {
      const server = await startServer({standin: {url: await address(t)}});
      t.after(() => server.stop());
      const session = await openSession(server.url, key);
      for (const [name, args, service, setting] of [
        ['query_wandb_entity_projects', {entity: 'a'}, 'api', 'WANDB_BASE_URL'],
        ['query_wandb_tool', {entity_name: 'a', project_name: 'b',
                              resource: 'runs'}, 'api', 'WANDB_BASE_URL'],
        ['count_weave_traces_tool', {entity_name: 'a', project_name: 'b'},
         'trace', 'WF_TRACE_SERVER_URL'],
      ]) {
        const body = structured(await session.call(name, args));
        assert.equal(body.error, 'upstream_unavailable', JSON.stringify(body));
        assert.equal(body.cause, cause);
        assert.match(body.message, says);
        assert.match(body.message, new RegExp(
          `operator of this MCP server: check ${setting}`));
        assert.doesNotMatch(JSON.stringify(body), /less|fewer|narrower/i);
        await until(() => new RegExp(
          `warning call tool=${name} .*upstream=${service}:${cause}`).test(
          server.log()), `the line of ${name} in ${server.log()}`);
      }
      assert.ok(!server.log().includes(key));
    });

  test('speaks no HTTP: an error', async (t) => {
    const upstream = net.createServer((socket) => {
      socket.on('error', () => {});
      socket.end('220 mail.example ESMTP\r\n');
    });
    upstream.listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    t.after(() => upstream.close());
    const server = await startServer({
      standin: {url: `http://127.0.0.1:${upstream.address().port}`}});
    t.after(() => server.stop());
    const session = await openSession(server.url, key);
    const answer = await session.call('list_entities_tool', {});
    assert.equal(answer.isError, true);
    assert.match(structured(answer).error, /^upstream_/);
  });
});

describe('a client', () => {
  test('that leaves: what it asked for is given up at once', async () => {
    for (const leave of ['destroy', 'end']) {
      const user = await somebody();
      await user.fault({target: 'all', fault: 'hang', times: 1});
      const connection = open(it.server.port);
      const body = JSON.stringify(call(5, 'query_wandb_entity_projects',
                                       {entity: user.username}));
      connection.write(format({body, headers: {
        Host: it.server.host, Authorization: `Bearer ${user.api_key}`,
        ...user.session.headers, 'Content-Type': 'application/json',
        Accept: 'application/json, text/event-stream',
        'Content-Length': body.length}}));
      await until(async () => (await user.seen()).length === 1,
                  'the request to reach W&B');
      connection.socket[leave]();
      await until(async () => (await user.seen())[0].aborted,
                  'the request to be aborted');
      await assertHealthy(user);
    }
  });

  test('that cancels: what it asked for is given up at once', async () => {
    const user = await somebody();
    await user.fault({target: 'all', fault: 'hang', times: 1});
    const asking = user.session.ask(call('c', 'query_wandb_entity_projects',
                                         {entity: user.username}));
    await until(async () => (await user.seen()).length === 1,
                'the request to reach W&B');
    await user.session.ask({jsonrpc: '2.0', method: 'notifications/cancelled',
                            params: {requestId: 'c'}});
    assert.deepEqual((await asking).messages, []);
    await until(async () => (await user.seen())[0].aborted,
                'the request to be aborted');
    await assertHealthy(user);
  });

  test('that ends its session: what it asked for is given up', async () => {
    const user = await somebody();
    await user.fault({target: 'all', fault: 'hang', times: 1});
    const asking = user.session.ask(call('d', 'query_wandb_entity_projects',
                                         {entity: user.username}));
    await until(async () => (await user.seen()).length === 1,
                'the request to reach W&B');
    assert.equal((await user.session.end()).status, 204);
    await asking;
    await until(async () => (await user.seen())[0].aborted,
                'the request to be aborted');
  });

  describe('with two thousand idle connections', () => {
    const idle = [];
    before(async () => {
      for (let i = 0; i < 20; ++i)
        await Promise.all(Array.from({length: 100}, async () => {
          const socket = net.connect(it.server.port, '127.0.0.1');
          idle.push(socket);
          await once(socket, 'connect');
        }));
    });
    after(() => idle.forEach((socket) => socket.destroy()));

    test('does not keep others from being served', async () => {
      assert.equal(idle.length, 2000);
      await assertHealthy(await somebody());
      assert.ok(idle.every((socket) => !socket.destroyed));
    });
  });
});

test('a call that W&B never answers ends with its time', async () => {
  const answer = await slowAnswer;
  assert.equal(answer.status, 200);
  // By then it was a stream, which proxies don't cut off for being quiet.
  assert.match(answer.headers['content-type'], /text\/event-stream/);
  const {id, result} = answer.messages.at(-1);
  assert.equal(id, 'slow');
  assertError(result, 'upstream_timeout');
  assert.ok((await slow.seen())[0].aborted);
  await assertHealthy(slow);
  assert.deepEqual((await slow.session.ask(request(9, 'ping'))).messages[0]
    .result, {});
});
