/** Three tabs of one person are one device: each can write, all are live, and any of them may go. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Person } from '../fixtures/person.js';
import { World } from '../fixtures/world.js';

describe('three tabs of one person', () => {
  let world: World;
  let ada: Person;
  let tabs: Person[];

  beforeAll(async () => {
    world = await World.create();
    const two = await world.twoPeople();
    ada = two.ada;
    await ada.send('hello');
    await two.ben.openConversation(/ada/i);
    await two.ben.sees('hello');
    const context = two.ben.page.context();
    tabs = [two.ben];
    for (let index = 1; index < 3; index += 1) {
      const tab = await Person.visit(context, two.ben.page.url(), 'ben');
      await tab.open();
      await tab.openConversation(/ada/i);
      await tab.sees('hello');
      tabs.push(tab);
    }
  });
  afterAll(() => world[Symbol.asyncDispose]());

  it('each one sends, and all show it', async () => {
    for (const [index, tab] of tabs.entries()) await tab.send(`from tab ${String(index)}`);
    for (const reader of [...tabs, ada])
      for (const index of tabs.keys()) await reader.sees(`from tab ${String(index)}`);
  });

  it('an answer shows in all of them', async () => {
    await ada.send('to all your tabs');
    for (const tab of tabs) await tab.sees('to all your tabs');
  });

  it('the device has one connection to the server, whatever the number of tabs', async () => {
    const live = await fetch(`${world.server.url}/metrics`).then((answer) => answer.text());
    const connections = /^parley_connections(?:\{[^}]*\})? (\d+)/m.exec(live)?.[1];
    expect(connections).toBe('2');
  });

  it('the owner closes, in the middle of a message, and another takes over', async () => {
    const [owner, second, third] = tabs;
    void owner!.send('last words of the first tab');
    await second!.sees('last words of the first tab');
    await owner!.page.close();
    await second!.send('second goes on');
    await third!.send('third goes on');
    for (const reader of [second!, third!, ada]) {
      await reader.sees('second goes on');
      await reader.sees('third goes on');
    }
    await ada.send('still there?');
    for (const reader of [second!, third!]) await reader.sees('still there?');
    tabs = [second!, third!];
  });

  it('no tab shows anything twice', async () => {
    for (const reader of [...tabs, ada]) {
      const texts = (await reader.readAll()).map(({ text }) => text);
      expect(new Set(texts).size).toBe(texts.length);
    }
  });
});
