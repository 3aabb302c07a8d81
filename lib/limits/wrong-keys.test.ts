import { expect, test } from "vitest";
import { WrongKeys } from "./wrong-keys";

const NOW = 1_000_000;
const ADDRESS = "192.0.2.7";

test("S11 refuses an address after 30 unknown keys until the minute ends", () => {
  const wrong = new WrongKeys();
  for (let tries = 0; tries < 30; tries++) {
    expect(wrong.waitMs(ADDRESS, NOW + tries)).toBe(0);
    wrong.count(ADDRESS, "", NOW + tries);
  }
  expect(wrong.waitMs(ADDRESS, NOW + 10_000)).toBe(50_000);
  expect(wrong.waitMs("192.0.2.8", NOW + 10_000), "another address").toBe(0);
  expect(wrong.waitMs(ADDRESS, NOW + 60_000)).toBe(0);
});

test("S11 counts an IPv6 /64 network as one address", () => {
  const wrong = new WrongKeys();
  for (let tries = 0; tries < 30; tries++) wrong.count(`2001:db8:1:2::${tries.toString(16)}`, "", NOW);
  expect(wrong.waitMs("2001:db8:1:2:ffff::1", NOW)).toBe(60_000);
  expect(wrong.waitMs("2001:db8:1:3::1", NOW), "its neighbor").toBe(0);
  expect(wrong.waitMs("::ffff:192.0.2.7", NOW), "an IPv4 address").toBe(0);

  const ends = Array.from({ length: 30 }, (_, index) => wrong.lookUp(`2001:db8:1:4::${index}`));
  expect(wrong.waitMs("2001:db8:1:4:1::", NOW), "its look-ups too").toBeGreaterThan(0);
  for (const end of ends) end();
  expect(wrong.waitMs("2001:db8:1:4:1::", NOW)).toBe(0);
});

test("S11 remembers an unknown key for 30 s, also when it is sent again", () => {
  const wrong = new WrongKeys();
  wrong.count(ADDRESS, "hash", NOW);
  wrong.count(ADDRESS, "hash", NOW + 20_000);
  expect(wrong.isUnknown("hash", NOW + 29_999)).toBe(true);
  expect(wrong.isUnknown("hash", NOW + 30_000)).toBe(false);
});

test("S11 remembers a bounded number of keys and forgets the oldest first", () => {
  const wrong = new WrongKeys();
  for (let index = 0; index <= 10_000; index++) wrong.count(`address ${index}`, `hash ${index}`, NOW);
  expect(wrong.isUnknown("hash 0", NOW)).toBe(false);
  expect(wrong.isUnknown("hash 1", NOW)).toBe(true);
  expect(wrong.isUnknown("hash 10000", NOW)).toBe(true);
});
