// What W&B lets an SDK write. It lands in memory and is gone after a reset.

import {GraphQLError} from 'graphql';
import {randomBytes} from 'node:crypto';
import {fileNode} from './files.js';
import {addRun} from '../data/run.js';
import {addView} from '../data/reports.js';
import {parseJsonText} from '../json_text.js';

const denied = () =>
  new GraphQLError('permission denied', {extensions: {code: 'FORBIDDEN'}});

function atMost(limit, text, name) {
  if (text && [...text].length > limit)
    throw new GraphQLError(`${name} must be at most ${limit} characters`);
}

function jsonInput(text, name) {
  try {
    return parseJsonText(text);
  } catch {
    throw new GraphQLError(`${name} is not JSON`);
  }
}

function projectToWrite({world, user}, entityName, name) {
  if (!user.entities.has(entityName))
    throw denied();
  const project = world.projects.get(`${entityName}/${name}`);
  if (!project)
    throw new GraphQLError(`project ${entityName}/${name} not found`);
  return project;
}

function ensureProject({world, user}, entityName, name) {
  if (!user.entities.has(entityName))
    throw denied();
  if (!name)
    throw new GraphQLError('a project needs a name');
  const known = world.projects.get(`${entityName}/${name}`);
  return {
    project: known ?? world.addProject(entityName, name,
                                       {createdAt: new Date().toISOString()}),
    inserted: !known,
  };
}

function runById({world, user}, id) {
  for (const entityName of user.entities)
    for (const project of world.entities.get(entityName)?.projects ?? [])
      for (const run of project.runs.values())
        if (run.id === id)
          return run;
  throw new GraphQLError('run not found');
}

function runToWrite(context, {entityName, projectName, runName}) {
  const run = projectToWrite(context, entityName, projectName)
    .runs.get(runName);
  if (!run)
    throw new GraphQLError(`run ${runName} not found`);
  return run;
}

export const Mutation = {
  upsertModel(_, {input}, context) {
    atMost(128, input.name, 'name');
    const entityName = input.entityName ?? context.user.home;
    const {project, inserted} = ensureProject(context, entityName, input.name);
    project.description = input.description ?? project.description;
    project.access = input.access ?? project.access;
    return {model: project, project, inserted};
  },

  upsertBucket(_, {input}, context) {
    let run;
    let inserted = false;
    if (input.id) {
      run = runById(context, input.id);
    } else {
      const entityName = input.entityName ?? context.user.home;
      // W&B makes the project along with its first run.
      const {project} = ensureProject(context, entityName, input.modelName);
      const name = input.name ?? randomBytes(4).toString('hex');
      run = project.runs.get(name);
      inserted = !run;
      run ??= addRun(project, name, {
        state: 'running', createdAt: Date.now(), jobType: null,
        username: context.user.username});
    }
    const copy = {displayName: 'displayName', notes: 'notes', tags: 'tags',
                  jobType: 'jobType', groupName: 'group', state: 'state',
                  description: 'description', commit: 'commit', host: 'host'};
    for (const [from, to] of Object.entries(copy))
      if (input[from] !== undefined && input[from] !== null)
        run[to] = input[from];
    if (input.config)
      run.config = Object.fromEntries(
        Object.entries(jsonInput(input.config, 'config')).map(
          ([k, v]) => [k, v !== null && typeof v === 'object' && 'value' in v
            ? v.value : v]));
    if (input.summaryMetrics) {
      run.extraSummary = jsonInput(input.summaryMetrics, 'summaryMetrics');
      run.resetSummary();
    }
    run.heartbeatAt = new Date().toISOString();
    return {bucket: run, inserted};
  },

  upsertView(_, {input}, context) {
    atMost(128, input.name, 'name');
    atMost(128, input.displayName, 'displayName');
    if (input.spec)
      jsonInput(input.spec, 'spec');
    const {world, user} = context;
    let view;
    if (input.id) {
      view = world.views.get(input.id);
      if (!view || !user.entities.has(view.project.entityName))
        throw new GraphQLError('view not found');
    } else {
      view = addView(world,
                     projectToWrite(context, input.entityName,
                                    input.projectName),
                     {username: user.username, createdUsing: 'WANDB_UI'});
    }
    for (const key of ['name', 'displayName', 'description', 'type', 'spec',
                       'createdUsing'])
      if (input[key] !== undefined && input[key] !== null)
        view[key] = input[key];
    view.updatedAt = new Date().toISOString();
    return {view, inserted: !input.id,
            clientMutationId: input.clientMutationId};
  },

  createRunFiles(_, {input}, context) {
    const run = runToWrite(context, input);
    const uploadHeaders = ['Content-Type:application/octet-stream',
                           'X-Standin-Upload:accepted'];
    return {
      runID: run.id,
      uploadHeaders,
      files: input.files.map((name) => {
        // Stands for a signed URL: whoever knows it may write, once.
        const token = randomBytes(16).toString('hex');
        context.world.uploads.set(token, {run, name});
        return fileNode({
          name, size: 0, uploadHeaders,
          uploadUrl: `${context.url}/storage/upload/${token}`}, context.url);
      }),
    };
  },

  markRunFilesUploaded(_, {input}, context) {
    const run = runToWrite(context, input);
    const missing = input.files.filter((name) => !run.files.has(name));
    if (missing.length)
      throw new GraphQLError(`not uploaded: ${missing.join(', ')}`);
    return {success: true};
  },
};
