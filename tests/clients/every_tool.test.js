// What holds for each tool, whatever it does: its price, and how it takes
// trouble. A tool that is listed is in here.

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {after, describe, test} from 'node:test';
import {call, openSession, request} from './support/mcp.js';
import {binary, startServer, until} from './support/server.js';
import {aliceCalls, structured} from './support/tools.js';
import {standIn, world} from './support/world.js';

const it = await world();
const alice = await openSession(it.url, it.by.alice.api_key);
const {tools} = JSON.parse(
  execFileSync(binary, ['--print_tools', 'json'], {encoding: 'utf8'}));
const ofW = (tool) => tool.toolset !== 'docs';
const writes = (tool) => !tool.annotations.readOnlyHint;
const argumentsOf = (tool) => aliceCalls[tool.name].arguments;
const jobOf = (tool) => aliceCalls[tool.name].job ?? argumentsOf(tool);

/// The same call, but of another project or entity, where the tool has one.
function elsewhere(args, change) {
  const out = structuredClone(args);
  let changed = false;
  for (const [key, value] of Object.entries(change))
    if (key in out) {
      out[key] = value;
      changed = true;
    }
  return changed ? out : null;
}

const isError = (result, ...codes) => {
  assert.equal(result.isError, true, JSON.stringify(result).slice(0, 800));
  const body = structured(result);
  assert.ok(body.message?.length > 10, JSON.stringify(body));
  if (codes.length)
    assert.ok(codes.includes(body.error), JSON.stringify(body));
  return body;
};

test('the documentation is what the server says of its tools', () => {
  const shown = execFileSync(binary, ['--print_tools', 'markdown'],
                             {encoding: 'utf8'});
  const written = readFileSync(new URL('../../docs/tools.md', import.meta.url),
                               'utf8');
  assert.ok(shown === written, 'docs/tools.md is old: '
    + 'build/release/wandb-mcp-server --print_tools markdown >docs/tools.md');
});

test('the list is lean', () => {
  // What a model reads of each tool, four characters to a token.
  const first = new Set(['list_wandb_automations_tool',
                         'list_wandb_integrations_tool']);
  const size = (t) => t.name.length + t.description.length
    + JSON.stringify(t.inputSchema).length;
  const old = tools.filter((t) => !first.has(t.name));
  const sum = old.reduce((n, t) => n + size(t), 0);
  assert.equal(old.length, 20);
  assert.ok(sum <= 36_000, `${sum} characters: `
    + old.map((t) => `${t.name} ${size(t)}`).join(', '));
});

for (const tool of tools)
  describe(tool.name, () => {
    test('says when to use it', () => {
      assert.ok(tool.description.length > 60);
      for (const [name, property] of
        Object.entries(tool.inputSchema.properties))
        assert.ok(property.description || property.enum
                  || ['entity_name', 'project_name', 'run_id'].includes(name)
                  || /_step$/.test(name),
                  `${name} has no description`);
    });

    test(`${tool.upstream.job}: ${tool.upstream.requests} upstream`,
         async () => {
      const fresh = await openSession(it.url, it.by.alice.api_key);
      await it.standin.reset();
      const answer = await fresh.call(tool.name, jobOf(tool));
      assert.ok(!answer.isError, answer.content[0].text);
      const seen = await it.standin.requests();
      assert.equal(seen.length, tool.upstream.requests,
                   seen.map((r) => r.path).join(' '));
    });

    test('refuses an unknown key', {skip: !ofW(tool)}, async () => {
      const stranger = await openSession(it.url, 'z'.repeat(40));
      const body = isError(await stranger.call(tool.name, argumentsOf(tool)),
                           'unauthorized', 'authentication_failed');
      assert.ok(!JSON.stringify(body).includes('zzzz'));
    });

    test('shows another user nothing', {skip: !ofW(tool)}, async () => {
      const carol = await openSession(it.url, it.by.carol.api_key);
      const [hers, mine] = await Promise.all([
        carol.call(tool.name, argumentsOf(tool)),
        writes(tool) ? null : alice.call(tool.name, argumentsOf(tool))]);
      assert.ok(!JSON.stringify(hers).includes('canary-alice'));
      if (mine)
        aliceCalls[tool.name].check(structured(mine), it.standin.data);
    });

    const nowhere = elsewhere(argumentsOf(tool),
                              {project_name: 'no-such-project'});
    test('of a project that is not there', {skip: !nowhere}, async () => {
      const result = await alice.call(tool.name, nowhere);
      const body = structured(result);
      // The trace server does not know projects: it finds nothing in them.
      if (!result.isError && tool.toolset === 'weave')
        return;
      isError(result);
      assert.match(body.error, /not_found|upstream_error|not_permitted/);
    });

    const empty = elsewhere(argumentsOf(tool),
                            {project_name: 'empty-project'});
    test('of an empty project', {skip: !empty}, async () => {
      const result = await alice.call(tool.name, empty);
      assert.ok(result.content[0].text.length > 0);
      if (result.isError)
        assert.match(structured(result).error, /not_found/,
                     result.content[0].text);
    });

    test('with W&B limiting once', {skip: !ofW(tool)}, async () => {
      const user = await openSession(it.url, it.by.alice.api_key);
      await it.standin.reset();
      await it.standin.fault({target: 'all', fault: 'limit', retry_after: 1,
                              times: 1});
      const result = await user.call(tool.name, argumentsOf(tool));
      await it.standin.reset();
      if (!writes(tool))
        return aliceCalls[tool.name].check(structured(result),
                                           it.standin.data);
      // The first request of a writing tool may be a read, which is repeated.
      if (result.isError)
        isError(result, 'outcome_unknown', 'rate_limited', 'server_busy');
    });

    test('cancelled on the way', {skip: !ofW(tool)}, async () => {
      const user = await openSession(it.url, it.by.alice.api_key);
      await it.standin.reset();
      await it.standin.fault({target: 'all', fault: 'hang', times: 9});
      const answer = user.ask(call('c', tool.name, argumentsOf(tool)));
      await until(async () => (await it.standin.requests('?open=1')).open > 0,
                  'the first request upstream');
      await user.ask({jsonrpc: '2.0', method: 'notifications/cancelled',
                      params: {requestId: 'c'}});
      assert.deepEqual((await answer).messages, []);
      await until(async () =>
        (await it.standin.requests('?open=1')).open === 0,
                  'the upstream requests to end');
      await it.standin.reset();
      const ping = await user.ask(request('p', 'ping'));
      assert.deepEqual(ping.messages[0].result, {});
    });
  });

describe('with a small budget', async () => {
  const standin = await standIn();
  const server = await startServer({standin, args: ['--max_response_tokens',
                                                    '400']});
  after(async () => {
    await server.stop();
    await standin.close();
  });
  const user = await openSession(server.url, standin.by.alice.api_key);
  for (const tool of tools)
    test(tool.name, async () => {
      const result = await user.call(tool.name, argumentsOf(tool));
      const {text} = result.content[0];
      assert.ok(text.length <= 1600 * 1.1, `${text.length} characters`);
      if (result.isError)
        isError(result, 'response_too_large', 'query_too_large');
    });
});

describe('chosen tools', () => {
  const names = (...args) => JSON.parse(
    execFileSync(binary, ['--print_tools', 'json', ...args],
                 {encoding: 'utf8'})).tools.map((t) => t.name);

  test('by toolset', () => {
    for (const set of ['models', 'weave', 'registry', 'reports', 'docs'])
      assert.deepEqual(names('--toolsets', set),
                       tools.filter((t) => t.toolset === set)
                         .map((t) => t.name));
  });

  test('that only read are all but two', () => {
    assert.deepEqual(
      tools.map((t) => t.name).filter((n) => !names('--read-only').includes(n)),
      ['create_wandb_report_tool', 'log_analysis_to_wandb']);
  });

  test('what is not offered can not be called', async () => {
    const server = await startServer({
      standin: it.standin,
      args: ['--read_only', '--disable_tools', 'list_entities_tool']});
    try {
      const user = await openSession(server.url, it.by.alice.api_key);
      const listed = await user.ask(request(2, 'tools/list'));
      assert.equal(listed.messages[0].result.tools.length, tools.length - 3);
      for (const name of ['create_wandb_report_tool', 'log_analysis_to_wandb',
                          'list_entities_tool']) {
        const answer = await user.ask(call(3, name, argumentsOf({name})));
        assert.equal(answer.messages[0].error.code, -32602);
      }
    } finally {
      await server.stop();
    }
  });
});
