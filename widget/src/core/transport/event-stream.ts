/** Bodies of HTTP answers, bounded: whole texts, and server-sent events as they come. */
import { TransportError } from './errors.js';
import { transportLimits } from './limits.js';

/** Base64 is a third longer than the bytes. */
const charactersMax = 2 * transportLimits.frameBytesMax;

/** Reads a body to its end.
 * @param onText is given what has come and is not taken yet, and returns what of it is left to wait.
 * @throws TransportError `answer_malformed` when too much waits. */
async function readText(body: Body, onText: (text: string) => string): Promise<string> {
  const reader = body.body?.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    const read = await reader?.read();
    if (read === undefined || read.done) return text;
    text = onText(text + decoder.decode(read.value, { stream: true }));
    if (text.length > charactersMax) {
      void reader?.cancel().catch(() => undefined);
      throw new TransportError('answer_malformed');
    }
  }
}

/** The whole text of an answer. @throws TransportError `answer_malformed` when it is too long. */
export const readAnswer = (response: Body): Promise<string> => readText(response, (text) => text);

/** Tells of every event until the stream ends.
 * @param onEvent its type (`message` where none is named) and its data.
 * @param onSign called at everything that comes.
 * @throws TransportError `answer_malformed` for an event that is too long.
 * Source: HTML, section 9.2 (server-sent events). Unlike a browser's, it sends headers and does not reconnect. */
export async function readEvents(
  response: Body,
  { onEvent, onSign }: { onEvent: (type: string, data: string) => void; onSign: () => void },
): Promise<void> {
  await readText(response, (text) => {
    onSign();
    const blocks = text.split(/\r?\n\r?\n/);
    const rest = blocks.pop() ?? '';
    for (const block of blocks) readBlock(block, onEvent);
    return rest;
  });
}

function readBlock(block: string, onEvent: (type: string, data: string) => void): void {
  let type = 'message';
  const data: string[] = [];
  for (const line of block.split(/\r?\n/)) {
    const [, field = '', value = ''] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
    if (field === 'event') type = value;
    if (field === 'data') data.push(value);
  }
  if (data.length > 0) onEvent(type, data.join('\n'));
}
