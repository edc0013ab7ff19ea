/** What the person set on this device. */
import type { Store } from '../store/contract.js';

export interface Settings {
  readonly sound: boolean;
  setSound(sound: boolean): Promise<void>;
}

export async function loadSettings(store: Store): Promise<Settings> {
  let sound = (await store.get('meta', ['sound'])) !== false;
  return {
    get sound() {
      return sound;
    },
    async setSound(value) {
      await store.commit([{ table: 'meta', key: ['sound'], value }]);
      sound = value;
    },
  };
}
