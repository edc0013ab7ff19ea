import { describeBus } from '../../test/bus-contract.js';
import { createInProcessBus } from './in-process.js';

describeBus(
  'in process',
  () => createInProcessBus(),
  () => Promise.resolve(),
);
