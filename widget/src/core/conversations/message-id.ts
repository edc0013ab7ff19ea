import { randomBytes, toBase64Url } from '../bytes.js';
import type { MessageId } from '../ids.js';

/** A fresh id: the same inside MLS and on the envelope. */
export const newMessageId = (): MessageId => toBase64Url(randomBytes(16)) as MessageId;
