/** How often what may be asked. Kept in memory by every node for itself: enough to make guessing, hoarding
 * and draining slow, and nothing about anybody is written down.
 *
 * | limit | counted per | points | in seconds | guards against |
 * |---|---|---|---|---|
 * | `availability` | address of the client | 60 | 60 | walking through all handles |
 * | `challenge` | address of the client | 60 | 60 | filling the table of challenges |
 * | `signIn` | address of the client | 30 | 60 | trying signatures |
 * | `claim` | address of the client | 10 | 3600 | hoarding handles |
 * | `lookUp` | account | 120 | 60 | walking through all addresses |
 * | `keyPackageClaim` | account | 60 | 60 | draining key packages |
 * | `keyPackageClaimTarget` | claiming and claimed account | 20 | 3600 | draining those of one person |
 * | `keyPackagePublish` | device | 60 | 3600 | signature checks as a load |
 * | `conversationCreate` | account | 60 | 3600 | unwanted conversations |
 * | `callStart` | account | 30 | 60 | unwanted ringing |
 * | `callPair` | account and conversation | 12 | 600 | ringing at one person again and again |
 * | `callUnanswered` | account; given back by an answer | 30 | 3600 | ringing at everybody |
 * | `storedBytes` | account | 134,217,728 | 3600 | filling the disk |
 */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { ServerError } from './errors.js';

const table = {
  availability: { points: 60, seconds: 60 },
  challenge: { points: 60, seconds: 60 },
  signIn: { points: 30, seconds: 60 },
  claim: { points: 10, seconds: 3600 },
  lookUp: { points: 120, seconds: 60 },
  keyPackageClaim: { points: 60, seconds: 60 },
  keyPackageClaimTarget: { points: 20, seconds: 3600 },
  keyPackagePublish: { points: 60, seconds: 3600 },
  conversationCreate: { points: 60, seconds: 3600 },
  callStart: { points: 30, seconds: 60 },
  callPair: { points: 12, seconds: 600 },
  callUnanswered: { points: 30, seconds: 3600 },
  storedBytes: { points: 134_217_728, seconds: 3600 },
} as const;

export type RateLimit = keyof typeof table;
export type RateLimitTable = Record<RateLimit, { points: number; seconds: number }>;

export interface RateLimits {
  /** Takes points, one without `points`. @throws ServerError `too_many` with `retryAfterSeconds` */
  take(limit: RateLimit, key: string, points?: number): Promise<void>;
  /** Gives one point back: what it was taken for turned out well. */
  giveBack(limit: RateLimit, key: string): Promise<void>;
}

/** @param overrides other numbers, for tests. */
export function createRateLimits(overrides: Partial<RateLimitTable> = {}): RateLimits {
  const limiters = new Map(
    Object.entries({ ...table, ...overrides }).map(([name, { points, seconds }]) => [
      name,
      new RateLimiterMemory({ keyPrefix: name, points, duration: seconds }),
    ]),
  );
  return {
    async take(limit, key, points = 1) {
      try {
        await limiters.get(limit)?.consume(key, points);
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error;
        const retryAfterSeconds = Math.max(1, Math.ceil(error.msBeforeNext / 1000));
        throw new ServerError('too_many', `rate limit ${limit}`, { retryAfterSeconds });
      }
    },
    async giveBack(limit, key) {
      await limiters.get(limit)?.reward(key, 1);
    },
  };
}

/** Lifts every limit; for load tests and the suites that are not about limits. */
export const noRateLimits: RateLimits = {
  take: () => Promise.resolve(),
  giveBack: () => Promise.resolve(),
};
