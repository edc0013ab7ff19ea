import {
  createApplicationMessage,
  createCommit,
  decode,
  defaultCryptoProvider,
  encode,
  joinGroup,
  mlsMessageDecoder,
  mlsMessageEncoder,
  processMessage,
  unsafeTestingAuthenticationService,
  wireformats,
  type ClientState,
  type MlsContext,
  type MlsFramedMessage,
} from 'ts-mls';
import { expect, test } from 'vitest';
import { utf8 } from '../../bytes.js';
import { suiteNumber } from '../crypto/suite.js';
import {
  commit,
  createGroup,
  encrypt,
  epochAuthenticator,
  exporter,
  generateKeyPackage,
  open,
} from '../index.js';
import { decodeKeyPackagePair } from '../key-package.js';
import { newConversationId, person, trustIn } from './people.js';

function decoded(bytes: Uint8Array) {
  const message = decode(mlsMessageDecoder, bytes);
  if (message === undefined) throw new Error('does not decode');
  return message;
}

test("a member on the library's own crypto provider and one on ours share a group", async () => {
  const [alice, bob] = [await person('alice'), await person('bob')];
  const trust = trustIn(alice, bob);
  const package_ = await generateKeyPackage(bob);
  const keyPackages = [package_.publicBytes];
  const founded = await createGroup({
    identity: alice,
    conversationId: newConversationId(),
    keyPackages,
    trust,
  });
  const context: MlsContext = {
    cipherSuite: await defaultCryptoProvider.getCiphersuiteImpl(suiteNumber),
    authService: unsafeTestingAuthenticationService,
  };

  const welcome = decoded(founded.welcome);
  if (welcome.wireformat !== wireformats.mls_welcome) throw new Error('no Welcome');
  const { publicPackage, privatePackage } = decodeKeyPackagePair(package_.privateBytes);
  let theirs: ClientState = await joinGroup({
    context,
    welcome: welcome.welcome,
    keyPackage: publicPackage,
    privateKeys: privatePackage,
  });
  let ours = founded.group;
  const agree = () => {
    expect(theirs.keySchedule.epochAuthenticator).toEqual(epochAuthenticator(ours));
  };
  agree();

  for (let round = 0; round < 3; round += 1) {
    const fromUs = await encrypt(ours, utf8(`ours ${String(round)}`));
    const atThem = await processMessage({
      context,
      state: theirs,
      message: decoded(fromUs.ciphertext) as MlsFramedMessage,
    });
    expect(atThem).toMatchObject({
      kind: 'applicationMessage',
      message: utf8(`ours ${String(round)}`),
    });
    const fromThem = await createApplicationMessage({
      context,
      state: atThem.newState,
      message: utf8('theirs'),
    });
    const opened = await open(fromUs.group, encode(mlsMessageEncoder, fromThem.message), trust);
    expect(opened).toMatchObject({
      kind: 'application',
      content: utf8('theirs'),
      sender: { deviceId: bob.deviceId },
    });

    const update = await commit(opened.group, { trust });
    theirs = (
      await processMessage({
        context,
        state: fromThem.newState,
        message: decoded(update.commit) as MlsFramedMessage,
      })
    ).newState;
    ours = update.group;
    agree();

    const theirUpdate = await createCommit({ context, state: theirs });
    theirs = theirUpdate.newState;
    ours = (await open(ours, encode(mlsMessageEncoder, theirUpdate.commit), trust)).group;
    agree();
  }
  expect(await exporter(ours, { label: 'x', context: utf8('y'), length: 32 })).toHaveLength(32);
});
