/** What the composition root hands to every request. */
import type { AccountsService } from './accounts/service.js';
import type { Activity } from './activity.js';
import type { CallsService } from './calls/service.js';
import type { ConversationsService } from './conversations/service.js';
import type { DevicesService } from './devices/service.js';
import type { Logger } from './logging.js';
import type { RateLimits } from './rate-limits.js';
import type { Bus } from './realtime/contract.js';
import type { SitesService } from './sites/service.js';
import type { UnderWay } from './under-way.js';

export interface Services {
  readonly sites: SitesService;
  readonly accounts: AccountsService;
  readonly devices: DevicesService;
  readonly conversations: ConversationsService;
  readonly calls: CallsService;
  readonly bus: Bus;
  readonly rateLimits: RateLimits;
  readonly activity: Activity;
  readonly underWay: UnderWay;
  readonly logger: Logger;
}
