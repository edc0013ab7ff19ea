/** SFrame in a worker, where a call's frames are encrypted. */
import { answer } from '../chromium/answer.js';
import { measureSframe } from './measure.js';

answer(measureSframe);
