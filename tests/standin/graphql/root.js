// Resolvers from the query's root down to users, entities, projects, reports.

import {connection} from './paging.js';
import {filtered, ordered} from './filters.js';
import {runValue} from './runs.js';
import {
  collections, isRegistry, membershipIn, projectValue, registrySearch, typeOf,
} from './artifacts.js';

const features = {
  ARTIFACT_REGISTRY_SEARCH: true,
  PROJECT_ARTIFACT_COLLECTION_MEMBERSHIP: true,
  ARTIFACT_COLLECTION_MEMBERSHIP_FILES: true,
  TOTAL_COUNT_IN_FILE_CONNECTION: true,
  FILESTREAM_GZIP: false,
  LARGE_FILENAMES: true,
};

/// What W&B lists for an entity; null when it is none of the caller's.
function projectsOf({world, user}, entityName, page) {
  const entity = world.entityFor(user, entityName ?? user.home);
  return entity && connection(
    entity.projects.filter((p) => !isRegistry(p)), page);
}

const projectBy = (_, {name, entityName}, {world, user}) =>
  world.projectFor(user, entityName ?? user.home, name);

function ownArtifact({world, user}, id) {
  for (const project of world.projects.values())
    if (user.entities.has(project.entityName))
      for (const collection of project.collections.values())
        for (const m of collection.memberships)
          if (m.artifact.id === id)
            return m.artifact;
  return null;
}

export const Query = {
  viewer: (_, __, {user}) => user,
  // Of other people W&B shows a public profile; here they don't exist.
  user: (_, {userName, id}, {user}) =>
    (userName === user.username || id === user.id ? user : null),
  entity: (_, {name}, {world, user}) =>
    world.entityFor(user, name ?? user.home),
  project: projectBy,
  model: projectBy,
  projects: (_, {entityName, first, after, order}, context) =>
    projectsOf(context, entityName, {first, after, order}),
  models: (_, {entityName, first, after}, context) =>
    projectsOf(context, entityName, {first, after}),
  view(_, {id}, {world, user}) {
    const view = world.views.get(id);
    return view && user.entities.has(view.project.entityName) ? view : null;
  },
  organization: (_, {name, id}, {world, user}) =>
    user.organizations.find((o) => o.id === id)
    ?? world.organizationFor(user, name),
  artifact: (_, {id}, context) => ownArtifact(context, id),
  artifactCollection(_, {id}, {world, user}) {
    const found = world.collections.get(id);
    return found && user.entities.has(found.project.entityName) ? found : null;
  },
  serverInfo: () => ({
    cliVersionInfo: {max_cli_version: '0.25.1'},
    features: Object.entries(features)
      .map(([name, isEnabled]) => ({name, isEnabled})),
  }),
};

export const User = {
  // The name of the entity that the user's pages open with.
  entity: (u) => u.home,
  photoUrl: () => null,
  deletedAt: () => null,
  flags: () => '{}',
  admin: () => false,
  teams: (u, page, {world}) =>
    connection(u.teams.map((name) => world.entities.get(name)), page),
};

export const Entity = {
  user: (e) => e.owner,
  entityType: (e) => (e.isTeam ? 'team' : 'user'),
  project: (e, {name}, {world, user}) => world.projectFor(user, e.name, name),
  projects: (e, {filters, order, first, after}) =>
    connection(ordered(filtered(e.projects, filters, projectValue), order,
                       projectValue), {first, after}),
  ...registrySearch,
};

export const Organization = {
  orgEntity: (o, _, {world, user}) => world.entityFor(user, o.orgEntityName),
};

const newestFirst = (project) =>
  ordered([...project.runs.values()], '-created_at', runValue);

export const Project = {
  entity: (p, _, {world}) => world.entities.get(p.entityName),
  user: (p, _, {world}) => world.entities.get(p.entityName).owner,
  isBenchmark: () => false,
  readOnly: () => false,
  run: (p, {name}) => p.runs.get(name) ?? null,
  bucket: (p, {name}) => p.runs.get(name) ?? null,
  runs(p, {filters, order, first, after}) {
    const list = filtered(newestFirst(p), filters, runValue);
    return connection(ordered(list, order, runValue), {first, after});
  },
  runCount: (p, {filters}) =>
    filtered([...p.runs.values()], filters, runValue).length,
  sweep: (p, {sweepName}) =>
    p.sweeps.find((s) => s.name === sweepName) ?? null,
  sweeps: (p, {first, after}) => connection(p.sweeps, {first, after}),
  totalSweeps: (p) => p.sweeps.length,
  artifact: (p, {name}) => membershipIn(p, name)?.artifact ?? null,
  artifactCollectionMembership: (p, {name}) => membershipIn(p, name),
  artifactType: (p, {name}) => typeOf(p, name),
  artifactTypes: (p, {first, after}) =>
    connection([...p.types.keys()].map((t) => typeOf(p, t)), {first, after}),
  artifactCollection: (p, {name}) => p.collections.get(name) ?? null,
  artifactCollections: (p, args) =>
    collections([...p.collections.values()], args),
  allowAllArtifactTypesInRegistry: (p) => p.allowAllArtifactTypes ?? false,
  allViews: (p, {viewType, viewName, first, after}) =>
    connection(p.views.filter((v) => (!viewType || v.type === viewType)
                              && (!viewName || v.name === viewName)),
               {first, after}),
};

export const View = {
  user: (v, _, {world}) => world.users.get(v.username) ?? null,
  updatedBy: (v, _, {world}) => world.users.get(v.username) ?? null,
  projectId: (v) => v.project.numericId,
  entity: (v, _, {world}) => world.entities.get(v.project.entityName),
  entityName: (v) => v.project.entityName,
  projectName: (v) => v.project.name,
};
