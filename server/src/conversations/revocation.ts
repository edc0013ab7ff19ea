/** A device that is no longer in use: nothing waits for it any more. */
import type { Database } from '../database/contract.js';
import { execute, queryRows } from '../database/query.js';
import type { ConversationId, DeviceId } from '../ids.js';
import { dropWelcome } from './acknowledgements.js';

/** Deletes the device's cursors and Welcomes.
 * @returns the conversations that it was in. */
export async function forgetDevice(
  database: Database,
  deviceId: DeviceId,
): Promise<ConversationId[]> {
  return database.write(async (transaction) => {
    const values = [deviceId];
    const joined = await queryRows<{ conversation_id: ConversationId }>(
      database,
      'SELECT conversation_id FROM cursors WHERE device_id = $1',
      { values, transaction },
    );
    const waiting = await queryRows<{ conversation_id: ConversationId; seq: number }>(
      database,
      'SELECT conversation_id, seq FROM welcome_recipients WHERE device_id = $1',
      { values, transaction },
    );
    for (const { conversation_id: conversationId, seq } of waiting) {
      await dropWelcome({ database, transaction }, { conversationId, deviceId, seq });
    }
    await execute(database, 'DELETE FROM cursors WHERE device_id = $1', { values, transaction });
    return joined.map((row) => row.conversation_id);
  });
}
