/** Challenges: 32 random bytes, valid once, for a site, an origin and two minutes. */
import { randomBytes } from 'node:crypto';
import type { Database } from '../database/contract.js';
import { execute, queryRows } from '../database/query.js';
import { ServerError } from '../errors.js';
import { limits } from '../limits.js';
import type { Site } from '../sites/service.js';

/** Where a challenge is good. */
export interface Place {
  site: Site;
  origin: string;
}

export interface Challenges {
  issue(place: Place): Promise<{ challenge: Uint8Array; origin: string; expiresAt: number }>;
  /** Takes the challenge out, whatever the signature turns out to be: nobody may try twice.
   * @throws ServerError `challenge_invalid` */
  consume(place: Place, challenge: Uint8Array): Promise<void>;
  /** Forgets those that nobody answered. */
  sweep(): Promise<void>;
}

export function createChallenges(database: Database): Challenges {
  const encoded = (challenge: Uint8Array): string => Buffer.from(challenge).toString('base64url');

  return {
    async issue({ site, origin }) {
      const challenge = new Uint8Array(randomBytes(32));
      const expiresAt = Date.now() + limits.challengeSeconds * 1000;
      await database.write((transaction) =>
        execute(
          database,
          'INSERT INTO challenges (challenge, site_key, origin, expires_at) VALUES ($1, $2, $3, $4)',
          { values: [encoded(challenge), site.key, origin, expiresAt], transaction },
        ),
      );
      return { challenge, origin, expiresAt };
    },

    async consume({ site, origin }, challenge) {
      const rows = await database.write((transaction) =>
        queryRows<{ site_key: string; origin: string; expires_at: number }>(
          database,
          'DELETE FROM challenges WHERE challenge = $1 RETURNING site_key, origin, expires_at',
          { values: [encoded(challenge)], transaction },
        ),
      );
      const [row] = rows;
      const valid =
        row?.site_key === site.key && row.origin === origin && row.expires_at > Date.now();
      if (!valid)
        throw new ServerError(
          'challenge_invalid',
          'challenge unknown, used, expired or of elsewhere',
        );
    },

    async sweep() {
      await database.write((transaction) =>
        execute(database, 'DELETE FROM challenges WHERE expires_at <= $1', {
          values: [Date.now()],
          transaction,
        }),
      );
    },
  };
}
