import type { Hash } from '../ports/digest.ts';
import type { JsonObject, JsonValue } from '../ports/json.ts';
import { hmacSha256, toBase64 } from '../webhook/sign.ts';
import type { TriggerSource } from './types.ts';

/** A request to a webhook trigger, before anything of it is believed. Header names in lower case. */
export interface ReceivedMessage {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

/** What a message says, once its signature holds. */
export interface ReceivedEvent {
  /** Names it for ever. */
  readonly event: string;
  /** What tells two of them apart within the window of the trigger. */
  readonly key: string;
  readonly note: string;
  readonly content: JsonObject;
}

export interface ReceiveTools {
  readonly hash: Hash;
  readonly encode: (text: string) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => string;
  readonly fromBase64: (text: string) => Uint8Array;
}

type WebhookSource = Extract<TriggerSource, { kind: 'webhook' }>;

/** Events of one batch. */
const MOST_EVENTS = 100;
/** As much of an event as is kept, in characters of JSON. */
const MOST_CONTENT = 64 * 1024;

/** Why a message is not believed; undefined when its signature holds. CloudEvents are signed as Standard Webhooks are, pushes as GitHub signs and GitLab names them. */
export function signatureProblem(
  source: WebhookSource,
  { headers, body }: ReceivedMessage,
  secret: string,
  now: number,
  { hash, encode, fromBase64 }: ReceiveTools,
): string | undefined {
  if (source.format === 'gitlab')
    return same(headers['x-gitlab-token'] ?? '', secret) ? undefined : 'its X-Gitlab-Token is not the secret of this trigger';
  if (source.format === 'github') {
    const expected = `sha256=${toHex(hmacSha256(hash, encode(secret), body))}`;
    return same(headers['x-hub-signature-256'] ?? '', expected)
      ? undefined
      : 'its X-Hub-Signature-256 does not fit the secret and the body';
  }
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers;
  if (id === undefined || timestamp === undefined || signatures === undefined)
    return 'it lacks webhook-id, webhook-timestamp or webhook-signature';
  if (!/^\d{1,12}$/.test(timestamp)) return 'its webhook-timestamp is no number of seconds';
  const off = Math.abs(now - Number(timestamp) * 1000);
  if (off > source.toleranceMs)
    return `its webhook-timestamp is ${Math.round(off / 1000)} s off; ${Math.round(source.toleranceMs / 1000)} s are allowed`;
  const head = encode(`${id}.${timestamp}.`);
  const signed = new Uint8Array(head.length + body.length);
  signed.set(head);
  signed.set(body, head.length);
  const key = secret.startsWith('whsec_') ? fromBase64(secret.slice('whsec_'.length)) : encode(secret);
  const expected = `v1,${toBase64(hmacSha256(hash, key, signed))}`;
  return signatures.split(' ').some((one) => same(one, expected))
    ? undefined
    : 'its webhook-signature does not fit the secret and the body';
}

/** Reads the events of a message, or says what is wrong with it. Pushes that are no news (a ping, a deleted branch) give none. */
export function readEvents(source: WebhookSource, message: ReceivedMessage, tools: ReceiveTools): readonly ReceivedEvent[] | string {
  const text = tools.decode(message.body);
  if (source.format === 'cloudevents') return readCloudEvents(message, text, tools);
  const body = parse(text);
  if (!isObject(body)) return 'its body is no JSON object';
  const push = source.format === 'github' ? readGithub(message.headers['x-github-event'] ?? '', body) : readGitlab(body);
  if (push === undefined) return [];
  const { repository, ref, commit } = push.data;
  return [
    {
      event: tools.hash(message.body),
      key: `${repository} ${ref} ${commit}`,
      note: `${push.what} of ${repository} at ${commit.slice(0, 12)}.`,
      content: { id: commit, type: push.type, source: push.data.url, subject: ref, data: { ...push.data } },
    },
  ];
}

function readCloudEvents(
  { headers, body }: ReceivedMessage,
  text: string,
  { hash, encode }: ReceiveTools,
): readonly ReceivedEvent[] | string {
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  const isBatch = type === 'application/cloudevents-batch+json';
  if (!isBatch && type !== 'application/cloudevents+json') {
    if (headers['ce-specversion'] === undefined) return 'it is no CloudEvent: send application/cloudevents+json, or ce-… headers';
    // Only the id of the envelope is signed with the body: it must be that of the event, and it alone tells a repetition.
    if (headers['ce-id'] !== headers['webhook-id']) return 'its ce-id is not its webhook-id, which the signature is made over';
    const isJson = type === '' || /[/+]json$/.test(type);
    const data = body.length === 0 ? null : isJson ? parse(text) : text;
    if (data === undefined) return 'its body is no JSON';
    const fields = Object.fromEntries(
      Object.entries(headers).flatMap(([name, value]) =>
        name.startsWith('ce-') && value !== undefined ? [[name.slice(3), decodeHeader(value)]] : [],
      ),
    );
    const event = toReceived({ ...fields, data }, (attributes) => hash(encode(`binary ${attributes.id}`)));
    return typeof event === 'string' ? event : [event];
  }
  const parsed = parse(text);
  const all = isBatch ? parsed : [parsed];
  if (!Array.isArray(all)) return 'its body is no JSON list';
  if (all.length > MOST_EVENTS) return `it holds ${all.length} events; at most ${MOST_EVENTS} come at once`;
  const events: ReceivedEvent[] = [];
  for (const one of all as readonly JsonValue[]) {
    if (!isObject(one)) return 'an event is no JSON object';
    const event = toReceived(one, ({ source, id }) => hash(encode(`${source} ${id}`)));
    if (typeof event === 'string') return event;
    events.push(event);
  }
  return events;
}

function toReceived(
  fields: JsonObject,
  toId: (attributes: { readonly source: string; readonly id: string }) => string,
): ReceivedEvent | string {
  const { specversion, id, source, type, subject = '', time = null, data = null } = fields;
  if (specversion !== '1.0') return 'an event is not of CloudEvents 1.0: set specversion';
  for (const [name, value] of Object.entries({ id, source, type }))
    if (typeof value !== 'string' || value === '' || value.length > 1000)
      return `an event has no "${name}", a text of up to 1000 characters`;
  const attributes = { id: id as string, source: source as string, type: type as string };
  const content: JsonObject = { ...attributes, subject: typeof subject === 'string' ? subject.slice(0, 1000) : '', time, data };
  if (JSON.stringify(content).length > MOST_CONTENT) return `an event is larger than ${MOST_CONTENT} characters`;
  return {
    event: toId(attributes),
    key: `${attributes.source} ${attributes.id}`,
    note: `${attributes.type} from ${attributes.source}.`,
    content,
  };
}

interface Push {
  readonly type: string;
  readonly what: string;
  readonly data: {
    readonly repository: string;
    readonly url: string;
    readonly ref: string;
    readonly branch: string;
    readonly commit: string;
    readonly before: string;
  };
}

const NOTHING = /^0*$/;

function readGithub(event: string, body: JsonObject): Push | undefined {
  const repository = { repository: at(body, 'repository', 'full_name'), url: at(body, 'repository', 'clone_url') };
  if (event === 'push') {
    const [ref, commit] = [at(body, 'ref'), at(body, 'after')];
    if (NOTHING.test(commit)) return undefined;
    return {
      type: 'push',
      what: `Push to ${ref}`,
      data: { ...repository, ref, branch: toBranch(ref), commit, before: at(body, 'before') },
    };
  }
  const action = at(body, 'action');
  if (event !== 'pull_request' || !['opened', 'synchronize', 'reopened'].includes(action)) return undefined;
  const [branch, commit] = [at(body, 'pull_request', 'head', 'ref'), at(body, 'pull_request', 'head', 'sha')];
  const ref = `refs/pull/${at(body, 'number')}/head`;
  return {
    type: 'pull_request',
    what: `Pull request ${at(body, 'number')}`,
    data: { ...repository, ref, branch, commit, before: at(body, 'pull_request', 'base', 'sha') },
  };
}

function readGitlab(body: JsonObject): Push | undefined {
  const repository = { repository: at(body, 'project', 'path_with_namespace'), url: at(body, 'project', 'git_http_url') };
  if (at(body, 'object_kind') === 'push') {
    const [ref, commit] = [at(body, 'ref'), at(body, 'after')];
    if (NOTHING.test(commit)) return undefined;
    return {
      type: 'push',
      what: `Push to ${ref}`,
      data: { ...repository, ref, branch: toBranch(ref), commit, before: at(body, 'before') },
    };
  }
  const action = at(body, 'object_attributes', 'action');
  if (at(body, 'object_kind') !== 'merge_request' || !['open', 'update', 'reopen'].includes(action)) return undefined;
  const number = at(body, 'object_attributes', 'iid');
  return {
    type: 'pull_request',
    what: `Merge request ${number}`,
    data: {
      ...repository,
      ref: `refs/merge-requests/${number}/head`,
      branch: at(body, 'object_attributes', 'source_branch'),
      commit: at(body, 'object_attributes', 'last_commit', 'id'),
      before: '',
    },
  };
}

function toBranch(ref: string): string {
  return ref.replace(/^refs\/(heads|tags)\//, '');
}

function at(body: JsonObject, ...path: readonly string[]): string {
  let value: JsonValue | undefined = body;
  for (const part of path) value = isObject(value) && Object.hasOwn(value, part) ? value[part] : undefined;
  return typeof value === 'string' || typeof value === 'number' ? String(value).slice(0, 1000) : '';
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

/** CloudEvents' headers are percent-encoded (HTTP binding, 3.1.3.2). */
function decodeHeader(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Takes as long for texts that differ early as for those that differ late. */
function same(given: string, expected: string): boolean {
  if (given.length !== expected.length) return false;
  let difference = 0;
  for (let index = 0; index < expected.length; index++) difference |= given.charCodeAt(index) ^ expected.charCodeAt(index);
  return difference === 0;
}
