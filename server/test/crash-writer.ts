/** The process that `crash.test.ts` kills: sends without end, and prints each answer only once it has it. */
import { writeSync } from 'node:fs';
import { createDatabase } from '../src/database/connection.js';
import { message, World } from './conversation-world.js';
import type { DatabasePlace } from './databases.js';

const senders = 50;
const standardOutput = 1;

const world = new World(await createDatabase(JSON.parse(process.argv[2] ?? '{}') as DatabasePlace));
const { alice, bob, conversationId } = await world.pair();
writeSync(standardOutput, `${JSON.stringify({ alice, conversationId })}\n`);

async function sendWithoutEnd(index: number): Promise<never> {
  for (;;) {
    const draft = message(conversationId, 'x'.repeat(1 + ((index * 37) % 2_000)));
    const { seq } = await world.conversations.send(index % 2 === 0 ? alice : bob, draft);
    // Synchronous: what the killed process has said, it has said.
    writeSync(standardOutput, `${seq} ${draft.id}\n`);
  }
}

await Promise.all(Array.from({ length: senders }, (_, index) => sendWithoutEnd(index)));
