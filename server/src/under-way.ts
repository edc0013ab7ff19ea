/** Which requests of each device are being answered: whoever takes over from another instance of a device's client waits
 * for what that one has still under way, so that everything it said is in the log that the new one reads. */
import type { DeviceId } from './ids.js';

export interface UnderWay {
  /** Counts a request in; the function it gives counts it out. */
  enter(deviceId: DeviceId): () => void;
  /** Resolves when the device has nothing under way; `null`: it has nothing now. */
  idle(deviceId: DeviceId): Promise<void> | null;
}

interface Requests {
  count: number;
  readonly waiting: (() => void)[];
}

export function createUnderWay(): UnderWay {
  /** Only devices with requests under way. */
  const devices = new Map<DeviceId, Requests>();
  return {
    enter(deviceId) {
      const requests = devices.get(deviceId) ?? { count: 0, waiting: [] };
      devices.set(deviceId, requests);
      requests.count += 1;
      return () => {
        requests.count -= 1;
        if (requests.count > 0) return;
        devices.delete(deviceId);
        for (const wake of requests.waiting) wake();
      };
    },
    idle(deviceId) {
      const requests = devices.get(deviceId);
      if (requests === undefined) return null;
      return new Promise((resolve) => requests.waiting.push(resolve));
    },
  };
}
