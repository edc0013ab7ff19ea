/** Every command has a story that takes every crash point of it: a new one without a story fails here. */
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { handlers } from '../client/commands.js';
import type { Command } from '../index.js';

/** The file and the title of the test that enumerates a command's writes. */
type Story = readonly [file: string, title: string];

const people = 'torture/crash-points-people.test.ts';
const calls = 'torture/crash-points-calls.test.ts';
const rows = 'torture/crash-points-rows.test.ts';
const marks: Story = ['torture/crash-points.test.ts', 'while names, settings and marks are set'];
const silent: Story = [rows, 'has no chance where nothing is written'];
const failed: Story = [rows, 'while what failed is retried and discarded'];
const caller: Story = [calls, 'of who calls and takes it back'];
const callee: Story = [calls, 'of whom it rings at, who %s'];

const stories: Record<Command['type'], Story> = {
  check_handle: silent,
  claim_handle: [rows, 'while key packages are made and published'],
  set_display_name: marks,
  open_conversation: ['crash-points.test.ts', 'while beginning a conversation'],
  send_text: ['crash-points.test.ts', 'while sending and receiving'],
  retry: failed,
  discard: failed,
  history: silent,
  mark_read: marks,
  safety_number: silent,
  set_verified: marks,
  accept_key: [people, 'while the changed key of somebody who %s is accepted'],
  set_sound: marks,
  start_call: caller,
  answer_call: callee,
  decline_call: callee,
  hang_up: caller,
  set_microphone: callee,
  set_camera: callee,
  dismiss_call: callee,
  reconnect: silent,
  sign_out: [people, 'while signing out and revoking the device'],
};

/** How a story gives the commands that have a name of their own in the tests. */
const spoken: Partial<Record<Command['type'], string>> = {
  open_conversation: 'open(',
  send_text: '.say(',
};

it('of every command is enumerated', () => {
  expect(Object.keys(stories).sort()).toEqual(Object.keys(handlers).sort());
});

it.each(Object.entries(stories))('%s is given in its story', async (type, [file, title]) => {
  const source = await readFile(new URL(file, import.meta.url), 'utf8');
  expect(source).toContain(title);
  expect(source).toContain(spoken[type as Command['type']] ?? `type: '${type}'`);
});
