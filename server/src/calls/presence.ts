/** Asks again and again which devices in calls are connected, and tells calls the time. */
import type { DeviceId } from '../ids.js';
import type { Logger } from '../logging.js';
import type { Bus } from '../realtime/contract.js';
import type { CallInput } from './call-state.js';
import type { LiveCall, LiveCalls } from './live-calls.js';

/** How often it is asked which devices in calls are connected. */
const presenceMs = 2_000;
const usualTickMs = 1_000;

export interface PresenceOptions {
  calls: LiveCalls;
  bus: Bus;
  logger: Logger;
  tickMs?: number | undefined;
  apply: (call: LiveCall, input: CallInput) => void;
}

/** Runs until the signal aborts. */
export function watchPresence(options: PresenceOptions, signal: AbortSignal): void {
  const { calls, bus, logger, tickMs = usualTickMs, apply } = options;
  let looking = false;
  let lookedAt = 0;

  const isPresent = (deviceId: DeviceId) => bus.hasSubscribers(`device:${deviceId}`);
  const look = async (): Promise<void> => {
    for (const call of calls.all()) {
      for (const { deviceId } of call.state.participants) {
        const present = await isPresent(deviceId);
        apply(call, { type: 'presence', deviceId, present });
      }
    }
  };
  const tick = async (): Promise<void> => {
    for (const call of calls.all()) apply(call, { type: 'tick' });
    // One look at a time, however slow the bus is.
    if (looking || Date.now() - lookedAt < presenceMs) return;
    looking = true;
    try {
      await look();
    } catch (error) {
      logger.warn({ err: error }, 'the bus did not say who is connected');
    } finally {
      looking = false;
      lookedAt = Date.now();
    }
  };

  const timer = setInterval(() => void tick(), tickMs);
  timer.unref();
  signal.addEventListener('abort', () => {
    clearInterval(timer);
  });
}
