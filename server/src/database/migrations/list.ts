/** Every migration, oldest first. New ones go to the end; a published one is never changed. */
import type { Migration } from '../migration.js';
import * as conversations from './0002-conversations.js';

export const migrations: readonly Migration[] = [{ name: '0002-conversations', ...conversations }];
