import { createMemoryStore } from './memory.js';
import { describeStore } from '../test/store-contract.js';

describeStore('memory store', async () => ({ store: createMemoryStore() }));
