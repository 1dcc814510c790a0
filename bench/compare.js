// What bench/compare runs: every row of the table is measured in the same run
// as what it is compared with, in turns, so that a noisy machine is noisy for
// both.

import {execFile, spawn} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {cpus, tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';

const quick = process.argv.includes('--quick');
const root = fileURLToPath(new URL('..', import.meta.url));
const build = process.env.MCP_BUILD_DIR ?? join(root, 'build/release');
const home = mkdtempSync(join(tmpdir(), 'mcp-compare-'));
const running = new Set();
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => process.exit(1));
process.on('exit', () => {
  running.forEach((child) => child.kill('SIGKILL'));
  rmSync(home, {recursive: true, force: true});
});

const rounds = quick ? 3 : 7;
const seconds = quick ? '2' : '5';

/// Starts a program; resolves when `ready` finds something in its output.
async function start(program, words, {env = {}, ready}) {
  const began = performance.now();
  const child = spawn(program, words, {
    env: {...process.env, HOME: home, ...env},
    stdio: ['ignore', 'pipe', 'pipe']});
  running.add(child);
  const exited = new Promise((resolve) => child.on('close', () => {
    running.delete(child);
    resolve();
  }));
  let out = '';
  const found = await new Promise((resolve, reject) => {
    const look = (text) => {
      out += text;
      const match = ready(out);
      if (match)
        resolve(match);
    };
    child.stdout.setEncoding('utf8').on('data', look);
    child.stderr.setEncoding('utf8').on('data', look);
    child.on('close', () => reject(new Error(`${program}: ${out}`)));
    if (ready(''))
      resolve(ready(''));
  });
  return {found, pid: child.pid, took: performance.now() - began,
          ended: () => !running.has(child), output: () => out,
          async stop() {
            child.kill('SIGTERM');
            await exited;
          }};
}

const stub = (...words) => start(
  join(build, 'mcp-bench-stub'), words,
  {ready: (out) => /"url":"(\S+)"/.exec(out)?.[1]});

/// Below the range that outgoing connections get theirs from.
const freePort = () => 20000 + Math.floor(Math.random() * 12000);

/// Starts one of our servers and waits until it says that it is well.
async function serve(binary, env = {}, attempts = 5) {
  const port = freePort();
  const began = performance.now();
  const it = await start(join(build, binary), [
    '--port', String(port), '--log_level', 'warning'],
    {env, ready: () => true});
  for (;;) {
    const well = await fetch(`http://127.0.0.1:${port}/health`)
      .then((r) => r.ok, () => false);
    if (well)
      break;
    if (it.ended() && attempts > 1)
      return serve(binary, env, attempts - 1); // somebody else's port
    if (it.ended())
      throw new Error(`${binary} does not start: ${it.output()}`);
    await new Promise((resolve) => { setTimeout(resolve, 1); });
  }
  return {...it, took: performance.now() - began,
          url: `http://127.0.0.1:${port}/mcp`};
}

const product = (upstream, env = {}) => serve('wandb-mcp-server', {
  WANDB_BASE_URL: upstream, WF_TRACE_SERVER_URL: `${upstream}/traces`,
  MAX_SESSIONS_PER_KEY: '100000', MCP_MAX_SESSIONS: '1000000', ...env});

const everything = () => serve('mcp-everything');

async function nginx(body, upstream) {
  const port = freePort();
  const place = upstream
    ? 'proxy_pass http://stub; proxy_http_version 1.1;'
      + 'proxy_set_header Connection "";'
    : `default_type application/json; return 200 '${body}';`;
  const file = join(home, `nginx-${port}.conf`);
  writeFileSync(file, `worker_processes ${cpus().length}; daemon off;
    pid ${home}/nginx-${port}.pid; error_log ${home}/nginx.log;
    events { worker_connections 8192; }
    http { access_log off; keepalive_requests 1000000000;
      client_body_temp_path ${home}/b; proxy_temp_path ${home}/p;
      fastcgi_temp_path ${home}/f; uwsgi_temp_path ${home}/u;
      scgi_temp_path ${home}/s;
      ${upstream ? `upstream stub { server ${new URL(upstream).host};
        keepalive 128; }` : ''}
      server { listen 127.0.0.1:${port} reuseport;
        location / { ${place} } } }`);
  const it = await start('nginx', ['-e', `${home}/nginx.log`, '-c', file],
                         {ready: () => true});
  for (let i = 0; i < 100; ++i) {
    const up = await fetch(`http://127.0.0.1:${port}/`, {method: 'POST'})
      .then((r) => r.text(), () => null);
    if (up !== null)
      break;
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
  return {...it, url: `http://127.0.0.1:${port}/mcp`};
}

const peer = async (name) => {
  const it = await start(process.execPath, [join(root, 'bench/peers', name)], {
    ready: (out) => /"port":(\d+)/.exec(out)?.[1]});
  return {...it, url: `http://127.0.0.1:${it.found}/mcp`};
};

/// Runs mcp-bench; gives what it measured.
const bench = (url, ...words) => new Promise((resolve, reject) => {
  execFile(join(build, 'mcp-bench'), [
    ...words, '--url', url, '--format', 'json', '--quiet',
    ...(words.includes('--duration') ? [] : ['--duration', seconds]),
    ...(words.includes('--warm_up') ? [] : ['--warm_up', '0.3'])],
  {maxBuffer: 1 << 26}, (error, out, err) => {
    if (!out)
      return reject(new Error(`${words.join(' ')}: ${err}`));
    resolve(JSON.parse(out));
  });
});

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
const spread = (list) =>
  `${Math.min(...list).toFixed(2)}-${Math.max(...list).toFixed(2)}`;
const wrong = (r) => Object.values(r.errors ?? {}).reduce((a, b) => a + b, 0);
const table = [];
function row(what, bar, got, good, note = '') {
  table.push({what, bar, got, good});
  console.log(`${good ? 'pass    ' : 'short of'}  ${what}: ${got} (bar ${bar})`
    + `${note && `  ${note}`}`);
}

const simple = ['custom', '--method', 'tools/call', '--params',
                '{"name":"test_simple_text","arguments":{}}',
                '--name', 'test_simple_text', '--expect', 'simple text'];
const tenants = ['--tenants', '64', '--sessions', '64', '--connections', '64'];

/// Measures `ours` and `theirs` in turns; gives the ratios of their rates.
async function turns(ours, theirs, times = rounds) {
  const ratios = [];
  const p99 = [];
  let errors = 0;
  for (let i = 0; i < times; ++i) {
    const a = await theirs();
    const b = await ours();
    const c = await theirs();
    ratios.push(b.rate * 2 / (a.rate + c.rate));
    p99.push(b.latency_ms.p99 * 2 / (a.latency_ms.p99 + c.latency_ms.p99));
    errors += wrong(a) + wrong(b) + wrong(c);
  }
  return {ratio: median(ratios), spread: spread(ratios), p99: median(p99),
          errors};
}

async function rates() {
  const upstream = await stub();
  const server = await product(upstream.found);
  const fixture = await everything();
  const limit = await nginx('{"jsonrpc":"2.0","id":1,"result":{}}');
  const proxy = await nginx('', upstream.found);
  const plain = () => bench(limit.url, 'raw');
  for (const [what, bar, ours, theirs] of [
    ['ping, 64 sessions on 64 connections, of nginx', 0.80,
     () => bench(server.url, 'ping', ...tenants), plain],
    ['ping, one session, of nginx', 0.70,
     () => bench(server.url, 'ping', '--sessions', '1'), plain],
    ['call of a tool without upstream, of nginx', 0.80,
     () => bench(fixture.url, ...simple, ...tenants), plain],
    ['the same without sessions (2026-07-28), of nginx', 0.70,
     () => bench(fixture.url, ...simple, '--era', 'stateless'), plain],
    ['query, one upstream request each, of nginx as proxy', 0.35,
     () => bench(server.url, 'query', ...tenants),
     () => bench(proxy.url, 'raw')]]) {
    const t = await turns(ours, theirs);
    row(what, `${bar.toFixed(2)}`, t.ratio.toFixed(2),
        t.ratio >= bar && t.errors === 0,
        `spread ${t.spread}, p99 ${t.p99.toFixed(1)}x, wrong ${t.errors}`);
  }
  for (const [name, bar] of [['typescript_sdk_1', 30], ['typescript_sdk_2', 30],
                             ['fastmcp', 30]]) {
    const other = await peer(`${name}.js`);
    const theirs = () => bench(other.url, ...simple, ...tenants);
    const t = await turns(() => bench(fixture.url, ...simple, ...tenants),
                          theirs, quick ? 1 : 3);
    const ceiling = await turns(plain, theirs, 1);
    row(`call, times ${name}`, `${bar}x`, `${t.ratio.toFixed(1)}x`,
        t.ratio >= bar && t.errors === 0,
        `spread ${t.spread}; nginx itself: ${ceiling.ratio.toFixed(1)}x`);
    await other.stop();
  }
  await Promise.all([limit.stop(), proxy.stop()]);
  await Promise.all([server.stop(), fixture.stop(), upstream.stop()]);
}

/// Calls in flight from 1,000 users while the upstream takes its time. `spread`:
/// they start one after the other, so that as many end as begin at any time;
/// else all start at once, and each anew when it ends.
async function inFlight(flight, latency, spread) {
  const upstream = await stub('--latency', String(latency));
  // The stub speaks HTTP/1.1, so each call in flight needs a connection to it;
  // 100 fewer leave room for both sides under a limit of 20,000 descriptors.
  const server = await product(upstream.found, {
    MCP_MAX_UPSTREAM_CONNECTIONS: String(flight - 100)});
  const r = await bench(server.url, 'slow-upstream', '--connections',
                        String(flight), '--sessions', String(flight),
                        '--own_sessions', '--tenants', '1000', '--requests',
                        String(flight * 3), '--duration', '60', '--warm_up',
                        '0', '--pid', String(server.pid),
                        ...(spread
                          ? ['--rate', String(flight / latency * 950)] : []));
  row(`${flight} calls in flight from 1,000 users, upstream at ${latency} ms`
      + `${spread ? ', one after the other' : ', all at once'}: `
      + 'p99', `${latency + 50} ms`, `${r.latency_ms.p99.toFixed(0)} ms`,
      r.latency_ms.p99 <= latency + 50 && wrong(r) === 0,
      `wrong ${wrong(r)}, p50 ${r.latency_ms.p50.toFixed(0)} ms, `
        + `${r.rate.toFixed(0)}/s`);
  row('  its memory', '600 MiB', `${(r.rss_after / 2 ** 20).toFixed(0)} MiB`,
      r.rss_after <= 600 * 2 ** 20);
  await Promise.all([server.stop(), upstream.stop()]);
}

async function slowUpstream() {
  const flight = quick ? 4000 : 10_000;
  await inFlight(flight, 200, false);
  await inFlight(flight, 2000, true);
}

async function traces() {
  const upstream = await stub('--rows', '10000');
  const server = await product(upstream.found);
  const bytes = (await fetch(`${upstream.found}/traces/calls/stream_query`,
                             {method: 'POST'})
    .then((r) => r.arrayBuffer())).byteLength;
  const times = quick ? 10 : 40;
  const r = await bench(server.url, 'custom', '--method', 'tools/call',
                        '--params', JSON.stringify({
                          name: 'query_weave_traces_tool',
                          arguments: {
                            entity_name: 'bench', project_name: 'bench-project',
                            metadata_only: true, limit: 10_000}}),
                        '--expect', '"isError":false', '--connections', '1',
                        '--sessions', '1', '--requests', String(times),
                        '--warm_up', '0', '--duration', '60', '--pid',
                        String(server.pid));
  const speed = bytes * times / r.cpu_seconds / 1e6;
  row(`a trace query over ${(bytes / 1e6).toFixed(0)} MB of 10,000 calls, for `
      + 'each second of CPU', '300 MB', `${speed.toFixed(0)} MB`,
      speed >= 300 && wrong(r) === 0);
  const peak = Number(/VmHWM:\s+(\d+)/.exec(
    readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1]) / 1024
    - r.rss_before / 2 ** 20;
  row('  its peak of memory', '128 MiB', `${peak.toFixed(1)} MiB`,
      peak <= 128);
  await Promise.all([server.stop(), upstream.stop()]);
}

async function idle() {
  const upstream = await stub();
  const server = await product(upstream.found);
  const few = await bench(server.url, 'ping', '--sessions', '1');
  const count = quick ? 20_000 : 100_000;
  const r = await bench(server.url, 'ping', '--sessions', String(count),
                        '--tenants', '1000', '--pid', String(server.pid));
  const each = (r.rss_open - r.rss_before) / r.sessions;
  row(`${count} idle sessions: memory of each`, '4096 bytes',
      `${each.toFixed(0)} bytes`, each <= 4096);
  row('  opening them', '-', `${r.setup_seconds.toFixed(1)} s`,
      r.sessions === count);
  row('  ping over all of them, of that over one', '0.90',
      (r.rate / few.rate).toFixed(2), r.rate >= 0.9 * few.rate);
  await server.stop();
  await upstream.stop();

  const fixture = await everything();
  const streams = quick ? 2000 : 10_000;
  const s = await bench(fixture.url, 'streams', '--connections',
                        String(streams), '--notify', 'test_trigger_tool_change',
                        '--pid', String(fixture.pid));
  const stream = (s.rss_open - s.rss_before) / s.open;
  row(`${streams} idle event streams: memory of each`, '16 KiB',
      `${(stream / 1024).toFixed(1)} KiB`,
      stream <= 16384 && s.open === streams);
  row('  a notification to all of them', '1 s',
      `${s.notify_seconds.toFixed(2)} s`,
      s.notify_seconds < 1 && s.reached === streams);
  await fixture.stop();
}

async function published() {
  const upstream = await stub('--latency', '20');
  const server = await product(upstream.found);
  for (const clients of quick ? [1000] : [1000, 2000]) {
    const r = await bench(
      server.url, 'query', '--connections', String(clients), '--sessions',
      String(clients), '--own_sessions', '--tenants', String(clients),
      '--think', '10',
      '--requests', String(clients * 10), '--duration', '60', '--warm_up', '0');
    row(`${clients} clients, each 10 queries 10 ms apart, upstream at 20 ms: `
        + 'mean', '100 ms', `${r.latency_ms.mean.toFixed(0)} ms`,
        r.latency_ms.mean <= 100 && wrong(r) === 0,
        `${r.rate.toFixed(0)}/s, wrong ${wrong(r)}`);
  }
  await Promise.all([server.stop(), upstream.stop()]);
}

async function begin() {
  const took = [];
  const rss = [];
  for (let i = 0; i < 5; ++i) {
    const server = await product('http://127.0.0.1:9');
    took.push(server.took);
    const pages = readFileSync(`/proc/${server.pid}/statm`, 'utf8').split(' ');
    rss.push(Number(pages[1]) * 4096 / 2 ** 20);
    await server.stop();
  }
  row('start to ready', '100 ms', `${median(took).toFixed(0)} ms`,
      median(took) <= 100);
  row('  memory then', '20 MiB', `${median(rss).toFixed(1)} MiB`,
      median(rss) <= 20);
}

async function fairness() {
  const upstream = await stub('--latency', '5');
  const server = await product(upstream.found);
  const modest = () => bench(server.url, 'query', '--tenants', '8',
                             '--sessions', '8', '--connections', '8', '--rate',
                             '200');
  const alone = await modest();
  const flood = bench(server.url, 'query', '--connections', '1000',
                      '--sessions', '1000', '--duration',
                      String(Number(seconds) + 2), '--warm_up', '0');
  const beside = await modest();
  await flood;
  const ratio = beside.latency_ms.p99 / alone.latency_ms.p99;
  row('others\' p99 while one user floods', '2.0x', `${ratio.toFixed(1)}x`,
      ratio <= 2 && wrong(beside) === 0,
      `${alone.latency_ms.p99.toFixed(1)} ms alone, `
        + `${beside.latency_ms.p99.toFixed(1)} ms beside it`);
  await Promise.all([server.stop(), upstream.stop()]);
}

console.log(`${cpus().length} x ${cpus()[0].model}, Node ${process.version}, `
  + `${new Date().toISOString().slice(0, 10)}${quick ? ', --quick' : ''}`);
const only = process.argv[process.argv.indexOf('--only') + 1];
for (const part of [begin, rates, slowUpstream, idle, published, traces,
                    fairness])
  if (!process.argv.includes('--only') || only === part.name)
    await part();
const reached = table.filter((r) => r.good).length;
console.log(`${reached} of ${table.length} bars reached`);
process.exit(0);
