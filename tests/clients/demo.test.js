// scripts/demo as a newcomer uses it: what it prints works as it stands.

import assert from 'node:assert/strict';
import {execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {until} from './support/server.js';

const demo = fileURLToPath(new URL('../../scripts/demo', import.meta.url));

test('the demo prints a configuration, a page and a curl line that work',
     async () => {
  const child = spawn(demo, ['--port', '0'],
                      {stdio: ['ignore', 'pipe', 'pipe']});
  let said = '', log = '';
  child.stdout.setEncoding('utf8').on('data', (text) => { said += text; });
  child.stderr.setEncoding('utf8').on('data', (text) => { log += text; });
  const ended = once(child, 'close');
  try {
    await until(() => child.exitCode !== null || /Ctrl-C/.test(said),
                'the demo to be ready');
    assert.equal(child.exitCode, null, log);
    assert.doesNotMatch(log, /No such file/);

    const json = /^\{\n(.*\n)*?\}$/m.exec(said)[0];
    const {url, headers} = JSON.parse(json).mcpServers.wandb;
    const page = /set-up +(\S+)/.exec(said)[1];
    assert.equal((await fetch(page)).status, 200);
    assert.equal(new URL(page).origin, new URL(url).origin);
    const opened = await fetch(url, {
      method: 'POST',
      headers: {...headers, 'Content-Type': 'application/json',
                'Accept': 'application/json, text/event-stream'},
      body: JSON.stringify({
        jsonrpc: '2.0', id: 1, method: 'initialize',
        params: {protocolVersion: '2025-11-25', capabilities: {},
                 clientInfo: {name: 'newcomer', version: '1'}}}),
    });
    assert.equal(opened.status, 200);

    const curl = /^curl (.*\\\n)*.*$/m.exec(said)[0];
    const answer =
      JSON.parse(execFileSync('bash', ['-c', curl], {encoding: 'utf8'}));
    assert.equal(answer.result.isError ?? false, false);
    assert.equal(answer.result.structuredContent.items.length, 3);
    assert.equal(said.match(/^ +".*\?"$/gm).length, 3);
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
});
