// Automations of a project: an event, and what is done about it.

import {base64, iso, now} from './world.js';

const day = 86400_000;

export function addIntegration(world, entityName, details) {
  const integration = {
    id: base64(`Integration:${world.nextSerial()}`), ...details};
  (world.entities.get(entityName).integrations ??= []).push(integration);
  return integration;
}

export const slack = (world, entity, channelName) =>
  addIntegration(world, entity, {
    __typename: 'SlackIntegration', teamName: 'Example', channelName});

export const webhook = (world, entity, name, urlEndpoint) =>
  addIntegration(world, entity, {
    __typename: 'GenericWebhookIntegration', name, urlEndpoint});

/// `filter` is stored as the JSON text that W&B keeps it in.
export function addTrigger(world, project, name, {event, filter, action,
                                                  scope = project,
                                                  enabled = true}) {
  const trigger = {
    id: base64(`Trigger:${world.nextSerial()}`),
    name,
    description: null,
    enabled,
    createdAt: iso(now - 3 * day),
    updatedAt: null,
    scope,
    triggeringCondition: {eventType: event, filter: JSON.stringify(filter)},
    triggeredAction: action,
  };
  (project.triggers ??= []).push(trigger);
  return trigger;
}

/// Two integrations and three automations; the secrets in them are made up, to
/// see that they stay where they are.
export function automations(world, entity, project) {
  const channel = slack(world, entity, `#alerts-${entity}`);
  const hook = webhook(world, entity, 'deploy',
                       'https://hook:made-up-password@deploy.example.invalid'
                       + '/start?token=made-up-token');
  addTrigger(world, project, 'loss-too-high', {
    event: 'RUN_METRIC',
    filter: {run_filter: '{"$and":[]}',
             run_metric_filter: {threshold_filter: {
               name: 'loss', agg_op: 'AVERAGE', window_size: 5,
               cmp_op: '$gt', threshold: 10}}},
    action: {__typename: 'NotificationTriggeredAction', integration: channel,
             title: 'Loss', message: 'The loss is too high.',
             severity: 'WARN'}});
  addTrigger(world, project, 'deploy-production', {
    event: 'ADD_ARTIFACT_ALIAS',
    scope: project.collections.get('resnet50'),
    filter: {filter: '{"$or":[{"$and":[{"alias":"production"}]}]}'},
    action: {__typename: 'GenericWebhookTriggeredAction', integration: hook,
             requestPayload: JSON.stringify({
               artifact: '${artifact_version}',
               access_token: 'made-up-token'})}});
  addTrigger(world, project, 'run-failed', {
    event: 'RUN_STATE', enabled: false,
    filter: {run_filter: '{"$and":[]}',
             run_state_filter: {states: ['FAILED', 'CRASHED']}},
    action: {__typename: 'NoOpTriggeredAction', noOp: true}});
}
