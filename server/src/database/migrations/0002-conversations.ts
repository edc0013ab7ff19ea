/** Conversations: who is in them, their log, and what a device needs to join. */
import type { MigrationParams } from 'umzug';
import type { MigrationContext } from '../migration.js';

const tables = [
  'cursors',
  'welcome_recipients',
  'welcomes',
  'group_infos',
  'envelopes',
  'conversation_members',
  'conversations',
];

/** Plain SQL, because clustering matters here: what SQLite calls `WITHOUT ROWID`, Sequelize cannot say. */
export async function up({
  context: { sequelize, dialect },
}: MigrationParams<MigrationContext>): Promise<void> {
  const bytes = dialect === 'sqlite' ? 'BLOB' : 'BYTEA';
  const clustered = dialect === 'sqlite' ? 'WITHOUT ROWID' : '';
  const statements = [
    // `direct_key`: both account ids, sorted. Unique, so two accounts have one direct conversation.
    // `purged_to`: every ciphertext up to this seq is deleted.
    `CREATE TABLE conversations (
      id VARCHAR(22) NOT NULL PRIMARY KEY,
      direct_key VARCHAR(45) UNIQUE,
      site_key VARCHAR(25) NOT NULL,
      creator_device VARCHAR(22) NOT NULL,
      suite INTEGER NOT NULL,
      epoch BIGINT NOT NULL,
      head BIGINT NOT NULL,
      purged_to BIGINT NOT NULL,
      created_at BIGINT NOT NULL
    ) ${clustered}`,
    `CREATE TABLE conversation_members (
      conversation_id VARCHAR(22) NOT NULL REFERENCES conversations (id),
      account_id VARCHAR(22) NOT NULL,
      address VARCHAR(300) NOT NULL,
      PRIMARY KEY (conversation_id, account_id)
    ) ${clustered}`,
    'CREATE INDEX conversation_members_by_account ON conversation_members (account_id, conversation_id)',
    // No foreign key here: it would be checked for each of thousands of rows a second, and the service
    // has read the conversation in the same transaction anyway. `kind`: 0 message, 1 commit.
    // Not clustered on SQLite: appending at one end stored 15,700 rows a second here, by key 10,600.
    // `digest` outlives the ciphertext, so that a late retry still gets its answer.
    `CREATE TABLE envelopes (
      conversation_id VARCHAR(22) NOT NULL,
      seq BIGINT NOT NULL,
      kind SMALLINT NOT NULL,
      id VARCHAR(22) NOT NULL,
      sender_device VARCHAR(22) NOT NULL,
      epoch BIGINT NOT NULL,
      ciphertext ${bytes},
      digest ${bytes} NOT NULL,
      stored_at BIGINT NOT NULL,
      PRIMARY KEY (conversation_id, seq)
    )`,
    'CREATE UNIQUE INDEX envelopes_by_sender ON envelopes (sender_device, id)',
    `CREATE TABLE group_infos (
      conversation_id VARCHAR(22) NOT NULL PRIMARY KEY REFERENCES conversations (id),
      epoch BIGINT NOT NULL,
      seq BIGINT NOT NULL,
      group_info ${bytes} NOT NULL
    )`,
    // A Welcome is kept once for all the devices that wait for it.
    `CREATE TABLE welcomes (
      conversation_id VARCHAR(22) NOT NULL REFERENCES conversations (id),
      seq BIGINT NOT NULL,
      welcome ${bytes} NOT NULL,
      PRIMARY KEY (conversation_id, seq)
    )`,
    `CREATE TABLE welcome_recipients (
      conversation_id VARCHAR(22) NOT NULL REFERENCES conversations (id),
      device_id VARCHAR(22) NOT NULL,
      seq BIGINT NOT NULL,
      PRIMARY KEY (conversation_id, device_id)
    ) ${clustered}`,
    'CREATE INDEX welcome_recipients_by_device ON welcome_recipients (device_id)',
    // A row per device that has joined: what it has not acknowledged is kept for it.
    `CREATE TABLE cursors (
      conversation_id VARCHAR(22) NOT NULL REFERENCES conversations (id),
      device_id VARCHAR(22) NOT NULL,
      account_id VARCHAR(22) NOT NULL,
      seq BIGINT NOT NULL,
      PRIMARY KEY (conversation_id, device_id)
    ) ${clustered}`,
    'CREATE INDEX cursors_by_device ON cursors (device_id)',
  ];
  for (const statement of statements) await sequelize.query(statement);
}

export async function down({
  context: { sequelize },
}: MigrationParams<MigrationContext>): Promise<void> {
  for (const table of tables) await sequelize.query(`DROP TABLE ${table}`);
}
