/** MLS in a worker of a browser, where the engine lives. */
import { answer } from '../chromium/answer.js';
import { measureMls } from './measure.js';

answer(measureMls);
