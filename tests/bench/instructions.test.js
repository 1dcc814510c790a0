// What a request costs the server, in instructions under callgrind: a guard
// against slow decay that no busy machine can disturb. The recorded figures are
// in bench/baseline.json; UPDATE_BASELINE=1 writes them anew.

import assert from 'node:assert/strict';
import {execFileSync, spawn} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {after, test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {cleanEnvironment, emptyFolder, until, within}
  from '../clients/support/server.js';

const folder = process.env.MCP_BUILD_DIR
  ?? fileURLToPath(new URL('../../build/release', import.meta.url));
const baseline =
  fileURLToPath(new URL('../../bench/baseline.json', import.meta.url));
const slack = 1.1;
const requests = 400;
const home = emptyFolder();
after(home.remove);
const environment = cleanEnvironment(home.path);

/// Starts a server under callgrind, which counts its instructions.
async function start(binary) {
  const child = spawn('valgrind', [
    '--tool=callgrind', `--callgrind-out-file=${home.path}/${binary}.out`,
    join(folder, binary), '--port', '0', '--threads', '1', '--core_dumps',
    '--log_level', 'info'], {
    cwd: home.path, stdio: ['ignore', 'ignore', 'pipe'],
    env: {...environment, WANDB_BASE_URL: 'http://127.0.0.1:9',
          MAX_SESSIONS_PER_KEY: '1000'}});
  process.on('exit', () => child.kill('SIGKILL'));
  const exited = new Promise((resolve) => child.on('close', resolve));
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text) => { log += text; });
  await until(() => /ready at (http[^\s,]+)/.test(log), `${binary} to be ready`);
  after(async () => {
    child.kill('SIGTERM');
    await within(exited, `${binary} to end`);
  });
  let part = 0;
  return {
    url: /ready at (http[^\s,]+)/.exec(log)[1],
    /// Instructions since the last time it was asked.
    spent() {
      execFileSync('callgrind_control', ['--dump', String(child.pid)],
                   {env: environment});
      const file = `${home.path}/${binary}.out.${++part}`;
      return Number(/^summary: (\d+)/m.exec(readFileSync(file, 'utf8'))[1]);
    },
  };
}

/// Instructions per request, when `words` are what mcp-bench is to ask for.
function cost(server, words) {
  const ask = (count) => {
    server.spent();
    const {right, errors} = JSON.parse(execFileSync(join(folder, 'mcp-bench'), [
      ...words, '--url', server.url, '--requests', String(count),
      '--connections', '2', '--sessions', '2', '--tenants', '2', '--duration',
      '50', '--warm_up', '0', '--format', 'json', '--quiet'],
    {env: environment}));
    assert.deepEqual(errors, {});
    return {right, spent: server.spent()};
  };
  // What is done only once (memory, tables) comes first; what belongs to the
  // sessions' beginning is in both counts and falls out.
  ask(50);
  const few = ask(requests);
  const many = ask(2 * requests);
  return Math.round((many.spent - few.spent) / (many.right - few.right));
}

const product = await start('wandb-mcp-server');
const everything = await start('mcp-everything');
const recorded = JSON.parse(readFileSync(baseline, 'utf8')).instructions;
const measured = {};

for (const [name, server, words] of [
  ['ping', product, ['ping']],
  ['list', product, ['list']],
  ['call', everything, [
    'custom', '--method', 'tools/call', '--params',
    '{"name":"test_simple_text","arguments":{}}', '--expect', 'simple text']],
  ['call without session', everything, [
    'custom', '--era', 'stateless', '--method', 'tools/call', '--params',
    '{"name":"test_simple_text","arguments":{}}', '--name', 'test_simple_text',
    '--expect', 'simple text']]])
  test(`a ${name} costs what it did`, () => {
    measured[name] = cost(server, words);
    if (process.env.UPDATE_BASELINE)
      return;
    const most = recorded[name] * slack;
    assert.ok(measured[name] <= most,
              `${measured[name]} instructions, recorded are `
                + `${recorded[name]}; if that is worth it, run `
                + 'with UPDATE_BASELINE=1');
    // Far fewer would mean that the work is not done, or the record is stale.
    assert.ok(measured[name] * 2 >= recorded[name],
              `${measured[name]} instructions only`);
  });

after(() => {
  if (process.env.UPDATE_BASELINE)
    writeFileSync(baseline, JSON.stringify({
      what: 'instructions of the server for each request, under callgrind, with '
        + 'one thread; checked by tests/bench/instructions.test.js',
      instructions: measured}, null, 2) + '\n');
});
