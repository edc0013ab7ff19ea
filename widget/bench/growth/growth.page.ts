/** A growing history in a worker of a browser, where the engine lives. */
import { answer } from '../chromium/answer.js';
import { measureGrowth } from './measure.js';

answer(measureGrowth);
