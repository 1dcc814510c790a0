// Reports: W&B calls them views, and stores their content as JSON text.

import {base64, iso, now} from './world.js';

export function addView(world, project, details = {}) {
  const number = world.nextSerial();
  const view = {
    id: base64(`View:${number}`),
    type: 'runs',
    name: `view${number}`,
    displayName: 'Untitled report',
    description: null,
    createdAt: iso(now - 5 * 86400_000),
    updatedAt: iso(now - 4 * 86400_000),
    username: null,
    spec: '{"version":5,"panelSettings":{},"blocks":[],"width":"fluid"}',
    locked: false,
    viewCount: 0,
    createdUsing: 'WANDB_UI',
    ...details,
    project,
  };
  world.views.set(view.id, view);
  project.views.push(view);
  return view;
}

const heading = (text) =>
  ({type: 'heading', level: 1, children: [{text}]});
const paragraph = (text) => ({type: 'paragraph', children: [{text}]});

export const reportSpec = (title, ...texts) => JSON.stringify({
  version: 5,
  panelSettings: {},
  blocks: [paragraph(''), heading(title), ...texts.map(paragraph),
           paragraph('')],
  width: 'readable',
  authors: [],
  discussionThreads: [],
});
