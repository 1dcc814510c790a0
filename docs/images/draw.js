// Draws docs/images/loss.svg, the chart in README.md, from what the server
// answers about the stand-in's sample data: node docs/images/draw.js

import {writeFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {openSession} from '../../tests/clients/support/mcp.js';
import {startServer} from '../../tests/clients/support/server.js';
import {standIn} from '../../tests/clients/support/world.js';

const runs = [
  {id: 'diverge1', color: '#c2410c'}, {id: 'healthy1', color: '#2563eb'}];
const area = {left: 56, top: 56, right: 560, bottom: 300};
const most = 16;

/// The (step, loss) points of a run, as the tool gives them.
async function points(session, run_id) {
  const {structuredContent} = await session.call('get_run_history_tool', {
    entity_name: 'alice', project_name: 'vision-baselines', run_id,
    keys: ['loss'], samples: 120});
  return structuredContent.rows.map((row) => [row._step, row.loss]);
}

const standin = await standIn();
const server = await startServer({standin});
try {
  const session = await openSession(server.url, standin.by.alice.api_key);
  const curves = [];
  for (const run of runs)
    curves.push({...run, points: await points(session, run.id)});
  writeFileSync(fileURLToPath(new URL('loss.svg', import.meta.url)),
                drawn(curves));
} finally {
  await server.stop();
  await standin.close();
}

function drawn(curves) {
  // Runs differ in length, so each is shown over its own.
  const x = (part) => area.left + part * (area.right - area.left);
  const y = (loss) => area.bottom - (loss / most) * (area.bottom - area.top);
  const at = (value) => value.toFixed(1);
  const lines = curves.map(({points: p, color}) => {
    const last = p.at(-1)[0];
    return `<polyline fill="none" stroke="${color}" stroke-width="2" points="${
      p.map(([step, loss]) => `${at(x(step / last))},${at(y(loss))}`)
        .join(' ')}"/>`;
  });
  const ends = curves.map(({points: p, color, id}) => {
    const loss = p.at(-1)[1];
    return `<text x="${area.right + 10}" y="${at(y(loss) + 5)}" `
      + `fill="${color}">${id} ${loss.toFixed(2)}</text>`;
  });
  const grid = [0, 4, 8, 12, 16].map((v) =>
    `<path d="M${area.left} ${at(y(v))}H${area.right}" stroke="#e2e0da"/>\n`
    + `<text x="${area.left - 8}" y="${at(y(v) + 5)}" text-anchor="end" `
    + `fill="#5b616b">${v}</text>`);
  const ticks = [0, 0.5, 1].map((v) =>
    `<text x="${at(x(v))}" y="${area.bottom + 22}" text-anchor="middle" `
    + `fill="#5b616b">${v * 100} %</text>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 740 350" \
font-family="system-ui, sans-serif" font-size="14" role="img" \
aria-label="Loss of two runs: one falls, the other rises">
<rect width="740" height="350" rx="10" fill="#fff"/>
<text x="24" y="32" fill="#1d1f23" font-size="16" font-weight="600">\
loss, over the length of each run</text>
${[...grid, ...ticks, ...lines, ...ends].join('\n')}
</svg>
`;
}
