// The server as a child process, in an empty home, told nothing but what a
// test tells it.

import {spawn} from 'node:child_process';
import {existsSync, mkdtempSync, readFileSync, readdirSync, rmSync}
  from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';

export const binary = process.env.MCP_SERVER_BINARY
  ?? fileURLToPath(new URL('../../../build/release/wandb-mcp-server',
                           import.meta.url));

/// Longer than anything here takes on a loaded machine: who waits this long
/// waits in vain.
export const patience = 60_000;

/// The environment of a child: ours without what would change its behaviour.
export function cleanEnvironment(home, extra = {}) {
  const env = {PATH: process.env.PATH, HOME: home, LANG: 'C.UTF-8'};
  // A sanitizer's build of the server is told what to do this way.
  for (const name of Object.keys(process.env))
    if (/^(A|T|L|UB)SAN_OPTIONS$/.test(name))
      env[name] = process.env[name];
  return {...env, ...extra};
}

/// Gives a folder that `remove` takes away again.
export function emptyFolder() {
  const path = mkdtempSync(join(tmpdir(), 'mcp-clients-'));
  return {path, remove: () => rmSync(path, {recursive: true, force: true})};
}

/// Resolves once `look` gives something true; rejects in the end with `what`.
/// For what has no event to wait for.
export async function until(look, what, limit = patience) {
  const end = Date.now() + limit;
  for (;;) {
    const found = await look();
    if (found)
      return found;
    if (Date.now() > end)
      throw new Error(`in vain waited for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/// Rejects when `promise` takes longer than `limit`.
export async function within(promise, what, limit = patience) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`in vain waited for ${what}`)),
                       limit);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

const alive = new Set();
// A test that fails half way must leave nothing running.
process.on('exit', () => alive.forEach((child) => child.kill('SIGKILL')));

/// Runs the binary. Gives {child, output, log(), exited, remove()}; `exited`
/// resolves to {code, signal}.
export function launch({args = [], env = {}} = {}) {
  if (!existsSync(binary))
    throw new Error(`there is no ${binary}: build the server first`);
  const home = emptyFolder();
  const child = spawn(binary, args, {
    cwd: home.path, env: cleanEnvironment(home.path, env),
    stdio: ['pipe', 'pipe', 'pipe']});
  alive.add(child);
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text) => { out += text; });
  child.stderr.setEncoding('utf8').on('data', (text) => { err += text; });
  const exited = new Promise((resolve) => {
    child.on('close', (code, signal) => {
      alive.delete(child);
      home.remove();
      resolve({code, signal});
    });
  });
  return {child, home: home.path, out: () => out, log: () => err, exited};
}

/// Starts a server that speaks HTTP. `standin` is where its W&B is; `env` and
/// `args` are added. Gives {url, origin, port, pid, log(), stop(), exited}.
export async function startServer({standin, env = {}, args = []} = {}) {
  const started = launch({
    args: ['--port', '0', ...args],
    env: {WANDB_BASE_URL: standin?.url ?? 'http://127.0.0.1:9',
          WF_TRACE_SERVER_URL: `${standin?.url ?? 'http://127.0.0.1:9'}/traces`,
          WANDB_DOCS_MCP_URL: `${standin?.url ?? 'http://127.0.0.1:9'}/docs`,
          ...env}});
  const {child, exited, log} = started;
  let ended = null;
  exited.then((how) => { ended = how; });
  const ready = /ready at (http:\/\/(.+):(\d+))\/mcp/;
  const [, origin, host, port] = await until(
    () => {
      if (ended)
        throw new Error(`it ended: ${JSON.stringify(ended)} ${log()}`);
      return ready.exec(log());
    }, 'the server to be ready');
  return {
    ...started, origin, url: `${origin}/mcp`, host: `${host}:${port}`,
    port: Number(port), pid: child.pid,
    /// Asks it to stop and gives how it ended.
    async stop() {
      child.kill('SIGTERM');
      return within(exited, 'the server to stop', 20_000).catch((error) => {
        child.kill('SIGKILL');
        throw error;
      });
    },
  };
}

/// What Linux knows of a process: resident bytes now and at most, and the CPU
/// time of all of its threads, in milliseconds.
export function usage(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kilobytes = (name) =>
    Number(new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(status)[1]);
  return {
    bytes: kilobytes('VmRSS') * 1024,
    peakBytes: kilobytes('VmHWM') * 1024,
    // Nanoseconds on a core come first; /proc/PID/stat has only ticks of 10 ms.
    cpuMs: readdirSync(`/proc/${pid}/task`).reduce((sum, thread) =>
      sum + Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8')
        .split(' ')[0]), 0) / 1e6,
  };
}
