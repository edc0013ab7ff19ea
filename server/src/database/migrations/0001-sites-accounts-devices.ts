/** Sites, accounts with their handles, devices with their key packages, challenges and sessions. */
import type { MigrationParams } from 'umzug';
import type { MigrationContext } from '../migration.js';

type Parameters = MigrationParams<MigrationContext>;

const tables = [
  'sites',
  'site_origins',
  'accounts',
  'handles',
  'devices',
  'sessions',
  'challenges',
  'key_packages',
];

export async function up({ context: { sequelize, dialect } }: Parameters): Promise<void> {
  const bytes = dialect === 'postgres' ? 'BYTEA' : 'BLOB';
  const serial =
    dialect === 'postgres' ? 'BIGSERIAL PRIMARY KEY' : 'INTEGER PRIMARY KEY AUTOINCREMENT';
  const statements = [
    `CREATE TABLE sites (
      site_key TEXT PRIMARY KEY,
      domain TEXT NOT NULL UNIQUE,
      reach TEXT NOT NULL,
      insecure_allowed BOOLEAN NOT NULL,
      retention_seconds INTEGER NOT NULL,
      created_at BIGINT NOT NULL
    )`,
    `CREATE TABLE site_origins (
      site_key TEXT NOT NULL REFERENCES sites (site_key) ON DELETE CASCADE,
      origin TEXT NOT NULL,
      PRIMARY KEY (site_key, origin)
    )`,
    // A closed account stays: its address must not come back under another key unnoticed.
    `CREATE TABLE accounts (
      id TEXT PRIMARY KEY,
      site_key TEXT NOT NULL REFERENCES sites (site_key),
      address TEXT NOT NULL,
      account_key ${bytes} NOT NULL,
      created_at BIGINT NOT NULL,
      closed_at BIGINT
    )`,
    'CREATE INDEX accounts_address ON accounts (address)',
    // Who has a handle now, or had it last. The primary key is what makes a claim atomic.
    `CREATE TABLE handles (
      site_key TEXT NOT NULL REFERENCES sites (site_key),
      handle TEXT NOT NULL,
      account_id TEXT NOT NULL,
      freed_at BIGINT,
      PRIMARY KEY (site_key, handle)
    )`,
    `CREATE TABLE devices (
      id TEXT PRIMARY KEY,
      account_id TEXT NOT NULL REFERENCES accounts (id),
      signature_key ${bytes} NOT NULL,
      certificate ${bytes} NOT NULL,
      created_at BIGINT NOT NULL,
      revoked_at BIGINT
    )`,
    'CREATE INDEX devices_account ON devices (account_id)',
    `CREATE TABLE sessions (
      token_hash TEXT PRIMARY KEY,
      device_id TEXT NOT NULL REFERENCES devices (id),
      expires_at BIGINT NOT NULL
    )`,
    'CREATE INDEX sessions_device ON sessions (device_id)',
    'CREATE INDEX sessions_expiry ON sessions (expires_at)',
    `CREATE TABLE challenges (
      challenge TEXT PRIMARY KEY,
      site_key TEXT NOT NULL,
      origin TEXT NOT NULL,
      expires_at BIGINT NOT NULL
    )`,
    'CREATE INDEX challenges_expiry ON challenges (expires_at)',
    `CREATE TABLE key_packages (
      id ${serial},
      device_id TEXT NOT NULL REFERENCES devices (id),
      hash TEXT NOT NULL UNIQUE,
      key_package ${bytes} NOT NULL,
      last_resort BOOLEAN NOT NULL,
      expires_at BIGINT NOT NULL
    )`,
    'CREATE INDEX key_packages_device ON key_packages (device_id, last_resort, id)',
    'CREATE INDEX key_packages_expiry ON key_packages (expires_at)',
  ];
  for (const statement of statements) await sequelize.query(statement);
}

export async function down({ context: { sequelize } }: Parameters): Promise<void> {
  for (const table of [...tables].reverse()) await sequelize.query(`DROP TABLE ${table}`);
}
