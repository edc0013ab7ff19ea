/** This device's account: claimed once, proved to the server at every log-in. */
import type { Address } from '../ids.js';
import { createAccountIdentity, parseHandle, proveDevice } from '../identity/index.js';
import type { DeviceIdentity } from '../mls/index.js';
import { ProblemError } from '../snapshot.js';
import type { Store, Write } from '../store/contract.js';
import type { Connection, SessionGrant, WireDevice } from '../transport/contract.js';
import { TransportError } from '../transport/errors.js';

/** `claiming`: made and stored, and the server may have taken it; it is gone on with at the next connection.
 * `registering`: a further device of an account whose key is here. */
export interface StoredIdentity {
  identity: DeviceIdentity;
  handle: string;
  status: 'claiming' | 'registering' | 'ready';
}

interface StoredSession {
  token: Uint8Array;
  expiresAt: number;
}

export interface Account {
  readonly stored: StoredIdentity | null;
  readonly displayName: string | undefined;
  /** The person is signing out, and was cut off. */
  readonly leaving: boolean;
  /** The token to connect with; `null` without one that still holds. */
  session(now: number): Uint8Array | null;
  /** Claims a handle of the site for a new account. What an earlier attempt left unfinished is finished or undone.
   * @throws ProblemError `handle_invalid`; TransportError `handle_taken`, `handle_reserved`, ... */
  claim(
    connection: Connection,
    input: { handle: string; domain: string; displayName?: string },
  ): Promise<void>;
  /** Goes on with a claim or registration that was cut off. Does nothing when there is none. */
  proceed(connection: Connection): Promise<void>;
  logIn(connection: Connection): Promise<void>;
  setDisplayName(name: string): Promise<void>;
  /** Stores that the person signs out. */
  leave(): Promise<void>;
}

export interface AccountPorts {
  store: Store;
  siteKey: string;
  /** Origin of the page: what the server says it saw must be this. */
  origin: string;
}

export async function loadAccount({ store, siteKey, origin }: AccountPorts): Promise<Account> {
  let stored = ((await store.get('meta', ['identity'])) as StoredIdentity | undefined) ?? null;
  let session = ((await store.get('meta', ['session'])) as StoredSession | undefined) ?? null;
  let displayName = (await store.get('meta', ['display_name'])) as string | undefined;
  const leaving = (await store.get('meta', ['leaving'])) === true;

  const prove = async (connection: Connection, identity: DeviceIdentity) => {
    const answer = await connection.challenge();
    // Signed for another page's origin, the proof could be carried there.
    if (answer.origin !== origin) throw new TransportError('answer_malformed');
    return proveDevice(identity, { siteKey, origin, challenge: answer.challenge });
  };
  const accept = async (
    connection: Connection,
    grant: SessionGrant,
    next: StoredIdentity,
  ): Promise<void> => {
    const { address, deviceId } = next.identity;
    if (grant.address !== address || grant.deviceId !== deviceId)
      throw new TransportError('answer_malformed');
    const { token, expiresAt } = grant;
    await store.commit([put('identity', next), put('session', { token, expiresAt })]);
    stored = next;
    session = { token, expiresAt };
    connection.setSession(token);
  };
  const logIn = async (connection: Connection, next: StoredIdentity): Promise<void> => {
    const { identity } = next;
    const grant = await connection.logIn({
      deviceId: identity.deviceId,
      proof: await prove(connection, identity),
    });
    await accept(connection, grant, { ...next, status: 'ready' });
  };

  /** The claim may have reached the server without its answer reaching this device: then the log-in works. */
  const finishClaim = async (connection: Connection, pending: StoredIdentity): Promise<void> => {
    const { identity, handle } = pending;
    const proof = await prove(connection, identity);
    try {
      const accountKey = identity.accountKey.publicKey;
      const grant = await connection.claim({
        handle,
        accountKey,
        device: wireDevice(identity),
        proof,
      });
      await accept(connection, grant, { ...pending, status: 'ready' });
    } catch (error) {
      if (!(error instanceof TransportError) || !isFinal(error)) throw error;
      const claimedBefore = await logIn(connection, pending).then(
        () => true,
        (failure: unknown) => {
          if (failure instanceof TransportError && isFinal(failure)) return false;
          throw failure;
        },
      );
      if (claimedBefore) return;
      await store.commit([put('identity', undefined), put('session', undefined)]);
      stored = null;
      throw error;
    }
  };

  const proceed = async (connection: Connection): Promise<void> => {
    if (stored?.status === 'claiming') await finishClaim(connection, stored);
    if (stored?.status !== 'registering') return;
    const { identity } = stored;
    const proof = await prove(connection, identity);
    const device = wireDevice(identity);
    try {
      const grant = await connection.registerDevice({ address: identity.address, device, proof });
      await accept(connection, grant, { ...stored, status: 'ready' });
    } catch (error) {
      if (!(error instanceof TransportError && error.code === 'device_exists')) throw error;
      await logIn(connection, stored);
    }
  };

  const setDisplayName = async (name: string): Promise<void> => {
    await store.commit([put('display_name', name === '' ? undefined : name)]);
    displayName = name === '' ? undefined : name;
  };

  return {
    get stored() {
      return stored;
    },
    get displayName() {
      return displayName;
    },
    leaving,
    session: (now) => (session !== null && session.expiresAt > now ? session.token : null),
    async claim(connection, input) {
      const handle = parseHandle(input.handle);
      if (handle === null) throw new ProblemError({ code: 'handle_invalid' });
      if (stored !== null && stored.handle !== handle) await abandon(connection);
      if (stored === null) {
        const identity = await createAccountIdentity(`@${handle}@${input.domain}` as Address);
        const pending: StoredIdentity = { identity, handle, status: 'claiming' };
        // Before anything is sent: a crash from here on goes on with the same keys.
        await store.commit([put('identity', pending)]);
        stored = pending;
      }
      if (input.displayName !== undefined) await setDisplayName(input.displayName);
      await proceed(connection);
    },
    proceed,
    async logIn(connection) {
      if (stored !== null) await logIn(connection, stored);
    },
    setDisplayName,
    leave: () => store.commit([put('leaving', true)]),
  };

  /** Another handle was chosen while a claim hung: what the server may hold of it is given back. */
  async function abandon(connection: Connection): Promise<void> {
    try {
      await proceed(connection);
      if (stored !== null) await connection.revokeDevice(stored.identity.deviceId);
    } catch (error) {
      if (!(error instanceof TransportError) || !isFinal(error)) throw error;
    }
    await store.commit([put('identity', undefined), put('session', undefined)]);
    stored = null;
    session = null;
  }
}

const put = (name: string, value: unknown): Write => ({ table: 'meta', key: [name], value });

const wireDevice = ({ deviceId, deviceKey, certificate }: DeviceIdentity): WireDevice => ({
  id: deviceId,
  signatureKey: deviceKey.publicKey,
  certificate,
});

/** Whether the server has decided, so that the same request would be answered in the same way. */
const isFinal = ({ code }: TransportError): boolean =>
  ![
    'offline',
    'timeout',
    'unavailable',
    'too_many',
    'internal',
    'answer_malformed',
    'challenge_invalid',
  ].includes(code);
