// Artifacts: a sequence is where versions are logged, a portfolio is where
// versions of sequences are linked to; a registry is a project of portfolios.

import {base64, iso, now} from './world.js';
import {random} from './random.js';

export const registryPrefix = 'wandb-registry-';

/// A collection in `project`; `kind` is SEQUENCE or PORTFOLIO.
export function addCollection(world, project, name, typeName, details = {}) {
  const {kind = 'SEQUENCE', ...rest} = details;
  const createdAt = iso(now - 60 * 86400_000);
  const collection = {
    id: base64(`ArtifactCollection:${world.nextSerial()}`),
    name,
    kind,
    typeName,
    description: null,
    state: 'READY',
    tags: [],
    createdAt,
    updatedAt: iso(now - 86400_000),
    ...rest,
    project,
    memberships: [],
  };
  if (!project.types.has(typeName))
    project.types.set(typeName, createdAt);
  project.collections.set(name, collection);
  world.collections.set(collection.id, collection);
  return collection;
}

/// Puts `artifact` into `collection` as its next version.
export function link(world, collection, artifact, aliases = []) {
  const versionIndex = collection.memberships.length;
  const membership = {
    id: base64(`ArtifactCollectionMembership:${world.nextSerial()}`),
    collection,
    artifact,
    versionIndex,
    aliases,
    createdAt: artifact.createdAt,
    commitHash: artifact.commitHash,
  };
  // "latest" always means the newest version of that collection.
  for (const m of collection.memberships)
    m.aliases = m.aliases.filter((a) => a !== 'latest');
  membership.aliases = ['latest', ...aliases, `v${versionIndex}`];
  collection.memberships.push(membership);
  artifact.memberships.push(membership);
  return membership;
}

/// Logs a version. `files` is {name: size}; equal `seed`s give equal digests.
export function addVersion(world, collection, details = {}) {
  const {files = {}, aliases = [], seed, run = null, ...rest} = details;
  const index = collection.memberships.length;
  const path = `${collection.project.entityName}/${collection.project.name}/`
    + `${collection.name}`;
  const r = random(`${path}:${seed ?? index}`);
  const entries = Object.entries(files).map(([name, file]) => {
    // A number is a size; a pair adds what the digest depends on.
    const [size, content] = Array.isArray(file) ? file : [file, name];
    const digest = Buffer.from(random(`${path}/${name}:${content}:${size}`)
      .hex(32), 'hex').toString('base64');
    return {name, size, digest};
  });
  const artifact = {
    id: base64(`Artifact:${world.nextSerial()}`),
    digest: r.hex(32),
    commitHash: r.hex(20),
    description: null,
    metadata: null,
    state: 'COMMITTED',
    tags: [],
    createdAt: iso(now - (40 - index) * 86400_000),
    updatedAt: iso(now - (40 - index) * 86400_000),
    size: entries.reduce((sum, f) => sum + f.size, 0),
    createdByUser: null,
    ...rest,
    sequence: collection,
    run,
    usedBy: [],
    memberships: [],
    files: entries,
  };
  run?.outputArtifacts.push(artifact);
  link(world, collection, artifact, aliases);
  return artifact;
}

export function use(run, artifact) {
  run.inputArtifacts.push(artifact);
  artifact.usedBy.push(run);
}
