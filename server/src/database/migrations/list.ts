/** Every migration, oldest first. New ones go to the end; a published one is never changed. */
import type { Migration } from '../migration.js';
import * as sitesAccountsDevices from './0001-sites-accounts-devices.js';
import * as conversations from './0002-conversations.js';
import * as gaplessLogs from './0003-gapless-logs.js';

export const migrations: readonly Migration[] = [
  { name: '0001-sites-accounts-devices', ...sitesAccountsDevices },
  { name: '0002-conversations', ...conversations },
  { name: '0003-gapless-logs', ...gaplessLogs },
];
