// search_wandb_docs_tool against documentation servers of several manners.

import assert from 'node:assert/strict';
import {after, test} from 'node:test';
import {openSession} from './support/mcp.js';
import {startServer} from './support/server.js';
import {structured} from './support/tools.js';
import {standIn} from './support/world.js';

const standin = await standIn();
after(() => standin.close());

/// Runs `use(ask)` with a server whose documentation is at `url`.
async function withDocs(env, use) {
  const server = await startServer({standin, env});
  try {
    const session = await openSession(server.url, standin.by.alice.api_key);
    await use(async (query) => {
      const result = await session.call('search_wandb_docs_tool', {query});
      return {isError: result.isError, ...structured(result)};
    });
  } finally {
    await server.stop();
  }
}

const at = (path) => ({WANDB_DOCS_MCP_URL: standin.url + path});

test('a handshake, another tool name and a session are coped with',
     async () => {
  for (const [path, requests] of [['/docs', 1], ['/docs/strict', 4],
                                  ['/docs/renamed', 3]]) {
    await standin.reset();
    await withDocs(at(path), async (ask) => {
      const answer = await ask('sweeps');
      assert.match(answer.result, /^Title: Sweeps/, path);
    });
    const seen = await standin.requests();
    assert.equal(seen.length, requests, path);
    // Nobody's key went there.
    assert.ok(seen.every((r) => r.user === null && !r.key_in_body));
  }
});

test('an answer is reused for its user, an error is not', async () => {
  await withDocs(at('/docs'), async (ask) => {
    await standin.reset();
    await standin.fault({target: 'docs', fault: 'garbage', times: 1});
    assert.equal((await ask('sweeps')).error, 'malformed_response');
    const first = await ask('sweeps');
    assert.deepEqual(await ask(' sweeps '), first);
    assert.equal((await standin.requests()).length, 2);
  });
});

test('a session is used again for the next question', async () => {
  await withDocs(at('/docs/strict'), async (ask) => {
    await ask('sweeps');
    await standin.reset();
    assert.ok(!(await ask('reports')).isError);
    assert.deepEqual((await standin.requests()).map((r) => r.body.method),
                     ['tools/call', 'tools/call']);
  });
});

test('a redirect to plain http is not followed', async () => {
  await withDocs(at('/docs/moved'), async (ask) => {
    await standin.reset();
    assert.equal((await ask('sweeps')).error, 'upstream_error');
    assert.deepEqual((await standin.requests()).map((r) => r.path),
                     ['/docs/moved']);
  });
});

test('a huge answer is refused before it is unpacked', async () => {
  await withDocs(at('/docs'), async (ask) => {
    await standin.fault({target: 'docs', fault: 'gzip_bomb', times: 1});
    assert.equal((await ask('sweeps')).error, 'response_too_large');
    await standin.reset();
  });
});

test('switched off, the tool says so', async () => {
  await withDocs({...at('/docs'), WANDB_MCP_PROXY_DOCS: 'False'},
                 async (ask) => {
    await standin.reset();
    assert.equal((await ask('sweeps')).error, 'docs_proxy_disabled');
    assert.deepEqual(await standin.requests(), []);
  });
});
