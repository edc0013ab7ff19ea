/** What is heard on the tabs' channel, checked: other scripts of the page's origin may post there too, by mistake or in
 * masses. Whoever shares the origin and means harm can do worse than post here; see SECURITY.md. */
import type { FromEngine, FromTab, TabId } from './protocol.js';

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const isTab = (value: unknown): value is TabId => typeof value === 'string' && value.length <= 64;
const isCount = (value: unknown): boolean => Number.isSafeInteger(value);

/** @returns the message if a tab of ours could have said it */
export function heardFromTab(data: unknown): FromTab | null {
  if (!isFields(data) || data['from'] !== 'tab' || !isTab(data['tab'])) return null;
  const { type, id, command } = data;
  const isOurs =
    type === 'run'
      ? isCount(id) && isFields(command) && typeof command['type'] === 'string'
      : type === 'hello' || type === 'here' || type === 'bye' || type === 'ping';
  return isOurs ? (data as FromTab) : null;
}

const isSnapshot = (value: unknown): boolean =>
  isFields(value) &&
  typeof value['phase'] === 'string' &&
  typeof value['connection'] === 'string' &&
  Array.isArray(value['conversations']) &&
  isFields(value['settings']);

const isEvent = (event: unknown): boolean => {
  if (!isFields(event)) return false;
  if (event['type'] === 'snapshot') return isSnapshot(event['snapshot']);
  if (typeof event['conversationId'] !== 'string') return false;
  if (event['type'] === 'arrived') return isFields(event['message']);
  return (
    event['type'] === 'messages' &&
    Array.isArray(event['messages']) &&
    Array.isArray(event['removed'])
  );
};

/** What each kind of message has to carry beside its term. */
const engineRules: Record<Exclude<FromEngine['type'], 'starting'>, (data: Fields) => boolean> = {
  engine: ({ snapshot }) => isSnapshot(snapshot),
  event: ({ event }) => isEvent(event),
  taken: ({ tab, id }) => isTab(tab) && isCount(id),
  done: ({ tab, id, outcome }) => isTab(tab) && isCount(id) && isOutcome(outcome),
  announcer: () => true,
  pong: () => true,
  closing: () => true,
};

const isOutcome = (value: unknown): boolean =>
  isFields(value) && (value['ok'] === true || isFields(value['problem']));

/** @returns the message if an engine of ours could have said it */
export function heardFromEngine(data: unknown): FromEngine | null {
  if (!isFields(data) || data['from'] !== 'engine') return null;
  const { type, term } = data;
  if (type === 'starting') return data as FromEngine;
  if (!isCount(term) || typeof type !== 'string' || !Object.hasOwn(engineRules, type)) return null;
  return engineRules[type as keyof typeof engineRules](data) ? (data as FromEngine) : null;
}
