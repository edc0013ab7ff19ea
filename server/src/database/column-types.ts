/** Column types that mean the same on SQLite and on PostgreSQL. */
import { DataTypes } from 'sequelize';

export const columnTypes = {
  /** Ids of the wire: 22 base64url characters. */
  id: DataTypes.STRING(22),
  /** A full address, `@handle@domain`. */
  address: DataTypes.STRING(300),
  /** BLOB or BYTEA, read as a Buffer. */
  bytes: DataTypes.BLOB,
  /** Counters, `seq`, epochs, and instants in milliseconds since 1970: 64 bits, read as numbers. */
  bigInteger: DataTypes.BIGINT,
  /** Small numbers: 32 bits. */
  integer: DataTypes.INTEGER,
  boolean: DataTypes.BOOLEAN,
} as const;
