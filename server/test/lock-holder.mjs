/** A process of its own that holds SQLite's write lock on a file from start to end; says `held` once it does. */
import sqlite from 'sqlite3';

const database = new sqlite.Database(process.argv[2]);
database.configure('busyTimeout', 10_000);
database.exec('BEGIN IMMEDIATE', (error) => {
  if (error !== null) throw error;
  process.stdout.write('held\n');
});
process.stdin.resume();
