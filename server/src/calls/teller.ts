/** Tells devices what happens to a call, through the bus. */
import type { Logger } from '../logging.js';
import type { Bus, Topic } from '../realtime/contract.js';
import type { Recipient } from './call-state.js';
import type { CallEvent } from './contract.js';
import type { CallDirectory } from './ports.js';

export interface TellerOptions {
  bus: Bus;
  directory: CallDirectory;
  logger: Logger;
}

/** Publishes one event to one recipient; never rejects, for nobody waits for it. */
export type Teller = (to: Recipient, call: CallEvent) => Promise<void>;

export function createTeller({ bus, directory, logger }: TellerOptions): Teller {
  async function topicsOf(to: Recipient): Promise<Topic[]> {
    if ('deviceId' in to) return [`device:${to.deviceId}`];
    if (to.except === undefined) return [`account:${to.accountId}`];
    const devices = await directory.devicesOfAccounts([to.accountId]);
    return devices
      .filter(({ accountId, deviceId }) => accountId === to.accountId && deviceId !== to.except)
      .map(({ deviceId }): Topic => `device:${deviceId}`);
  }

  return async (to, call) => {
    try {
      bus.publish(await topicsOf(to), { type: 'call', call });
    } catch (error) {
      logger.error({ err: error, call: call.callId }, 'a call event was not told');
    }
  };
}
