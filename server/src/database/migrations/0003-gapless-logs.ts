/** On SQLite the log of a conversation moves its own head: appending is one statement, and a gap cannot be stored.
 * On PostgreSQL one statement does that without help. */
import type { MigrationParams } from 'umzug';
import type { MigrationContext } from '../migration.js';

type Parameters = MigrationParams<MigrationContext>;

export async function up({ context: { sequelize, dialect } }: Parameters): Promise<void> {
  if (dialect !== 'sqlite') return;
  // A commit (kind 1) ends the epoch that it was made in.
  await sequelize.query(`
    CREATE TRIGGER envelopes_move_head AFTER INSERT ON envelopes BEGIN
      UPDATE conversations
      SET head = NEW.seq, epoch = CASE NEW.kind WHEN 1 THEN NEW.epoch + 1 ELSE epoch END
      WHERE id = NEW.conversation_id AND head = NEW.seq - 1;
      SELECT RAISE(ABORT, 'a gap in the log') WHERE changes() = 0;
    END`);
}

export async function down({ context: { sequelize, dialect } }: Parameters): Promise<void> {
  if (dialect === 'sqlite') await sequelize.query('DROP TRIGGER envelopes_move_head');
}
